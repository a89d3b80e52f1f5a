using System.Globalization;
using System.Text;

namespace RaftKv.Tests.Fuzz;

/// <summary>A request over HTTP/1.1 before it is broken.</summary>
/// <param name="Head">Line and headers, without those about the body's length.</param>
internal sealed record CorpusItem(byte[] Head, byte[] Body)
{
    /// <summary>The requests of a file of the corpus.</summary>
    public static IReadOnlyList<CorpusItem> Read(string name)
    {
        using Stream stream = typeof(CorpusItem).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        string[] paragraphs = reader.ReadToEnd().Split("\n\n");
        return [.. paragraphs.Select(static text => text.Trim('\n')).Where(static text => text.Length > 0).Select(Parse)];
    }

    /// <summary>The bytes on the wire.</summary>
    /// <param name="hasLength">False: the head says what it says, whatever the body is.</param>
    public static byte[] ToWire(byte[] head, byte[] body, bool hasLength)
    {
        string length = hasLength ? string.Create(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n") : "";
        return [.. head, .. Encoding.ASCII.GetBytes(length + "Connection: close\r\n\r\n"), .. body];
    }

    private static CorpusItem Parse(string text)
    {
        int bar = text.IndexOf("\n|", StringComparison.Ordinal);
        string head = bar < 0 ? text : text[..bar];
        string body = bar < 0 ? "" : text[(bar + 2)..].TrimStart(' ');
        IEnumerable<string> lines = head.Split('\n').Where(static line => !line.StartsWith('#'));
        string wire = string.Concat(lines.Select(static (line, i) => i == 0 ? line + " HTTP/1.1\r\nHost: fuzz\r\n" : line + "\r\n"));
        bool isChunked = head.Contains("chunked", StringComparison.Ordinal);
        body = isChunked ? body.Replace("\n", "\r\n", StringComparison.Ordinal) + "\r\n\r\n" : body;
        return new CorpusItem(Encoding.Latin1.GetBytes(wire), Encoding.Latin1.GetBytes(body));
    }
}
