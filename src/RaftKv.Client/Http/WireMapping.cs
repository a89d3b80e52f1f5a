using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using RaftKv.Client.Errors;
using RaftKv.Client.Kv;
using RaftKv.Contract;
using RaftKv.Contract.Bodies;

namespace RaftKv.Client.Http;

/// <summary>
/// Turns the server's JSON into the client's types; anything that breaks the contract becomes a
/// <see cref="RaftKvProtocolException"/>.
/// </summary>
internal static class WireMapping
{
    internal static T Parse<T>(Answer answer, JsonTypeInfo<T> typeInfo, RequestKind kind)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(answer.Body, typeInfo) ?? throw new JsonException("The body is null.");
        }
        catch (JsonException e)
        {
            throw Broken(answer, kind, "its body is not the JSON that was expected", e);
        }
    }

    internal static JsonElement ParseElement(Answer answer)
    {
        try
        {
            return JsonSerializer.Deserialize(answer.Body, AnswerJson.Default.JsonElement);
        }
        catch (JsonException e)
        {
            throw Broken(answer, RequestKind.Read, "its body is not JSON", e);
        }
    }

    internal static KeyValueEntry ToEntry<T>(T wire, Answer answer)
        where T : INamed, IVersioned => ToEntry(wire, ToKey(wire, answer), answer);

    /// <summary>For answers that name the key once for all entries.</summary>
    internal static KeyValueEntry ToEntry(IVersioned wire, RaftKvKey key, Answer answer) => new()
    {
        Key = key,
        Value = ToBytes(wire, answer),
        CreateRevision = wire.CreateRevision,
        ModRevision = wire.ModRevision,
        Version = wire.Version,
        Lease = wire.Lease,
        Metadata = answer.Metadata,
    };

    internal static IReadOnlyList<KeyValueEntry> ToEntries<T>(IReadOnlyList<T>? wires, Answer answer)
        where T : INamed, IVersioned
    {
        List<KeyValueEntry> entries = new(wires?.Count ?? 0);
        foreach (T wire in wires ?? [])
        {
            entries.Add(ToEntry(wire, answer));
        }

        return entries;
    }

    internal static RaftKvProtocolException Broken(Answer answer, RequestKind kind, string what, Exception? inner = null)
    {
        string node = answer.Metadata.ServedBy ?? "The server";
        Outcome outcome = kind == RequestKind.Read ? Outcome.NotApplied : Outcome.Unknown;
        return new(new Failure("bad-answer", $"{node} answered {answer.Status}, but {what}.", outcome) { Status = answer.Status, Node = node }, inner);
    }

    internal static RaftKvKey ToKey(INamed wire, Answer answer)
    {
        if (string.IsNullOrEmpty(wire.Key))
        {
            throw Broken(answer, RequestKind.Read, "a pair has no key");
        }

        return new RaftKvKey(Decode(wire.Key, wire.KeyEncoding, answer));
    }

    private static ReadOnlyMemory<byte> ToBytes(IVersioned wire, Answer answer) =>
        wire.Value is null ? ReadOnlyMemory<byte>.Empty : Decode(wire.Value, wire.Encoding, answer);

    internal static ReadOnlyMemory<byte> Decode(string text, string? encoding, Answer answer)
    {
        try
        {
            return encoding switch
            {
                null or Encodings.Utf8 => Encoding.UTF8.GetBytes(text),
                Encodings.Base64 => Convert.FromBase64String(text),
                Encodings.Base64Url => Base64Url.DecodeFromChars(text),
                _ => throw Broken(answer, RequestKind.Read, $"it uses the unknown encoding '{encoding}'"),
            };
        }
        catch (FormatException e)
        {
            throw Broken(answer, RequestKind.Read, $"a field is not valid {encoding}", e);
        }
    }
}
