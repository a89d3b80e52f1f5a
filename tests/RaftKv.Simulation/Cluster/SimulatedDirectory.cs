using RaftKv.Core.Identity;

namespace RaftKv.Simulation.Cluster;

/// <summary>What a disk says of itself beside log and snapshots, all of it durable; gone when the disk is.</summary>
internal sealed class SimulatedDirectory
{
    // All nodes are started with one list.
    private const ulong List = 1;

    public SimulatedDirectory(NodeId instance, string name, bool isFounded)
    {
        Word = new FoundingWord(name, instance, List, FoundingStage.Open, null);
        MayRun = isFounded;
    }

    /// <summary>How far it is with the founding of its cluster.</summary>
    public FoundingWord Word { get; private set; }

    /// <summary>Its cluster is founded, or it has joined one.</summary>
    public bool MayRun { get; private set; }

    /// <summary>Its newest start.</summary>
    public Life Life { get; private set; }

    /// <summary>The newest start of each peer that it has met.</summary>
    public LifeBook Peers { get; } = new();

    /// <summary>Counts a start, before anybody hears of it.</summary>
    public void Start(ulong nonce) => Life = new Life(Life.Number + 1, nonce);

    public void Become(FoundingWord word)
    {
        Word = word;
        MayRun |= word.Stage == FoundingStage.Founded;
    }

    /// <summary>Its operator has given up the list, and starts it as one that joins.</summary>
    /// <param name="roll">Who founded the cluster, as the leader tells it.</param>
    public void Join(FoundingRoll? roll)
    {
        Word = Word with { Stage = FoundingStage.Founded, Roll = roll };
        MayRun = true;
    }
}
