using Microsoft.Extensions.Logging;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Calls;
using RaftKv.Core.Replica;
using RaftKv.Engine;
using RaftKv.Engine.DotNext;
using RaftKv.Engine.Publishing;
using RaftKv.Watch;

namespace RaftKv.Node;

/// <summary>What a <see cref="ReplicaLoop"/> is put together from.</summary>
internal sealed record ReplicaLoopParts
{
    /// <summary>Owned by the loop from now on.</summary>
    public required ReplicaCore Replica { get; init; }

    /// <summary>Who the node is.</summary>
    public required NodeIdentity Identity { get; init; }

    /// <summary>The replica's incarnation.</summary>
    public required ulong Incarnation { get; init; }

    /// <summary>Where inputs come from.</summary>
    public required Mailbox Mailbox { get; init; }

    /// <summary>Where persist batches go.</summary>
    public required WalWriter Wal { get; init; }

    /// <summary>Where snapshot work goes.</summary>
    public required SnapshotWorker Snapshots { get; init; }

    /// <summary>Where messages go.</summary>
    public required ITransport Transport { get; init; }

    /// <summary>Where points and pictures of the replica go.</summary>
    public required EngineBoard Board { get; init; }

    /// <summary>Told of each view that is published.</summary>
    public required WatchHub Watches { get; init; }

    /// <summary>The Raft that decides in place of ours; null where ours does.</summary>
    public DotNextGuide? Guide { get; init; }

    /// <summary>The monotonic clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>Told, on the loop's thread, of the membership in force, and whether it is committed, whenever either changes.</summary>
    public required Action<Membership, bool> MembersChanged { get; init; }

    /// <summary>Told how many microseconds a round worked, without its wait for inputs; null for nobody.</summary>
    public Action<long>? RoundTook { get; init; }

    /// <summary>Asked with each tick whether the disk has too little room; null for never.</summary>
    public Func<bool>? IsDiskLow { get; init; }

    /// <summary>For changes of role and pauses; never for single entries.</summary>
    public required ILogger Logger { get; init; }

    /// <summary>Told the outcome of a proposal that was answered as unknown; on the loop's thread, so it only hands on.</summary>
    public required Action<ProposeResult> LateOutcome { get; init; }

    /// <summary>Told once, when the loop can't go on.</summary>
    public required Action<NodeFailure> Failed { get; init; }
}
