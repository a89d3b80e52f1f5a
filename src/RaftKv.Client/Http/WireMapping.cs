using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

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
            return JsonSerializer.Deserialize(answer.Body, WireJson.Default.JsonElement);
        }
        catch (JsonException e)
        {
            throw Broken(answer, RequestKind.Read, "its body is not JSON", e);
        }
    }

    internal static KeyValueEntry ToEntry(WireEntry wire, Answer answer) => ToEntry(wire, ToKey(wire, answer), answer);

    /// <summary>For answers that name the key once for all entries.</summary>
    internal static KeyValueEntry ToEntry(WireEntry wire, RaftKvKey key, Answer answer) => new()
    {
        Key = key,
        Value = ToBytes(wire, answer),
        CreateRevision = wire.CreateRevision,
        ModRevision = wire.ModRevision,
        Version = wire.Version,
        Lease = wire.Lease,
        Metadata = answer.Metadata,
    };

    internal static IReadOnlyList<KeyValueEntry> ToEntries(IReadOnlyList<WireEntry>? wires, Answer answer)
    {
        List<KeyValueEntry> entries = new(wires?.Count ?? 0);
        foreach (WireEntry wire in wires ?? [])
        {
            entries.Add(ToEntry(wire, answer));
        }

        return entries;
    }

    internal static IReadOnlyList<TxnOpResult> ToResults(IReadOnlyList<WireTxnResponse>? wires, Answer answer, RequestKind kind)
    {
        List<TxnOpResult> results = new(wires?.Count ?? 0);
        foreach (WireTxnResponse wire in wires ?? [])
        {
            results.Add(wire switch
            {
                { Put: { } put } => new TxnPutResult(put.ModRevision),
                { Delete: { } delete } => new TxnDeleteResult(delete.Deleted),
                { Get: { } get } => new TxnGetResult(ToEntries(get.Items, answer), get.HasMore),
                { Increment: { } increment } => new TxnIncrementResult(increment.Value),
                { Txn: { } txn } => new TxnNestedResult(txn.Succeeded, ToResults(txn.Responses, answer, kind)),
                _ => throw Broken(answer, kind, "a txn response is of an unknown kind"),
            });
        }

        return results;
    }

    internal static RaftKvProtocolException Broken(Answer answer, RequestKind kind, string what, Exception? inner = null)
    {
        string node = answer.Metadata.ServedBy ?? "The server";
        Outcome outcome = kind == RequestKind.Read ? Outcome.NotApplied : Outcome.Unknown;
        return new(new Failure("bad-answer", $"{node} answered {answer.Status}, but {what}.", outcome) { Status = answer.Status, Node = node }, inner);
    }

    private static RaftKvKey ToKey(WireEntry wire, Answer answer)
    {
        if (string.IsNullOrEmpty(wire.Key))
        {
            throw Broken(answer, RequestKind.Read, "a pair has no key");
        }

        return new RaftKvKey(Decode(wire.Key, wire.KeyEncoding, answer));
    }

    private static ReadOnlyMemory<byte> ToBytes(WireEntry wire, Answer answer) =>
        wire.Value is null ? ReadOnlyMemory<byte>.Empty : Decode(wire.Value, wire.Encoding, answer);

    internal static ReadOnlyMemory<byte> Decode(string text, string? encoding, Answer answer)
    {
        try
        {
            return encoding switch
            {
                null or "utf-8" => Encoding.UTF8.GetBytes(text),
                "base64" => Convert.FromBase64String(text),
                "base64url" => Base64Url.DecodeFromChars(text),
                _ => throw Broken(answer, RequestKind.Read, $"it uses the unknown encoding '{encoding}'"),
            };
        }
        catch (FormatException e)
        {
            throw Broken(answer, RequestKind.Read, $"a field is not valid {encoding}", e);
        }
    }
}
