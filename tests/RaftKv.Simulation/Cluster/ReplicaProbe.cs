using RaftKv.Core.Raft;
using RaftKv.Core.Raft.Roles;
using RaftKv.Core.Replica;

namespace RaftKv.Simulation.Cluster;

/// <summary>Where the simulator looks into a replica; the one place that knows its insides.</summary>
internal static class ReplicaProbe
{
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

    public static bool HasCommittedInTerm(ReplicaCore replica) => replica.Raft.HasCommittedInTerm;

    public static EntryId SnapshotOf(ReplicaCore replica) => replica.Raft.Snapshot;

    /// <summary>R13, Q1: nothing that is held is beyond its bound in bytes.</summary>
    public static void CheckBounds(ReplicaCore replica, SwarmProfile profile)
    {
        RaftInvariants.CheckBounds(replica.Raft, profile.LargestEntryBytes);
        Check.That(
            replica.PendingProposalBytes <= profile.MaxPendingProposalBytes + profile.LargestEntryBytes,
            "undecided proposals stay within their bound", replica.PendingProposalBytes, profile.MaxPendingProposalBytes);
    }

    /// <summary>The core's own checks that walk the whole log.</summary>
    public static void CheckWholeState(ReplicaCore replica) => RaftInvariants.CheckAll(replica.Raft);
}

/// <summary>A replica's place in the algorithm at one moment.</summary>
internal readonly record struct RaftPicture(Role Role, long Term, long CommitIndex, long AppliedIndex, long LastIndex);
