using RaftKv.Core.Disk.Snapshots;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Store;
using RaftKv.Simulation.Cluster;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Running;

/// <summary>
/// An operator who saves a node's state at one moment of a world, gives the cluster up at a later one and restores it on new
/// directories. Draws from a generator of its own: worlds in which nothing is restored stay what they were.
/// </summary>
internal sealed class RestorePlan : ILossPlan
{
    private const long SecondUs = 1_000_000;
    private const long TryAgainUs = 100_000;
    private readonly DeterministicRandom _random;
    private readonly bool _isLinearizable;
    private readonly bool _keepsLeases;
    private readonly long _secondsSince2026;
    private readonly int? _alone;
    private bool _isAsking;
    private bool _isBehind;

    /// <param name="seconds">How long the world has faults.</param>
    /// <param name="alone">The position of the only node that is restored; null for all.</param>
    public RestorePlan(ulong seed, int seconds, int? alone = null)
    {
        _random = RandomOf(seed);
        _alone = alone;
        _isLinearizable = _random.Chance(600);
        _keepsLeases = _random.Chance(250);
        _secondsSince2026 = _random.Next(2) * 30_000_000L;
        LossAtUs = seconds * SecondUs * _random.Next(200, 800) / 1000;

        // From a moment before the loss to most of the time until then.
        BackupAtUs = LossAtUs - 1 - (LossAtUs * (_random.Chance(400) ? _random.Next(0, 30) : _random.Next(10, 900)) / 1000);
    }

    public long BackupAtUs { get; }

    public long LossAtUs { get; }

    /// <summary>What was saved; null until then.</summary>
    public StoreView? Backup { get; private set; }

    /// <summary>Whether a seed restores a cluster, where nothing speaks against it.</summary>
    public static bool IsDrawn(ulong seed, int perMille) => RandomOf(seed ^ 0xBACC).Chance(perMille);

    /// <summary>Whether a seed restores one node, where nothing speaks against it.</summary>
    public static bool IsDrawnAlone(ulong seed, int perMille) => RandomOf(seed ^ 0xA10E).Chance(perMille);

    /// <summary>Which one it is.</summary>
    public static int PositionOf(ulong seed, int nodeCount) => RandomOf(seed ^ 0xA10F).Next(nodeCount);

    /// <summary>A node that has applied nothing has no state of its cluster to show.</summary>
    public static bool HasState(SimulatedNode node) => node.IsUp && node.Point.View.AppliedIndex.Value > 0;

    /// <summary>Somebody asks a node for its state, until one gives it.</summary>
    public void Ask(SimulatedCluster cluster)
    {
        if (Backup is not null || cluster.NowUs >= LossAtUs)
        {
            return;
        }

        SimulatedNode node = cluster.Nodes[_random.Next(cluster.Nodes.Length)];
        if (HasState(node) && !node.IsFrozen && !_isAsking)
        {
            AskNode(cluster, node);
        }

        cluster.Queue.Schedule(
            cluster.NowUs + TryAgainUs, new SimEvent { Kind = EventKind.Custom, Payload = (Action)(() => Ask(cluster)) });
    }

    public Heritage? GiveUp(SimulatedCluster former)
    {
        if (ToHeritage(former) is not { } heritage)
        {
            return null;
        }

        former.Trace.Add(former.NowUs, -1, TraceKind.Phase, 4, heritage.Base.Index.Value, "given up and restored");
        former.GiveUp();
        return heritage;
    }

    // What the restore is given; null when nobody has anything.
    private Heritage? ToHeritage(SimulatedCluster former)
    {
        Backup ??= former.Nodes.FirstOrDefault(HasState)?.Point.View;
        if (Backup is not { } backup)
        {
            return null;
        }

        var terms = new RestoreTerms(RestoreTerms.BeginAt(backup.Revision, _secondsSince2026), _keepsLeases);
        long saved = backup.AppliedIndex.Value;
        Membership members = BackupFile.InfoOf(backup, former.Observer.Members.At(saved)).Membership;
        return new Heritage(former, Past.Committed(former.Observer, saved), backup, members, terms)
        {
            IsBehind = _isBehind,
            Alone = _alone,
        };
    }

    public DeterministicRandom NextRandom() => new(_random.NextUInt64());

    private void AskNode(SimulatedCluster cluster, SimulatedNode node)
    {
        if (!_isLinearizable)
        {
            Backup = node.Point.View;
            _isBehind = Backup.AppliedIndex.Value < cluster.Observer.Committed.Count;
            return;
        }

        _isAsking = true;
        cluster.Clients.ReadForBackup(node, view =>
        {
            _isAsking = false;
            Backup ??= view;
        });
    }

    private static DeterministicRandom RandomOf(ulong seed) => new(seed ^ 0x5E57_04E5);
}
