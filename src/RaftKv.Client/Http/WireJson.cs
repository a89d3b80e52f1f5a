using System.Text.Json;
using System.Text.Json.Serialization;

namespace RaftKv.Client.Http;

/// <summary>A pair as the server writes it.</summary>
internal sealed record WireEntry
{
    public string? Key { get; init; }

    public string? KeyEncoding { get; init; }

    public string? Value { get; init; }

    public string? Encoding { get; init; }

    public long CreateRevision { get; init; }

    public long ModRevision { get; init; }

    public long Version { get; init; }

    public string? Lease { get; init; }
}

/// <summary>A page of pairs.</summary>
internal sealed record WirePage
{
    public IReadOnlyList<WireEntry>? Items { get; init; }

    public long? Count { get; init; }

    public bool HasMore { get; init; }
}

/// <summary>The versions of one key; they leave the key out.</summary>
internal sealed record WireHistory
{
    public IReadOnlyList<WireEntry>? Versions { get; init; }

    public bool HasMore { get; init; }
}

/// <summary>Answer to a delete.</summary>
internal sealed record WireDelete
{
    public long Deleted { get; init; }
}

/// <summary>Answer of a counter.</summary>
internal sealed record WireCounter
{
    public long Value { get; init; }

    public long Revision { get; init; }
}

/// <summary>An open client session.</summary>
internal sealed record WireClientSession
{
    public string? Id { get; init; }

    public int MaxAnswers { get; init; }
}

/// <summary>Answer to a compaction.</summary>
internal sealed record WireCompaction
{
    public long? Revision { get; init; }
}

/// <summary>Answer to a txn, outer or nested.</summary>
internal sealed record WireTxnAnswer
{
    public bool Succeeded { get; init; }

    public long Revision { get; init; }

    public IReadOnlyList<WireTxnResponse>? Responses { get; init; }
}

/// <summary>Result of one operation: exactly one member is set.</summary>
internal sealed record WireTxnResponse
{
    public WireEntry? Put { get; init; }

    public WireDelete? Delete { get; init; }

    public WirePage? Get { get; init; }

    public WireCounter? Increment { get; init; }

    public WireTxnAnswer? Txn { get; init; }
}

/// <summary>A receipt to check.</summary>
internal sealed record WireReceipt
{
    public string? Receipt { get; init; }
}

/// <summary>RFC 9457 with the contract's members.</summary>
internal sealed record WireProblem
{
    public string? Code { get; init; }

    public string? Title { get; init; }

    public string? Detail { get; init; }

    public string? Applied { get; init; }

    public bool? Retryable { get; init; }

    public string? Node { get; init; }

    public string? Leader { get; init; }

    public string? TraceId { get; init; }

    public long? ActualRevision { get; init; }

    public long? CompactedRevision { get; init; }

    public string? Operation { get; init; }

    public WireAsked? Asked { get; init; }

    public WireAvailable? Available { get; init; }

    public IReadOnlyList<WireHolder>? Holders { get; init; }

    public long? QueueLength { get; init; }
}

/// <summary>What a refused read had asked.</summary>
internal sealed record WireAsked
{
    public string? Level { get; init; }

    public long? MaxStalenessMs { get; init; }

    public long? MaxLag { get; init; }

    public long? Revision { get; init; }
}

/// <summary>What the node could have served.</summary>
internal sealed record WireAvailable
{
    public long? Revision { get; init; }

    public long? StalenessMs { get; init; }

    public string? Role { get; init; }

    public string? Leader { get; init; }

    public long? Term { get; init; }
}

/// <summary>Somebody who holds, or waits for, a lock or a semaphore's place.</summary>
internal sealed record WireHolder
{
    public long FencingToken { get; init; }

    public string? Owner { get; init; }

    public string? Lease { get; init; }

    public string? Mode { get; init; }

    public long? RemainingMs { get; init; }

    public long? Position { get; init; }
}

/// <summary>Asks for a lease.</summary>
internal sealed record WireLeaseRequest
{
    public string? Ttl { get; init; }
}

/// <summary>A lease.</summary>
internal sealed record WireLease
{
    public string? Id { get; init; }

    public long? TtlMs { get; init; }

    public long? RemainingMs { get; init; }

    public IReadOnlyList<WireEntry>? Keys { get; init; }
}

