using System.Buffers;
using System.Buffers.Text;
using System.Text;
using RaftKv.Contract;

namespace RaftKv.Client.Kv;

/// <summary>Puts keys into request targets such that the server sees the same bytes.</summary>
/// <remarks>
/// A key goes into the path when every stop on the way leaves it alone: each byte outside RFC 3986's unreserved set is
/// percent-encoded, and
/// <c>/</c> stays. Otherwise (dot segments and empty segments are normalised away, NUL is refused by web servers, other
/// bytes are no text) it goes into <c>?key=…&amp;keyEncoding=base64url</c>.
/// </remarks>
internal static class KeyEncoding
{
    /// <summary>Longer paths meet limits of proxies; base64url is shorter for what is mostly escaped.</summary>
    private const int MaxPathBytes = 2_048;

    private static readonly SearchValues<byte> Unreserved =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"u8);

    /// <summary>
    /// The target for a key under a root such as <c>/api/v1/kv</c>, with further query parameters (without <c>?</c>).
    /// </summary>
    internal static string Target(string root, RaftKvKey key, string query)
    {
        ReadOnlySpan<byte> bytes = key.Bytes.Span;
        if (IsSafeInPath(bytes))
        {
            string path = root + "/" + Escape(bytes, keepsSlash: true);
            return query.Length == 0 ? path : path + "?" + query;
        }

        string target = root + "?key=" + Base64Url.EncodeToString(bytes) + "&keyEncoding=base64url";
        return query.Length == 0 ? target : target + "&" + query;
    }

    /// <summary>
    /// The query parameters of a range, each with a leading <c>&amp;</c> but the first; empty for all keys.
    /// </summary>
    internal static string RangeQuery(RaftKvRange range)
    {
        bool isText = IsText(range.PrefixBytes.Span) && IsText(range.StartBytes.Span) && IsText(range.EndBytes.Span);
        StringBuilder query = new();
        Append(query, "prefix", range.PrefixBytes.Span, isText);
        Append(query, "start", range.StartBytes.Span, isText);
        Append(query, "end", range.EndBytes.Span, isText);
        return isText ? query.ToString() : query.Append("&keyEncoding=base64url").ToString();
    }

    /// <summary>The query parameter of one key.</summary>
    internal static string KeyQuery(RaftKvKey key)
    {
        bool isText = IsText(key.Bytes.Span);
        StringBuilder query = new();
        Append(query, "key", key.Bytes.Span, isText);
        return isText ? query.ToString() : query.Append("&keyEncoding=base64url").ToString();
    }

    /// <summary>The key in a body: its text, or base64url and the word for it.</summary>
    internal static (string Text, string? Encoding) ToText(RaftKvKey key) => System.Text.Unicode.Utf8.IsValid(key.Bytes.Span)
        ? (Encoding.UTF8.GetString(key.Bytes.Span), null)
        : (Base64Url.EncodeToString(key.Bytes.Span), Encodings.Base64Url);

    /// <summary>Percent-encodes every byte outside the unreserved set.</summary>
    internal static string Escape(ReadOnlySpan<byte> bytes, bool keepsSlash)
    {
        StringBuilder text = new(bytes.Length + 16);
        foreach (byte b in bytes)
        {
            if (Unreserved.Contains(b) || (keepsSlash && b == (byte)'/'))
            {
                text.Append((char)b);
            }
            else
            {
                text.Append('%').Append("0123456789ABCDEF"[b >> 4]).Append("0123456789ABCDEF"[b & 15]);
            }
        }

        return text.ToString();
    }

    /// <summary>True when the key comes through as a part of the path.</summary>
    internal static bool IsSafeInPath(ReadOnlySpan<byte> key)
    {
        if (key.Length > MaxPathBytes || !IsText(key))
        {
            return false;
        }

        foreach (Range segment in key.Split((byte)'/'))
        {
            ReadOnlySpan<byte> part = key[segment];
            if (part.IsEmpty || part.SequenceEqual("."u8) || part.SequenceEqual(".."u8))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Valid UTF-8 without control bytes.</summary>
    private static bool IsText(ReadOnlySpan<byte> bytes) =>
        System.Text.Unicode.Utf8.IsValid(bytes) && !bytes.ContainsAnyInRange((byte)0, (byte)0x1F) && !bytes.Contains((byte)0x7F);

    private static void Append(StringBuilder query, string name, ReadOnlySpan<byte> bytes, bool isText)
    {
        if (bytes.IsEmpty)
        {
            return;
        }

        if (query.Length > 0)
        {
            query.Append('&');
        }

        query.Append(name).Append('=').Append(isText ? Escape(bytes, keepsSlash: false) : Base64Url.EncodeToString(bytes));
    }
}
