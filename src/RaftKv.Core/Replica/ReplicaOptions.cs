using RaftKv.Core.Raft.Members;

namespace RaftKv.Core.Replica;

/// <summary>Settings of one replica. Ticks are what the host makes them; the server's tick is 10 ms.</summary>
public sealed record ReplicaOptions
{
    /// <summary>This node.</summary>
    public required NodeId Self { get; init; }

    /// <summary>
    /// The members of a cluster that starts fresh; the same on every node. Later memberships come from snapshot and
    /// log.
    /// </summary>
    public required Membership InitialMembership { get; init; }

    /// <summary>Seed of the election timeouts; differs from node to node and from start to start.</summary>
    public required ulong Seed { get; init; }

    /// <summary>
    /// Drawn by the host at each start, never twice the same for one node: (node, incarnation, number) names a proposal
    /// for ever.
    /// </summary>
    public required ulong Incarnation { get; init; }

    /// <summary>Length of a tick in milliseconds, by which TTLs become ticks; what the host makes it.</summary>
    public int TickMs { get; init; } = 10;

    /// <summary>Ticks between heartbeats.</summary>
    public int HeartbeatTicks { get; init; } = 10;

    /// <summary>Base of the election timeout; each wait is drawn from [1, 1.25) times this.</summary>
    public int ElectionTimeoutTicks { get; init; } = 100;

    /// <summary>
    /// By how many percent two nodes' clocks may run apart before a lease read could be stale. Takes so much off each
    /// lease of the leader; not of clients' leases.
    /// </summary>
    public int LeaderLeaseDriftPercent { get; init; } = 10;

    /// <summary>
    /// How long a heartbeat that a quorum acknowledged keeps other leaders away. One tick less than the voters' patience
    /// since the first may be cut short, one more for good measure, and the margin for drift.
    /// </summary>
    public long LeaderLeaseMicroseconds =>
        Math.Max(0L, ElectionTimeoutTicks - 2) * TickMs * 1000 / 100 * (100 - LeaderLeaseDriftPercent);

    /// <summary>Most bytes of entries in one append message; one entry is always sent, however large.</summary>
    public int MaxAppendBytes { get; init; } = 512 * 1024;

    /// <summary>
    /// Most append messages under way to one follower: pipelining (thesis 10.2.1). Small messages are rare, since a
    /// batch makes one.
    /// </summary>
    public int MaxInflightAppends { get; init; } = 64;

    /// <summary>
    /// Most bytes of entries that the leader holds uncommitted; beyond it proposals are refused as overloaded.
    /// </summary>
    public long MaxUncommittedBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>
    /// Quota that a leader gives to a cluster that has none; 0 gives none. See <see cref="Store.Commands.SetStoreQuotaCommand"/>.
    /// </summary>
    public long QuotaBytes { get; init; }

    /// <summary>
    /// How much of the state this node can hold, by its memory budget: the cluster never stores more than its smallest member
    /// can. 0 says nothing, and limits nobody.
    /// </summary>
    public long StoreBudgetBytes { get; init; }

    /// <summary>
    /// Bytes of entries in memory, committed or not, beyond which proposals are refused as overloaded and a leader's
    /// entries are dropped, until a snapshot has made room.
    /// </summary>
    public long MaxLogBytes { get; init; } = long.MaxValue;

    /// <summary>
    /// Bytes of entries on their way to the disk beyond which proposals are refused as overloaded and a leader's entries are
    /// dropped, until some are durable; one always goes. The log in memory may have let go of them already, when a
    /// snapshot was written faster than the log is synced.
    /// </summary>
    public long MaxUnsyncedBytes { get; init; } = long.MaxValue;

    /// <summary>
    /// Most bytes of entries under way to one follower: what the connection to it may hold back. One message always
    /// goes.
    /// </summary>
    public long MaxInflightBytes { get; init; } = long.MaxValue;

