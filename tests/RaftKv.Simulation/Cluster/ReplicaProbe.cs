using RaftKv.Core.Raft;
using RaftKv.Core.Replica;

namespace RaftKv.Simulation.Cluster;

/// <summary>Where the simulator looks into a replica; the one place that knows its insides.</summary>
internal static class ReplicaProbe
{
    public static RaftPicture Look(Replica replica)
    {
        RaftCore raft = replica.Raft;
        return new RaftPicture(
            raft.Role, raft.CurrentTerm.Value, raft.Log.CommitIndex.Value, replica.View.AppliedIndex.Value, raft.Log.LastEntry.Index.Value);
    }

    /// <summary>The core's own checks that walk the whole log.</summary>
    public static void CheckWholeState(Replica replica) => RaftInvariants.CheckAll(replica.Raft);
}

/// <summary>A replica's place in the algorithm at one moment.</summary>
internal readonly record struct RaftPicture(Role Role, long Term, long CommitIndex, long AppliedIndex, long LastIndex);
