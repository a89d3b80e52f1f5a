using RaftKv.Core.Replica;
using RaftKv.Simulation.Cluster;

namespace RaftKv.Simulation.Checking;

/// <summary>Q5, by counting, after every round of every node: it applied no more than it may.</summary>
internal static class SliceChecker
{
    public static void Check(ReplicaCore replica, NodeMemory memory)
    {
        object store = ReplicaProbe.StoreOf(replica);
        long seeks = ReplicaProbe.SeekCount(replica);
        ReplicaProbe.CheckSlice(replica, seeks - (ReferenceEquals(store, memory.Store) ? memory.SeekCount : 0));
        (memory.Store, memory.SeekCount) = (store, seeks);
    }
}
