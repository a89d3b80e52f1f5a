using RaftKv.Core.Store.Gates;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Cluster;

/// <summary>
/// Says with which of two builds each node is started. In most worlds the first one is used up to a moment, and then each node gets
/// the other when it happens to restart. Where there are rollbacks, somebody upgrades one node after the other by
/// docs/operations/upgrade.md, changes their mind, and goes back as long as the cluster's version allows it, or without having looked.
/// </summary>
internal sealed class BuildOperator
{
    private const int CarelessPerMille = 150;
    private const int OldMachinePerMille = 250;
    private readonly SimulatedCluster _cluster;
    private readonly DeterministicRandom _random;
    private readonly GateTable _before;
    private readonly bool[] _isOld;
    private readonly bool[] _wasNew;
    private bool _goesBack;

    public BuildOperator(SimulatedCluster cluster, DeterministicRandom random)
    {
        (_cluster, _random) = (cluster, random);
        _before = GateTable.ThisBuild.UpTo(cluster.Profile.OldVersion);
        _isOld = new bool[cluster.Profile.NodeCount];
        _wasNew = new bool[_isOld.Length];
        if (!cluster.Profile.HasRollbacks)
        {
            return;
        }

        HasRestoredOld = cluster.Heritage is not null && BeginsOld(cluster.Heritage);
        Array.Fill(_isOld, cluster.Heritage is null || HasRestoredOld);
        for (int i = 0; cluster.Heritage?.Alone is { } alone && i < _isOld.Length; i++)
        {
            _isOld[i] |= i != alone && random.Chance(OldMachinePerMille);
        }
    }

    /// <summary>Some node went back to the build before.</summary>
    public bool HasGoneBack { get; private set; }

    /// <summary>It began with the build before, on a state of another cluster.</summary>
    public bool HasRestoredOld { get; }

    /// <summary>Nodes of both builds are running.</summary>
    public bool IsMixed
    {
        get
        {
            SimulatedNode[] running = [.. _cluster.Nodes.Where(static node => node.IsUp)];
            return running.Any(IsRunningOld) && !running.All(IsRunningOld);
        }
    }

    public void Start()
    {
        if (_cluster.Profile.HasRollbacks)
        {
            long first = _cluster.Heritage is null ? _cluster.Profile.UpgradeUs : _random.Next(6_000_000);
            After(1 + first, Think);
        }
    }

    /// <summary>What a node is started with.</summary>
    public GateTable BuildOf(SimulatedNode node)
    {
        bool isOld = _cluster.Profile.HasRollbacks ? _cluster.IsFaulty && _isOld[node.Position] : IsBeforeUpgrade;
        if (isOld && _wasNew[node.Position])
        {
            HasGoneBack = true;
            _cluster.Reach.Versions.WentBack();
            _cluster.Counters.Faults.Rollbacks++;
        }

        _wasNew[node.Position] = !isOld;
        return isOld ? _before : GateTable.ThisBuild;
    }

    /// <summary>An empty machine is put in a node's place; at times with the build that everybody had before.</summary>
    public void Replaced(SimulatedNode node)
    {
        if (_cluster.Profile.HasRollbacks && _random.Chance(OldMachinePerMille))
        {
            _isOld[node.Position] = true;
        }
    }

    /// <summary>A node with the build before has met what it does not know, and ended (exit code 6): it gets the other one.</summary>
    public void EndedTooOld(SimulatedNode node)
    {
        DemandRaise(_cluster.Observer.Versions.Highest, node.Storage.Gates.Newest);
        _isOld[node.Position] = false;
        _cluster.Counters.Faults.TooOld++;
        _cluster.Reach.Versions.EndedTooOld(isEmpty: node.Durable.LastIndex.Value == 0);
    }

    /// <summary>R16: only what was raised beyond a build ends a node that runs it.</summary>
    internal static void DemandRaise(ClusterVersion highest, ClusterVersion supported)
    {
        if (highest <= supported)
        {
            throw new SimulationViolationException(
                "R16", $"a node of a build that supports version {supported} ends as too old, and no leader went beyond {highest}");
        }
    }

    // Nobody upgrades a cluster that has not begun: the first leader's build is the version that it is founded in. Whoever restores
    // does so with this build: one before it may not know what the state holds.
    private bool IsBeforeUpgrade => _cluster.Profile.HasMixedBuilds && _cluster.Heritage is null
        && (_cluster.NowUs < _cluster.Profile.UpgradeUs || _cluster.Observer.Committed.Count == 0);

    private bool BeginsOld(Heritage heritage) => heritage.State.ClusterVersion <= _before.Newest && _random.Chance(600);

    private void Think()
    {
        if (!_cluster.IsFaulty)
        {
            return;
        }

        bool isRaised = _cluster.Observer.CommittedView.ClusterVersion > _before.Newest;
        if (_cluster.Observer.Committed.Count > _cluster.Observer.BaseIndex)
        {
            Move(isRaised);
        }

        bool isDone = isRaised && !_goesBack && Array.TrueForAll(_isOld, static isOld => !isOld);
        if (!isDone || _random.Chance(200))
        {
            After(1 + _random.Exponential(_random.OneOf(50_000, 400_000, 1_500_000)), Think);
        }
    }

    private void Move(bool isRaised)
    {
        bool mayGoBack = !isRaised || _random.Chance(CarelessPerMille);
        _goesBack = _goesBack ? mayGoBack && !_random.Chance(200) : mayGoBack && _random.Chance(250);
        int[] left = [.. Enumerable.Range(0, _isOld.Length).Where(position => _isOld[position] != _goesBack)];
        if (left.Length == 0)
        {
            _cluster.Reach.Versions.AllWentBack(_goesBack && HasGoneBack);
            return;
        }

        SimulatedNode node = _cluster.Nodes[left[_random.Next(left.Length)]];
        _isOld[node.Position] = _goesBack;
        if (node is { IsUp: true, IsPaused: false, IsStalled: false })
        {
            node.Drain(1 + _random.Next(1_000_000));
        }
    }

    private bool IsRunningOld(SimulatedNode node) => node.Storage.Gates.Newest < GateTable.ThisBuild.Newest;

    private void After(long us, Action work) =>
        _cluster.Queue.Schedule(_cluster.NowUs + us, new SimEvent { Kind = EventKind.Custom, Payload = work });
}
