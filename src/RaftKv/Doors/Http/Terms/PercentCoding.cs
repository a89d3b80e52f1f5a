using System.Buffers.Text;
using System.Text;
using RaftKv.Service.Refusals;

namespace RaftKv.Doors.Http.Terms;

/// <summary>
/// Percent-decoding to bytes, once and strictly: what is not <c>%</c> and two hex digits is refused, never passed
/// through.
/// </summary>
public static class PercentCoding
{
    /// <summary>Decodes a path segment or a key in a path; <c>+</c> stands for itself.</summary>
    public static byte[] DecodePath(ReadOnlySpan<char> encoded) => Decode(encoded, isPlusSpace: false);

    /// <summary>Decodes a query value; <c>+</c> is a space there, as forms and URLSearchParams write it.</summary>
    public static byte[] DecodeQuery(ReadOnlySpan<char> encoded) => Decode(encoded, isPlusSpace: true);

    /// <summary>Decodes base64url, padded or not.</summary>
    public static byte[] DecodeBase64Url(ReadOnlySpan<byte> text, string what)
    {
        byte[] decoded = new byte[Base64Url.GetMaxDecodedLength(text.Length)];
        return Base64Url.DecodeFromUtf8(text, decoded, out _, out int written) == System.Buffers.OperationStatus.Done
            ? decoded[..written]
            : throw ApiException.Invalid($"The {what} is not base64url (RFC 4648, section 5: letters, digits, '-' and '_').");
    }

    private static byte[] Decode(ReadOnlySpan<char> encoded, bool isPlusSpace)
    {
        int escapes = encoded.Count('%');
        byte[] bytes = new byte[Math.Max(0, Encoding.UTF8.GetByteCount(encoded) - (2 * escapes))];
        int length = 0;
        while (!encoded.IsEmpty)
        {
            int plain = isPlusSpace ? encoded.IndexOfAny('%', '+') : encoded.IndexOf('%');
            ReadOnlySpan<char> run = plain < 0 ? encoded : encoded[..plain];
            length += WriteRun(run, bytes.AsSpan(length));
            if (plain < 0)
            {
                break;
            }

            encoded = encoded[plain..];
            if (encoded[0] == '+')
            {
                bytes[length++] = (byte)' ';
                encoded = encoded[1..];
                continue;
            }

            bytes[length++] = DecodeEscape(encoded);
            encoded = encoded[3..];
        }

        return length == bytes.Length ? bytes : bytes[..length];
    }

    private static int WriteRun(ReadOnlySpan<char> run, Span<byte> to) =>
        run.Length > to.Length ? throw BadEscape() : Encoding.UTF8.GetBytes(run, to);

    private static byte DecodeEscape(ReadOnlySpan<char> encoded)
    {
        if (encoded.Length < 3)
        {
            throw BadEscape();
        }

        int high = HexValue(encoded[1]);
        int low = HexValue(encoded[2]);
        return high < 0 || low < 0 ? throw BadEscape() : (byte)((high << 4) | low);
    }

    private static int HexValue(char c) => c switch
    {
        >= '0' and <= '9' => c - '0',
        >= 'a' and <= 'f' => c - 'a' + 10,
        >= 'A' and <= 'F' => c - 'A' + 10,
        _ => -1,
    };

    private static ApiException BadEscape() => ApiException.Invalid(
        "The URL has a '%' that is not followed by two hex digits. Write a percent sign as %25.");
}
