using RaftKv.Core.Raft.Members;
using RaftKv.Core.Replica;
using RaftKv.Core.Replica.Levels;
using RaftKv.Engine;

namespace RaftKv.Node;

/// <summary>Our replica's picture in the words of the seam.</summary>
internal static class StatusPictures
{
    /// <summary>The same picture.</summary>
    public static EngineStatus Of(ReplicaStatus status) => new()
    {
        Self = status.Self,
        Role = status.Role,
        Term = status.Term,
        Leader = status.Leader,
        CommitIndex = status.CommitIndex,
        AppliedIndex = status.AppliedIndex,
        LastIndex = status.LastIndex,
        PersistedIndex = status.PersistedIndex,
        FirstIndex = status.FirstIndex,
        Snapshot = status.Snapshot,
        Membership = Of(status.Membership),
        PendingProposalCount = status.PendingProposalCount,
        PendingProposalBytes = status.PendingProposalBytes,
        LogBytes = status.LogBytes,
        Followers = Array.ConvertAll([.. status.Followers], Of),
        AllAppliedIndex = status.AllAppliedIndex,
        Gates = status.Gates,
        ClusterVersion = status.ClusterVersion,
        Alarms = Array.ConvertAll([.. status.Alarms], Of),
    };

    /// <summary>The same membership.</summary>
    public static EngineMembership Of(Membership members) => new(members.Voters, members.OutgoingVoters, members.Learners);

    private static FollowerProgress Of(FollowerStatus follower) => new(
        follower.Node, follower.State, follower.MatchIndex, follower.NextIndex, follower.InflightCount, follower.SilentTicks)
    {
        AppliedIndex = follower.AppliedIndex,
        SnapshotSentBytes = follower.SnapshotSentBytes,
        SnapshotBytes = follower.SnapshotBytes,
        LagEntries = follower.LagEntries,
        LastSeenMs = follower.LastSeenMs,
        LagMs = follower.LagMs,
    };

    private static DivergedNode Of(DivergenceAlarm alarm) => new(alarm.Node, alarm.Index, alarm.LeaderHash, alarm.NodeHash);
}
