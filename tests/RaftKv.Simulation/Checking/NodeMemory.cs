using RaftKv.Core.Raft.Log;


namespace RaftKv.Simulation.Checking;

/// <summary>What one node was last seen to be.</summary>
internal sealed class NodeMemory
{
    public long LastBatch;
    public long CommitIndex;
    public long AppliedIndex;

    // Where its log ended before the present step.
    public long LastIndex;

    // Over all its lives: a node that restarts applies once more what it had applied.
    public long MostApplied;
    public long LeaderTerm = -1;
    public HardState Hard;

    // What was sought in the trees of this store when the node was last seen.
    public object? Store;
    public long SeekCount;

    public void BeginLife()
    {
        LastBatch = 0;
        CommitIndex = 0;
        AppliedIndex = 0;
        LastIndex = long.MaxValue;
        LeaderTerm = -1;
    }
}