/// <summary>A page of leases.</summary>
internal sealed record WireLeasePage
{
    public IReadOnlyList<WireLease>? Leases { get; init; }

    public string? NextCursor { get; init; }
}

/// <summary>Asks for a lock, a semaphore's place or a leadership.</summary>
internal sealed record WireAcquireRequest
{
    public string? Lease { get; init; }

    public string? Wait { get; init; }

    public string? Owner { get; init; }

    public string? Mode { get; init; }

    public int? Limit { get; init; }

    public string? Value { get; init; }
}

/// <summary>A lock, a place or a leadership as given.</summary>
internal sealed record WireGrant
{
    public long? FencingToken { get; init; }

    public long? Token { get; init; }

    public string? Lease { get; init; }

    public long Revision { get; init; }
}

/// <summary>A lock or semaphore as it is.</summary>
internal sealed record WireQueue
{
    public string? Name { get; init; }

    public IReadOnlyList<WireHolder>? Holders { get; init; }

    public IReadOnlyList<WireHolder>? Queue { get; init; }

    public long? QueueLength { get; init; }
}

/// <summary>An election as it is.</summary>
internal sealed record WireElection
{
    public WireLeader? Leader { get; init; }

    public long CandidateCount { get; init; }
}

/// <summary>A leader.</summary>
internal sealed record WireLeader
{
    public long Token { get; init; }

    public string? Value { get; init; }

    public string? Encoding { get; init; }

    public string? Lease { get; init; }

    public long Revision { get; init; }
}

/// <summary>Asks whether a token holds.</summary>
internal sealed record WireFenceRequest
{
    public string? Lock { get; init; }

    public long Token { get; init; }

    public string? Kind { get; init; }
}

/// <summary>Whether a token holds.</summary>
internal sealed record WireFenceAnswer
{
    public bool Valid { get; init; }
}

/// <summary>One line of a watch; the kind says which members are set.</summary>
internal sealed record WireWatchMessage
{
    public string? Type { get; init; }

    public long Revision { get; init; }

    public IReadOnlyList<WireWatchEvent>? Events { get; init; }

    public IReadOnlyList<WireEntry>? Pairs { get; init; }

    public bool Complete { get; init; }

    public string? Code { get; init; }

    public long? CompactedRevision { get; init; }

    public string? Detail { get; init; }
}

/// <summary>One change: a pair with what happened to it.</summary>
internal sealed record WireWatchEvent
{
    public string? Type { get; init; }

    public string? Reason { get; init; }

    public string? Key { get; init; }

    public string? KeyEncoding { get; init; }

    public string? Value { get; init; }

    public string? Encoding { get; init; }

    public long CreateRevision { get; init; }

    public long ModRevision { get; init; }

    public long Version { get; init; }

    public string? Lease { get; init; }

    public WireEntry? Previous { get; init; }

    internal WireEntry ToEntry() => new()
    {
        Key = Key,
        KeyEncoding = KeyEncoding,
        Value = Value,
        Encoding = Encoding,
        CreateRevision = CreateRevision,
        ModRevision = ModRevision,
        Version = Version,
        Lease = Lease,
    };
}

/// <summary>Source-generated readers and writers, so that trimming and AOT work.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web, NumberHandling = JsonNumberHandling.Strict, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(WireEntry))]
[JsonSerializable(typeof(WirePage))]
[JsonSerializable(typeof(WireHistory))]
[JsonSerializable(typeof(WireDelete))]
[JsonSerializable(typeof(WireCounter))]
[JsonSerializable(typeof(WireClientSession))]
[JsonSerializable(typeof(WireCompaction))]
[JsonSerializable(typeof(WireTxnAnswer))]
[JsonSerializable(typeof(WireProblem))]
[JsonSerializable(typeof(WireReceipt))]
[JsonSerializable(typeof(WireWatchMessage))]
[JsonSerializable(typeof(WireLeaseRequest))]
[JsonSerializable(typeof(WireLease))]
[JsonSerializable(typeof(WireLeasePage))]
[JsonSerializable(typeof(WireAcquireRequest))]
[JsonSerializable(typeof(WireGrant))]
[JsonSerializable(typeof(WireQueue))]
[JsonSerializable(typeof(WireElection))]
[JsonSerializable(typeof(WireFenceRequest))]
[JsonSerializable(typeof(WireFenceAnswer))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class WireJson : JsonSerializerContext;
