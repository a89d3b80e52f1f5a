using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;
using RaftKv.Cli.Connection;
using RaftKv.Client;

namespace RaftKv.Cli.Verbs.Kv;

/// <summary>Keys and values as words of a command line: text, or <c>base64url:</c> and bytes.</summary>
internal static class KeyText
{
    private const string BytesPrefix = "base64url:";

    public static RaftKvKey Parse(string text) => new(ToBytes(text, "key"));

    /// <summary>Keys that begin so; every key for nothing.</summary>
    public static RaftKvRange ParsePrefix(string? text) =>
        string.IsNullOrEmpty(text) ? RaftKvRange.All : RaftKvRange.Prefix(ToBytes(text, "prefix"));

    /// <summary>Facts of a pair, as JSON and tables show them.</summary>
    public static (string Name, JsonNode? Value)[] Facts(KeyValueEntry entry) =>
    [
        ("key", entry.Key.ToString()),
        ("value", ValueText(entry.Value.Span, out string encoding)),
        ("encoding", encoding),
        ("createRevision", entry.CreateRevision),
        ("modRevision", entry.ModRevision),
        ("version", entry.Version),
        ("lease", entry.Lease),
    ];

    /// <summary>UTF-8 as it is, other bytes as base64.</summary>
    public static string ValueText(ReadOnlySpan<byte> value, out string encoding)
    {
        bool isText = System.Text.Unicode.Utf8.IsValid(value);
        encoding = isText ? "utf-8" : "base64";
        return isText ? Encoding.UTF8.GetString(value) : Convert.ToBase64String(value);
    }

    private static byte[] ToBytes(string text, string what)
    {
        if (!text.StartsWith(BytesPrefix, StringComparison.Ordinal))
        {
            return Encoding.UTF8.GetBytes(text);
        }

        try
        {
            return Base64Url.DecodeFromChars(text.AsSpan(BytesPrefix.Length));
        }
        catch (FormatException)
        {
            throw CtlException.Usage($"'{text}' is no {what}: what follows {BytesPrefix} is no base64url.");
        }
    }
}
