using Microsoft.Extensions.Logging;
using RaftKv.Core;
using RaftKv.Core.Disk;
using RaftKv.Core.Driver;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Replica;
using RaftKv.Engine;
using RaftKv.Engine.DotNext;

namespace RaftKv.Node;

/// <summary>What a <see cref="RaftNode"/> is put together from; disk and transport are its own from now on.</summary>
internal sealed record RaftNodeParts
{
    /// <summary>Who the node is.</summary>
    public required NodeIdentity Identity { get; init; }

    /// <summary>Where this node serves clients, as the others should know it; null for nowhere.</summary>
    public string? ClientUrl { get; init; }

    /// <summary>Told, on the loop's thread, of the membership in force, and whether it is committed; null for nobody.</summary>
    public Action<Membership, bool>? MembersChanged { get; init; }

    /// <summary>
    /// Sees clients off, when the node leaves the cluster and before it stops to take writes; null where there are none. Any thread.
    /// </summary>
    public Func<Task>? SeeClientsOff { get; init; }

    /// <summary>Settings of the replica.</summary>
    public required ReplicaOptions Replica { get; init; }

    /// <summary>The data directory.</summary>
    public required ReplicaDisk Disk { get; init; }

    /// <summary>The network.</summary>
    public required ITransport Transport { get; init; }

    /// <summary>The Raft that decides in place of ours; null where ours does.</summary>
    public DotNextGuide? Guide { get; init; }

    /// <summary>The clock; only its monotonic side is used.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>Log of the node.</summary>
    public required ILogger Logger { get; init; }

    /// <summary>Told once, from any thread, when the node can't go on; the server ends the process here.</summary>
    public required Action<NodeFailure> Failed { get; init; }

    /// <summary>Told how many microseconds each sync of the log took, on the log's thread; null for nobody.</summary>
    public Action<long>? SyncTook { get; init; }

    /// <summary>Told how many microseconds each round of the loop worked, on its thread; null for nobody.</summary>
    public Action<long>? RoundTook { get; init; }

    /// <summary>Asked with each tick, on the loop's thread, whether the disk has too little room; null for never.</summary>
    public Func<bool>? IsDiskLow { get; init; }

    /// <summary>What is known of the data directory's disk; asked from any thread. Null for nothing.</summary>
    public Func<DiskUse>? DiskUse { get; init; }

    /// <summary>Bounds of the mailbox.</summary>
    public MailboxLimits MailboxLimits { get; init; } = new();

    /// <summary>What the node may use of memory.</summary>
    public MemoryBudget Budget { get; init; } = new(1L << 30);
}
