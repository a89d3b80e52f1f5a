using RaftKv.Core.Raft;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Raft.Roles;
using RaftKv.Core.Replica;
using RaftKv.Core.Store.Work;

namespace RaftKv.Simulation.Cluster;

/// <summary>Where the simulator looks into a replica; the one place that knows its insides.</summary>
internal static class ReplicaProbe
{
    // The queue of a lock, and first answers that go for a new one: worlds have few of both.
    private const long LargestPieceUnits = 1_000;

    // The store's alarm, which a command's first piece has paid for in an earlier round, and what a no-op does for compaction
    // before the gate.
    private const long SeeksAtTheEnd = 24;

    public static RaftPicture Look(ReplicaCore replica)
    {
        RaftCore raft = replica.Raft;
        return new RaftPicture(
            raft.Role, raft.CurrentTerm.Value, raft.Log.CommitIndex.Value, replica.View.AppliedIndex.Value, raft.Log.LastEntry.Index.Value);
    }

    /// <summary>To whom a leader hands over; none when it does not.</summary>
    public static NodeId TransferTarget(ReplicaCore replica) =>
        replica.Raft.State is LeaderState leader ? leader.TransferTarget : NodeId.None;

    /// <summary>How a leader sees the others; empty elsewhere.</summary>
    public static IReadOnlyList<Progress> Followers(ReplicaCore replica) =>
        replica.Raft.State is LeaderState leader ? leader.Followers : [];

    /// <summary>What a leader knows a member to have on disk; 0 elsewhere.</summary>
    public static long MatchOf(ReplicaCore replica, NodeId member) =>
        replica.Raft.State is LeaderState leader && leader.Find(member) is { } progress ? progress.MatchIndex.Value : 0;

    /// <summary>Who takes part, as this node sees it.</summary>
    public static Membership MembershipOf(ReplicaCore replica) => replica.Raft.Membership;

    /// <summary>How often it handed over, as a leader, because its disk was slow; in this life.</summary>
    public static long SlowHandOvers(ReplicaCore replica) => replica.Raft.SlowHandOverCount;

    /// <summary>How often it handed over, as a leader, to a voter of a higher priority; in this life.</summary>
    public static long PreferredHandOvers(ReplicaCore replica) => replica.Raft.PreferredHandOverCount;

    /// <summary>Read rounds that a leader has under way; 0 elsewhere.</summary>
    public static int ReadRoundsUnderWay(ReplicaCore replica) => replica.Raft.State is LeaderState leader ? leader.Reads.UnderWayCount : 0;

    public static bool HasCommittedInTerm(ReplicaCore replica) => replica.Raft.HasCommittedInTerm;

    public static EntryId SnapshotOf(ReplicaCore replica) => replica.Raft.Snapshot;

    public static long LogBytesOf(ReplicaCore replica) => replica.Raft.Log.Bytes;

    /// <summary>R13, Q1: nothing that is held is beyond its bound in bytes.</summary>
    public static void CheckBounds(ReplicaCore replica, SwarmProfile profile)
    {
        RaftInvariants.CheckBounds(replica.Raft, profile.LargestEntryBytes);
        Check.That(
            replica.PendingProposalBytes <= profile.MaxPendingProposalBytes + profile.LargestEntryBytes,
            "undecided proposals stay within their bound", replica.PendingProposalBytes, profile.MaxPendingProposalBytes);
    }

    /// <summary>Q5: the last round applied no more than it may, and one piece of work.</summary>
    /// <param name="seeks">What was sought in the trees in that round, which is counted elsewhere.</param>
    public static void CheckSlice(ReplicaCore replica, long seeks)
    {
        WorkMeter work = replica.ApplyWork;
        long counted = work.Spent - work.DroppedUnits;
        long most = replica.ApplyUnitsPerRound + work.LargestPiece;
        Check.That(counted <= most, "a round applies no more than it may", counted, most);
        Check.That(work.LargestPiece <= LargestPieceUnits, "no piece of work is large", work.LargestPiece, LargestPieceUnits);
        Check.That(seeks <= work.Spent + SeeksAtTheEnd, "every write is counted as work", seeks, work.Spent);
    }

    /// <summary>Keys sought in the trees of the present store so far.</summary>
    public static long SeekCount(ReplicaCore replica) => replica.Store.SeekCount;

    /// <summary>The store that is applied to; another one after a snapshot was installed.</summary>
    public static object StoreOf(ReplicaCore replica) => replica.Store;

    /// <summary>True while a command is applied in part.</summary>
    public static bool IsAmidCommand(ReplicaCore replica) => replica.Store.IsAmidCommand;

    /// <summary>The core's own checks that walk the whole log.</summary>
    public static void CheckWholeState(ReplicaCore replica) => RaftInvariants.CheckAll(replica.Raft);
}

/// <summary>A replica's place in the algorithm at one moment.</summary>
internal readonly record struct RaftPicture(Role Role, long Term, long CommitIndex, long AppliedIndex, long LastIndex);
