using System.Text;
using RaftKv.Contract;
using RaftKv.Contract.Bodies;
using RaftKv.Core.Store.Commands;
using RaftKv.Doors.Http.Terms;
using RaftKv.Service.Refusals;

namespace RaftKv.Doors.Rest.Bodies;

/// <summary>Keys and values of JSON bodies, which are text or base64 by the word that stands next to them.</summary>
internal static class KeyForm
{
    /// <summary>One key, required.</summary>
    public static byte[] Key(string? key, string? keyEncoding) =>
        KeyRanges.Checked(Decode(key ?? throw ApiException.Invalid("An operation lacks its key."), keyEncoding));

    /// <summary>A key, or a range by prefix, or start and end. Exactly one form.</summary>
    public static KeyRange Range(IKeyRange names) =>
        Range(names.Key, names.Prefix, names.Start, names.End, names.KeyEncoding);

    /// <inheritdoc cref="Range(IKeyRange)"/>
    public static KeyRange Range(string? key, string? prefix, string? start, string? end, string? keyEncoding)
    {
        if (key is not null)
        {
            return prefix is null && start is null && end is null
                ? KeyRange.Single(Key(key, keyEncoding))
                : throw ApiException.Invalid("Give either key, or prefix, or start and end.");
        }

        if (prefix is null && start is null && end is null)
        {
            throw ApiException.Invalid("Name the keys: key, or prefix, or start and end. An empty prefix is every key.");
        }

        return KeyRanges.From(Bound(prefix, keyEncoding), Bound(start, keyEncoding), Bound(end, keyEncoding));
    }

    /// <summary>A value's bytes.</summary>
    public static byte[] Value(string? value, string? encoding)
    {
        byte[] bytes = (value, encoding) switch
        {
            (null, _) => throw ApiException.Invalid("A value is missing; an empty one is \"\"."),
            (_, null or Encodings.Utf8) => Encoding.UTF8.GetBytes(value),
            (_, Encodings.Base64) => FromBase64(value),
            _ => throw ApiException.Invalid("encoding must be utf-8 or base64."),
        };
        return bytes.Length <= ApiLimits.MaxValueBytes
            ? bytes
            : throw new ApiException(new ApiError(
                ErrorCode.TooLarge, $"A value may have at most {ApiLimits.MaxValueBytes} bytes. Nothing was applied."));
    }

    private static byte[]? Bound(string? key, string? keyEncoding) => key is null ? null : KeyRanges.CheckedBound(Decode(key, keyEncoding));

    private static byte[] Decode(string key, string? keyEncoding) => keyEncoding switch
    {
        null or Encodings.Utf8 => Encoding.UTF8.GetBytes(key),
        Encodings.Base64Url => PercentCoding.DecodeBase64Url(Encoding.UTF8.GetBytes(key), "key"),
        _ => throw ApiException.Invalid("keyEncoding must be utf-8 or base64url."),
    };

    private static byte[] FromBase64(string text)
    {
        byte[] bytes = new byte[(text.Length / 4 * 3) + 3];
        return Convert.TryFromBase64String(text, bytes, out int length)
            ? bytes[..length]
            : throw ApiException.Invalid("A value is not base64 (RFC 4648, section 4), though its encoding says so.");
    }
}
