using System.Text;

namespace RaftKv.Dashboard.Api;

/// <summary>A request as a line that can be pasted into a shell. A pure function.</summary>
internal static class CurlText
{
    // Where who pastes it has his token: as raftkvctl takes it. Double quotes, so that the shell puts it in.
    private const string TokenHeader = " -H \"Authorization: Bearer $RAFTKV_AUTH_TOKEN\"";

    /// <summary>The line. A body that is not text is decoded from base64 by the shell.</summary>
    /// <param name="needsToken">Rights are in force: the line says where the token goes, and never has it.</param>
    public static string Of(Uri node, ApiRequest request, bool needsToken = false)
    {
        var line = new StringBuilder();
        string? text = request.Body is { } body ? TextOf(body.Span) : null;
        if (request.Body is { } bytes && text is null)
        {
            line.Append("printf %s ").Append(Convert.ToBase64String(bytes.Span)).Append(" | base64 -d | ");
        }

        line.Append("curl -i");
        if (request.Method != "GET")
        {
            line.Append(" -X ").Append(request.Method);
        }

        if (needsToken)
        {
            line.Append(TokenHeader);
        }

        foreach ((string name, string value) in request.Headers)
        {
            line.Append(" -H ").Append(Quote($"{name}: {value}"));
        }

        if (request.Body is not null)
        {
            line.Append(" -H ").Append(Quote("Content-Type: " + request.ContentType));
            line.Append(" --data-binary ").Append(text is null ? "@-" : Quote(text));
        }

        return line.Append(' ').Append(Quote(new Uri(node, request.Target).AbsoluteUri)).ToString();
    }

    // Inside single quotes a shell changes nothing; the quote itself steps out and back in.
    private static string Quote(string text) => "'" + text.Replace("'", "'\\''", StringComparison.Ordinal) + "'";

    private static string? TextOf(ReadOnlySpan<byte> body)
    {
        // A body that begins with @ would be read as the name of a file; NUL does not pass through arguments.
        if (!System.Text.Unicode.Utf8.IsValid(body) || body.Contains((byte)0) || body.StartsWith("@"u8))
        {
            return null;
        }

        return Encoding.UTF8.GetString(body);
    }
}
