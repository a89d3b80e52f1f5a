using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using RaftKv.Contract;
using RaftKv.Doors.Http.Terms;
using RaftKv.Service.Refusals;

namespace RaftKv.Doors.Http;

/// <summary>Reads request bodies, bounded before a byte is buffered.</summary>
internal static class BodyReader
{
    /// <summary>Reads the whole body into an array of its own.</summary>
    public static async ValueTask<byte[]> ReadAsync(HttpRequest request, int maxBytes)
    {
        RequirePlain(request);
        if (request.ContentLength > maxBytes)
        {
            throw TooLarge(maxBytes);
        }

        PipeReader reader = request.BodyReader;
        while (true)
        {
            ReadResult read = await reader.ReadBodyAsync();
            ReadOnlySequence<byte> buffer = read.Buffer;
            if (buffer.Length > maxBytes)
            {
                reader.AdvanceTo(buffer.Start, buffer.End);
                throw TooLarge(maxBytes);
            }

            // With a known length the last read is not needed: all bytes are here.
            if (read.IsCompleted || buffer.Length == request.ContentLength)
            {
                byte[] body = buffer.ToArray();
                reader.AdvanceTo(buffer.End);
                IdempotencyHeader.Note(request, body);
                return body;
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    /// <summary>Reads a JSON body. An empty one gives null when that is allowed.</summary>
    public static async ValueTask<T?> ReadJsonAsync<T>(HttpRequest request, JsonTypeInfo<T> type, bool mayBeEmpty = false)
        where T : class
    {
        RequireJson(request);
        byte[] body = await ReadAsync(request, ApiLimits.MaxJsonBodyBytes);
        if (body.Length == 0)
        {
            return mayBeEmpty ? null : throw ApiException.Invalid("The body is empty; this operation needs a JSON object.");
        }

        return Parse(body, type);
    }

    /// <summary>Reads the JSON body of a read, and keeps it in case that the read is passed on.</summary>
    public static async ValueTask<T> ReadKeptJsonAsync<T>(Exchange exchange, JsonTypeInfo<T> type)
        where T : class
    {
        RequireJson(exchange.Http.Request);
        byte[] body = await ReadAsync(exchange.Http.Request, ApiLimits.MaxJsonBodyBytes);
        exchange.KeepBody(body);
        return body.Length == 0 ? throw ApiException.Invalid("The body is empty; this operation needs a JSON object.") : Parse(body, type);
    }

    private static T Parse<T>(byte[] body, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            RequireNoNull(body);
            return JsonSerializer.Deserialize(body, type) ?? throw ApiException.Invalid("The body is JSON null; this operation needs an object.");
        }
        catch (JsonException e)
        {
            throw ApiException.Invalid(Describe(e));
        }
        catch (InvalidOperationException)
        {
            // The reader's way of refusing strings that are not valid UTF-8 or hold half a surrogate pair.
            throw ApiException.Invalid("The body has a string that is not valid Unicode. Send binary data as base64.");
        }
    }

    // Stored as they came, compressed bytes would be given back without the word that they are. Nothing is inflated here
    // either: a few KiB can become gigabytes.
    private static void RequirePlain(HttpRequest request)
    {
        string coding = request.Headers.ContentEncoding.ToString();
        if (coding.Length > 0 && !coding.Equals("identity", StringComparison.OrdinalIgnoreCase))
        {
            throw new ApiException(new ApiError(
                ErrorCode.UnsupportedMediaType,
                "Bodies are taken as they are, without Content-Encoding. Send it uncompressed, or store compressed bytes without that"
                + " header."));
        }
    }

    private static void RequireJson(HttpRequest request)
    {
        if (request.ContentType is { } media && !IsJson(media) && !IsCurlsDefault(request, media))
        {
            throw new ApiException(new ApiError(
                ErrorCode.UnsupportedMediaType, "Send the body as JSON, with the header Content-Type: application/json."));
        }
    }

    // Null is neither a value of any member here nor the same as leaving it out: who computes an amount and gets none must
    // not be taken for one who wants the default.
    private static void RequireNoNull(byte[] body)
    {
        var json = new Utf8JsonReader(body);
        while (json.Read())
        {
            if (json.TokenType == JsonTokenType.Null && json.CurrentDepth > 0)
            {
                throw ApiException.Invalid(
                    $"The body has a null that ends at byte {json.BytesConsumed}. A member without a value is left out.");
            }
        }
    }

    // `curl -d '{…}'` says that it sends a form, and is the first thing that people type. A page in a browser may send a
    // form to any address without asking, but then it names its origin: that stays refused.
    private static bool IsCurlsDefault(HttpRequest request, string media) =>
        TypeOf(media).Equals("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase)
        && !request.Headers.ContainsKey("Origin");

    private static ReadOnlySpan<char> TypeOf(string media)
    {
        ReadOnlySpan<char> type = media;
        int semicolon = type.IndexOf(';');
        return (semicolon < 0 ? type : type[..semicolon]).Trim();
    }

    private static bool IsJson(string media)
    {
        ReadOnlySpan<char> type = TypeOf(media);
        return type.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            || type.EndsWith("+json", StringComparison.OrdinalIgnoreCase);
    }

    // The parser's own message may repeat what was sent, so only the place is told, and the path only when it looks
    // like one of ours.
    private static string Describe(JsonException e)
    {
        string place = e.LineNumber is null ? string.Empty : $" (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1})";
        string path = IsPlainPath(e.Path) ? $" at {e.Path}" : string.Empty;
        return $"The body is not the JSON that this operation takes{path}{place}. Unknown, repeated or wrongly typed members are refused.";
    }

    private static bool IsPlainPath(string? path)
    {
        if (path is null || path.Length is 0 or > 80)
        {
            return false;
        }

        foreach (char c in path)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('$' or '.' or '[' or ']'))
            {
                return false;
            }
        }

        return true;
    }

    private static ApiException TooLarge(int maxBytes) => new(new ApiError(
        ErrorCode.TooLarge, $"The body may have at most {maxBytes} bytes. Nothing was applied."));
}
