using System.Text;

namespace RaftKv.Doors.Grpc;

/// <summary>
/// The text of grpc-message as it may stand in a header: UTF-8 with all that is not visible ASCII, and '%' itself,
/// percent-encoded.
/// </summary>
internal static class GrpcMessageText
{
    private const string HexDigits = "0123456789ABCDEF";

    /// <summary>Encodes; returns the same object when there is nothing to encode.</summary>
    public static string Encode(string text)
    {
        if (IsPlain(text))
        {
            return text;
        }

        var encoded = new StringBuilder(text.Length + 16);
        foreach (byte b in Encoding.UTF8.GetBytes(text))
        {
            if (b is >= 0x20 and <= 0x7E && b != (byte)'%')
            {
                encoded.Append((char)b);
            }
            else
            {
                encoded.Append('%').Append(HexDigits[b >> 4]).Append(HexDigits[b & 15]);
            }
        }

        return encoded.ToString();
    }

    private static bool IsPlain(string text)
    {
        foreach (char c in text)
        {
            if (c is < ' ' or > '~' or '%')
            {
                return false;
            }
        }

        return true;
    }
}
