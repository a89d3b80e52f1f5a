using Microsoft.Extensions.Logging;
using RaftKv.Core.Calls;
using RaftKv.Core.Reads;
using RaftKv.Core.Replica;
using RaftKv.Engine;
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

    /// <summary>Where pictures of the replica go.</summary>
    public required StatusBoard Board { get; init; }

    /// <summary>Told of each view that is published.</summary>
    public required WatchHub Watches { get; init; }

    /// <summary>The monotonic clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>Who waits for a revision of the published view.</summary>
    public required ThresholdWaits RevisionWaits { get; init; }

    /// <summary>Who waits for an index that every voter has applied.</summary>
    public required ThresholdWaits AllAppliedWaits { get; init; }

    /// <summary>Asked with each tick whether the disk has too little room; null for never.</summary>
    public Func<bool>? IsDiskLow { get; init; }

    /// <summary>Who waits for the end of a compaction's removal.</summary>
    public required ThresholdWaits RemovalWaits { get; init; }

    /// <summary>For changes of role and pauses; never for single entries.</summary>
    public required ILogger Logger { get; init; }

    /// <summary>Told the outcome of a proposal that was answered as unknown; on the loop's thread, so it only hands on.</summary>
    public required Action<ProposeResult> LateOutcome { get; init; }

    /// <summary>Shows a point to readers.</summary>
    public required Action<ReadPoint> Published { get; init; }

    /// <summary>Told once, when the loop can't go on.</summary>
    public required Action<NodeFailure> Failed { get; init; }
}
