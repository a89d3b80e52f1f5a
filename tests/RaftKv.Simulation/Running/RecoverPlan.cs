using RaftKv.Core.Disk;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Replica;
using RaftKv.Core.Store;
using RaftKv.Simulation.Checking;
using RaftKv.Simulation.Cluster;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Running;

/// <summary>
/// An operator who has lost the directories of so many voters for good that the rest is no majority, and makes a survivor a cluster
/// of its own (<c>raftkv recover --force-new-cluster</c>). Draws from a generator of its own.
/// </summary>
internal sealed class RecoverPlan : ILossPlan
{
    private const long SecondUs = 1_000_000;
    private readonly DeterministicRandom _random;
    private readonly bool _keepsLeases;
    private readonly long _secondsSince2026;

    /// <param name="seconds">How long the world has faults.</param>
    public RecoverPlan(ulong seed, int seconds)
    {
        _random = RandomOf(seed);
        _keepsLeases = _random.Chance(250);
        _secondsSince2026 = _random.Next(2) * 30_000_000L;
        LossAtUs = seconds * SecondUs * _random.Next(200, 800) / 1000;
    }

    public long LossAtUs { get; }

    /// <summary>Whether a seed recovers a survivor, where nothing speaks against it.</summary>
    public static bool IsDrawn(ulong seed, int perMille) => RandomOf(seed ^ 0xD15A).Chance(perMille);

    public DeterministicRandom NextRandom() => new(_random.NextUInt64());

    public Heritage? GiveUp(SimulatedCluster former)
    {
        List<SimulatedNode> left = DrawSurvivors(former);
        if (left.Count == 0)
        {
            return null;
        }

        former.Trace.Add(former.NowUs, -1, TraceKind.Phase, 5, left.Count, "a majority is lost for good");
        former.GiveUp();
        List<Survivor> survivors = [.. left.Select(node => Survivor.Read(former, node)).OfType<Survivor>()];

        Survivor chosen = Furthest(survivors);
        RecoverChecks.CheckChosen(former, chosen, survivors);
        former.Reach.Restores.Chosen(chosen, survivors.Count);
        StoreView state = chosen.State.Store.View;
        var terms = new RestoreTerms(RestoreTerms.BeginAt(state.Revision, _secondsSince2026), _keepsLeases);
        return new Heritage(former, chosen.Past, state, chosen.State.Info.Membership, terms)
        {
            Alone = chosen.Node.Position,
            IsRecovery = true,
        };
    }

    /// <summary>
    /// The one to take, as docs/operations/backup.md says: of the latest term, and of those the longest log. A longer one that ends in an
    /// earlier term has what was never committed, in place of what was.
    /// </summary>
    internal static Survivor Furthest(IEnumerable<Survivor> survivors) =>
        survivors.OrderByDescending(static it => it.Last.Term).ThenByDescending(static it => it.Last.Index).First();

    // A voter whose disk is whole, the rest of the voters, and whoever belongs to the cluster without a vote; at times the operator
    // knows of the first one only.
    private List<SimulatedNode> DrawSurvivors(SimulatedCluster former)
    {
        Membership now = former.Observer.Members.Committed;
        List<NodeId> voters = [.. now.Voters.OrderBy(_ => _random.NextUInt64())];
        SimulatedNode[] members =
            [.. former.Nodes.Where(node => now.IsMember(node.Id) && MaySurvive(node)).OrderBy(_ => _random.NextUInt64())];
        SimulatedNode? sound = Array.Find(members, node => now.IsVoter(node.Id) && !former.Atlas.IsCursed(node.Position));
        int fewest = voters.Count - (voters.Count / 2);
        if (sound is null || fewest == voters.Count)
        {
            return [];
        }

        voters.Remove(sound.Id);
        HashSet<NodeId> gone = [.. voters.Take(_random.Next(fewest, voters.Count + 1))];
        return _random.Chance(300) ? [sound] : [.. members.Where(node => !gone.Contains(node.Id))];
    }

    // It has something to go on with.
    private static bool MaySurvive(SimulatedNode node) =>
        node is { IsCondemned: false, IsFounding: false, Directory.MayRun: true } && node.Durable.LastIndex.Value > 0;

    private static DeterministicRandom RandomOf(ulong seed) => new(seed ^ 0x4EC0_7E5A);
}