    /// <summary>
    /// Most bytes of this node's proposals that may be undecided; one always fits. Beyond it they are refused as
    /// overloaded.
    /// </summary>
    public long MaxPendingProposalBytes { get; init; } = long.MaxValue;

    /// <summary>Most proposals of this node that may be undecided; beyond it they are refused as overloaded.</summary>
    public int MaxPendingProposals { get; init; } = 16 * 1024;

    /// <summary>Most reads of this node that may wait; beyond it they are refused.</summary>
    public int MaxPendingReads { get; init; } = 64 * 1024;

    /// <summary>A snapshot is due after this many applied entries …</summary>
    public int SnapshotEntries { get; init; } = 10_000;

    /// <summary>… or this many bytes of them, which large entries reach first …</summary>
    public long SnapshotWorthBytes { get; init; } = long.MaxValue;

    /// <summary>
    /// … once their bytes also reach this share (percent) of the last snapshot's size, so that large stores are not
    /// rewritten for every few writes.
    /// </summary>
    public int SnapshotGrowthPercent { get; init; } = 25;

    /// <summary>
    /// A snapshot is due after so many bytes of applied entries too, whatever the size of the last one: so that the log
    /// in memory, and what is replayed at a start, stay bounded.
    /// </summary>
    public long SnapshotTriggerBytes { get; init; } = long.MaxValue;

    /// <summary>
    /// Bytes of applied entries from which a snapshot is due as soon as hardly anything is applied; a store of many bytes asks
    /// for more.
    /// </summary>
    public long QuietSnapshotBytes { get; init; } = long.MaxValue;

    /// <summary>Ticks in which hardly anything is applied before a node is called quiet.</summary>
    public int QuietTicks { get; init; } = 500;

    /// <summary>Most bytes of the entries that are kept before the snapshot.</summary>
    public long TrailingBytes { get; init; } = long.MaxValue;

    /// <summary>
    /// Entries kept in the log before the snapshot, so that a follower a little behind needs no snapshot.
    /// </summary>
    public int TrailingEntries { get; init; } = 5_000;

    /// <summary>
    /// Units of work that a round spends on applying before messages and reads have their turn again, from 1: a few
    /// milliseconds. Local: nodes with other ones come to the same state. See <see cref="Store.Work.WorkMeter"/>.
    /// </summary>
    public int ApplyUnitsPerRound { get; init; } = 8_192;

    /// <summary>A node whose state differs from a majority's ends, so that it can come back as a new member.</summary>
    public bool EndsWhenDiverged { get; init; }

    /// <summary>Another Raft decides who leads and what is committed; see <see cref="ReplicaCore.Guide"/>.</summary>
    public bool IsGuided { get; init; }

    /// <summary>What the leader compacts by itself.</summary>
    public AutoCompaction AutoCompaction { get; init; }

    /// <summary>Bytes of one snapshot chunk.</summary>
    public int SnapshotChunkBytes { get; init; } = 1024 * 1024;

    /// <summary>
    /// Ticks after which a proposal that no leader took is refused, and a read that no leader confirmed.
    /// </summary>
    public int NoLeaderTimeoutTicks { get; init; } = 400;

    /// <summary>These options with every bound in bytes that a budget gives.</summary>
    /// <param name="peerCount">Other members.</param>
    public ReplicaOptions Within(MemoryBudget budget, int peerCount) => this with
    {
        MaxLogBytes = budget.LogLimitBytes,
        SnapshotTriggerBytes = budget.SnapshotTriggerBytes,
        SnapshotWorthBytes = budget.SnapshotWorthBytes,
        QuietSnapshotBytes = budget.QuietSnapshotBytes,
        TrailingBytes = budget.TrailingLogBytes,
        MaxUncommittedBytes = budget.UncommittedBytes,
        MaxUnsyncedBytes = budget.UnsyncedBytes,
        MaxInflightBytes = budget.PeerQueueBytes(peerCount) / 4,
        MaxPendingProposalBytes = budget.ProposalBytes,
        SnapshotChunkBytes = budget.SnapshotPieceBytes(peerCount),
    };
}
