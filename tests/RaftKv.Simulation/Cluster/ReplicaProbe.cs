using RaftKv.Core.Raft;
using RaftKv.Core.Replica;

namespace RaftKv.Simulation.Cluster;

/// <summary>Where the simulator looks into a replica; the one place that knows its insides.</summary>
internal static class ReplicaProbe
{
    public static RaftPicture Look(Replica replica)
    {
        ReplicaStatus status = replica.Status;
        return new RaftPicture(status.Role, status.Term.Value, status.CommitIndex.Value, status.AppliedIndex.Value, status.LastIndex.Value);
    }

    public static void CheckWholeState(Replica replica) => _ = replica;
}

/// <summary>A replica's place in the algorithm at one moment.</summary>
internal readonly record struct RaftPicture(Role Role, long Term, long CommitIndex, long AppliedIndex, long LastIndex);
