using RaftKv.Core.Raft.Log;


namespace RaftKv.Simulation.Checking;

/// <summary>What one node was last seen to be.</summary>
internal sealed class NodeMemory
{
    public long LastBatch;
    public long CommitIndex;
    public long AppliedIndex;

    // Over all its lives: a node that restarts applies once more what it had applied.
    public long MostApplied;
    public long LeaderTerm = -1;
    public HardState Hard;

    public void BeginLife()
    {
        LastBatch = 0;
        CommitIndex = 0;
        AppliedIndex = 0;
        LeaderTerm = -1;
    }
}
