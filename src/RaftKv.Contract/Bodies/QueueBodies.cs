using System.ComponentModel;
using System.Text.Json;

namespace RaftKv.Contract.Bodies;

[Schema(
    "AcquireBody",
    "What is asked for. `owner` for locks and semaphores, `mode` for locks, `limit` for semaphores, "
    + "`value` for elections.")]
public sealed record AcquireBody
{
    [Description("Life of the lease that is made; default 15s")]
    public string? Ttl { get; set; }

    [Description("Your own lease instead")]
    public string? Lease { get; set; }

    [Description("How long to wait, 0s (try once) to 60s; default 30s")]
    public string? Wait { get; set; }

    [Description("Who asks, for people")]
    public string? Owner { get; set; }

    [Description("Default exclusive")]
    [Words(LockModes.Exclusive, LockModes.Shared)]
    public string? Mode { get; set; }

    [Description("How many may hold")]
    public int? Limit { get; set; }

    [Description("What observers see")]
    public string? Value { get; set; }

    [Description("Encoding of the value")]
    [Words(Encodings.Utf8, Encodings.Base64)]
    public string? Encoding { get; set; }
}

[Schema("Grant", "What is held.")]
public sealed record GrantAnswer
{
    [Description("The name")]
    public string Name { get; set; } = "";

    [Description("What it is")]
    [Words(LockKinds.Lock, LockKinds.Semaphore, LockKinds.Election)]
    public string Kind { get; set; } = "";

    [Description("How it is held")]
    [Words(LockModes.Exclusive, LockModes.Shared, LockModes.Counted)]
    public string Mode { get; set; } = "";

    [Description("Grows from holder to holder, for ever")]
    public long FencingToken { get; set; }

    [Description("Who asked")]
    public string Owner { get; set; } = "";

    [Description("The lease that it hangs on")]
    public string Lease { get; set; } = "";

    [Description("The lease's life")]
    public long TtlMs { get; set; }

    [Description("The key behind it, which can be watched: mode and lease follow the name, after zero bytes")]
    public string Key { get; set; } = "";

    [Description("Held at this revision")]
    public long Revision { get; set; }
}

[Schema("Holder", "Who holds or waits.")]
public sealed record HolderBody
{
    [Description("Its token")]
    public long FencingToken { get; set; }

    [Description("Who asked")]
    public string Owner { get; set; } = "";

    [Description("Its lease")]
    public string Lease { get; set; } = "";

    [Description("How it is held")]
    [Words(LockModes.Exclusive, LockModes.Shared, LockModes.Counted)]
    public string Mode { get; set; } = "";

    [Description("What is left of the lease, for holders, when the leader said so")]
    public long? RemainingMs { get; set; }

    [Description("Place in the queue, holders included, from 0; for those who wait")]
    public long? Position { get; set; }
}

[Schema("Queue", "Holders, and those who wait, in order.")]
public sealed record QueueAnswer
{
    [Description("The name")]
    public string Name { get; set; } = "";

    [Description("Of a semaphore that somebody holds")]
    [MayBeNull]
    [JsonTypes("integer")]
    public JsonElement? Limit { get; set; }

    public IReadOnlyList<HolderBody> Holders { get; set; } = [];

    public IReadOnlyList<HolderBody> Queue { get; set; } = [];

    [Description("As of this revision")]
    public long Revision { get; set; }
}

[Schema("QueueList", "A page of what is held.")]
public sealed record QueueList
{
    public IReadOnlyList<QueueEntry>? Locks { get; set; }

    public IReadOnlyList<QueueEntry>? Semaphores { get; set; }

    [Description("Of the next page; absent on the last")]
    public string? NextCursor { get; set; }
}

[Schema("QueueEntry", "A lock or semaphore.")]
public sealed record QueueEntry
{
    [Description("Its name")]
    public string Name { get; set; } = "";

    public IReadOnlyList<HolderBody> Holders { get; set; } = [];

    [Description("How many wait")]
    public long QueueLength { get; set; }
}

[Schema("Released", "It is free.")]
public sealed record ReleasedAnswer
{
    [Description("Always true")]
    public bool Released { get; set; }

    [Description("Revision of the release")]
    public long Revision { get; set; }
}

[Schema("KeptAlive", "The renewed lease.")]
public sealed record KeptAlive
{
    [Description("The name")]
    public string Name { get; set; } = "";

    [Description("Of a lock or semaphore")]
    public long? FencingToken { get; set; }

    [Description("Of an election")]
    public long? Token { get; set; }

    [Description("The lease")]
    public string Lease { get; set; } = "";

    [Description("Its life")]
    public long TtlMs { get; set; }

    [Description("What is left of it")]
    public long RemainingMs { get; set; }
}

/// <summary>What is told later of a place whose outcome was unknown, as an operation's answer.</summary>
public sealed record AcquireOutcome
{
    public long FencingToken { get; set; }

    public string Lease { get; set; } = "";

    /// <summary>It is held, rather than waited for.</summary>
    public bool Holder { get; set; }

    public long Revision { get; set; }
}
