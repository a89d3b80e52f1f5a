using System.Globalization;
using System.Text;
using Google.Protobuf;

namespace RaftKv.Migration.Keys;

/// <summary>Keys as an operator reads them.</summary>
internal static class KeyText
{
    /// <summary>The key in quotes; bytes that are no printable ASCII as <c>\x00</c>.</summary>
    public static string Of(ByteString key)
    {
        var text = new StringBuilder("\"");
        foreach (byte one in key.Span)
        {
            bool isPlain = one is >= (byte)' ' and < 127 and not (byte)'"' and not (byte)'\\';
            text.Append(isPlain ? ((char)one).ToString() : string.Create(CultureInfo.InvariantCulture, $"\\x{one:x2}"));
        }

        return text.Append('"').ToString();
    }
}
