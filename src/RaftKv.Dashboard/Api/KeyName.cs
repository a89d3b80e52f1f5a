using System.Buffers.Text;
using System.Text;

namespace RaftKv.Dashboard.Api;

/// <summary>A key as the API names it: text, or base64url of bytes that are no text.</summary>
/// <param name="Text">The key, or its base64url.</param>
/// <param name="IsBinary">True when it is base64url.</param>
public readonly record struct KeyName(string Text, bool IsBinary = false)
{
    /// <summary>The key of a pair.</summary>
    public static KeyName Of(KeyVersion pair) => new(pair.Key, pair.KeyEncoding is not null);

    /// <summary>The query that names it. Dots and slashes mean nothing there, as they may in a path.</summary>
    public string Query => "key=" + Uri.EscapeDataString(Text) + (IsBinary ? "&keyEncoding=base64url" : "");

    /// <summary>For people: characters that can't be seen are shown as escapes, bytes that are no text in hex.</summary>
    public string Display
    {
        get
        {
            if (IsBinary)
            {
                return "0x" + Convert.ToHexStringLower(Base64Url.DecodeFromChars(Text));
            }

            if (!Text.Any(char.IsControl))
            {
                return Text;
            }

            var shown = new StringBuilder();
            foreach (char c in Text)
            {
                shown.Append(char.IsControl(c) ? $"\\x{(int)c:x2}" : c.ToString());
            }

            return shown.ToString();
        }
    }
}
