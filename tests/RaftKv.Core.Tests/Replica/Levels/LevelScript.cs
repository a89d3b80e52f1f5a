using RaftKv.Core.Calls;
using RaftKv.Core.Raft.Messages;
using RaftKv.Core.Reads;
using RaftKv.Core.Replica;
using static RaftKv.Core.Tests.Raft.Words;

namespace RaftKv.Core.Tests.Replica.Levels;

/// <summary>A cluster whose nodes' clocks a script sets; node 1 leads. Clocks of different nodes are far apart.</summary>
internal sealed class LevelScript
{
    /// <summary>Length of a lease with the test cluster's timers: 18 ticks of 10 ms, less 10 %.</summary>
    public const long LeaderLeaseUs = 162_000;

    private readonly long[] _clocks;

    public LevelScript(
        int voterCount = 3, int learnerCount = 0, bool isElected = true, Func<ReplicaOptions, ReplicaOptions>? options = null)
    {
        Cluster = new ReplicaTestCluster(voterCount, learnerCount, options);
        _clocks = new long[voterCount + learnerCount + 1];
        for (int i = 1; i < _clocks.Length; i++)
        {
            _clocks[i] = i * 1_000_000_000L;
        }

        Pass(0);
        if (isElected)
        {
            Cluster.Elect(1);
            Cluster.Settle();
        }
    }

    public ReplicaTestCluster Cluster { get; }

    /// <summary>The clocks of all nodes go on; nothing else happens.</summary>
    public void Pass(long us)
    {
        for (int i = 1; i < _clocks.Length; i++)
        {
            _clocks[i] += us;
            Cluster[i].Replica.Advance(Now(i));
        }
    }

    public MonotonicTime Now(int node) => new(_clocks[node]);

    /// <summary>The point that readers of a node see now.</summary>
    public ReadPoint Point(int node) => Cluster[node].Replica.ReadPoint;

    /// <summary>What a read of this level must do on a node now.</summary>
    public ReadDecision Decide(int node, ReadLevel level) => ReadPlanner.Decide(new ReadTerms(level), Point(node), Now(node));

    /// <summary>Ticks of all nodes with their time, until a heartbeat has been sent and answered.</summary>
    public void Beat()
    {
        for (int i = 0; i < Raft.RaftTestNode.HeartbeatTicks; i++)
        {
            Pass(10_000);
            Cluster.Tick();
        }
    }

    /// <summary>Asks for a barrier on a node, and returns its number.</summary>
    public long Ask(int node, ReadDemand demand) => Cluster[node].Read(demand);

    public HeartbeatResponse Ack(int from, MonotonicTime sentAt, LogIndex applied = default, ulong hash = 0) =>
        new(N(from), N(1), Cluster[1].Raft.CurrentTerm, ReadRound: 0) { SentAt = sentAt, AppliedIndex = applied, StateHash = hash };
}
