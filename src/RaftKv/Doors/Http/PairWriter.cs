using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using RaftKv.Contract;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Doors.Http;

/// <summary>
/// Pairs as JSON: text where the bytes are UTF-8, base64 where they are not, and a word that says which.
/// </summary>
internal static class PairWriter
{
    /// <summary>A pair with its value.</summary>
    public static void Write(Utf8JsonWriter json, KeyValue pair, bool isBase64)
    {
        json.WriteStartObject();
        WriteKey(json, pair.KeySpan);
        WriteValue(json, pair.ValueSpan, isBase64);
        WriteRevisions(json, pair);
        json.WriteEndObject();
    }

    /// <summary>A pair without its value, as a put or a listing of keys answers.</summary>
    public static void WriteWithoutValue(Utf8JsonWriter json, KeyValue pair)
    {
        json.WriteStartObject();
        WriteKey(json, pair.KeySpan);
        WriteRevisions(json, pair);
        json.WriteEndObject();
    }

    /// <summary>The key; one that is not UTF-8 as base64url, with <c>keyEncoding</c> to say so.</summary>
    public static void WriteKey(Utf8JsonWriter json, ReadOnlySpan<byte> key) => WriteKey(json, key, "key"u8, "keyEncoding"u8);

    /// <summary>The same under other names.</summary>
    public static void WriteKey(Utf8JsonWriter json, ReadOnlySpan<byte> key, ReadOnlySpan<byte> name, ReadOnlySpan<byte> encodingName)
    {
        if (Utf8.IsValid(key))
        {
            json.WriteString(name, key);
            return;
        }

        json.WriteString(name, Base64Url.EncodeToString(key));
        json.WriteString(encodingName, "base64url"u8);
    }

    /// <summary>The key as a body of the contract has it: its text, or base64url and the word for it.</summary>
    public static (string Text, string? Encoding) KeyText(ReadOnlySpan<byte> key) => Utf8.IsValid(key)
        ? (Encoding.UTF8.GetString(key), null)
        : (Base64Url.EncodeToString(key), Encodings.Base64Url);

    /// <summary>The value likewise, with its encoding.</summary>
    public static (string Text, string Encoding) ValueText(ReadOnlySpan<byte> value) => Utf8.IsValid(value)
        ? (Encoding.UTF8.GetString(value), Encodings.Utf8)
        : (Convert.ToBase64String(value), Encodings.Base64);

    /// <summary>Value and encoding.</summary>
    public static void WriteValue(Utf8JsonWriter json, ReadOnlySpan<byte> value, bool isBase64)
    {
        if (!isBase64 && Utf8.IsValid(value))
        {
            json.WriteString("value"u8, value);
            json.WriteString("encoding"u8, "utf-8"u8);
            return;
        }

        json.WriteBase64String("value"u8, value);
        json.WriteString("encoding"u8, "base64"u8);
    }

    /// <summary>createRevision, modRevision, version and lease.</summary>
    public static void WriteRevisions(Utf8JsonWriter json, KeyValue pair)
    {
        json.WriteNumber("createRevision"u8, pair.CreateRevision.Value);
        json.WriteNumber("modRevision"u8, pair.ModRevision.Value);
        json.WriteNumber("version"u8, pair.Version);
        if (pair.Lease.IsNone)
        {
            json.WriteNull("lease"u8);
        }
        else
        {
            json.WriteString("lease"u8, pair.Lease.ToString());
        }
    }
}
