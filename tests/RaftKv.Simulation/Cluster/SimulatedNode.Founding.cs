using RaftKv.Core.Identity;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Cluster;

/// <summary>
/// The time before a directory belongs to a cluster, and what nodes know of each other's starts: the production rules, with
/// the connections of one question and one answer that the server makes for them.
/// </summary>
internal sealed partial class SimulatedNode
{
    private const long AskEveryUs = 20_000;

    // As the server's links do when they have nothing else to say.
    private const int DialEveryTicks = 20;

    private readonly SortedDictionary<int, FoundingWord> _words = [];
    private int _ticksToDial;

    // Somebody may name this directory in a promise from now on.
    private bool _wasHeard;

    // Starts of this node by the number of its life here, and lives of peers whose connection was accepted in the present one.
    private readonly Dictionary<int, Life> _starts = [];
    private readonly HashSet<(int Position, int Life)> _welcome = [];

    /// <summary>The process runs, and waits for its cluster to be founded.</summary>
    public bool IsFounding { get; private set; }

    /// <summary>What it says of its founding to who asks; null when nobody is there to answer.</summary>
    private FoundingWord? SaidWord => !IsFounding && (!IsUp || IsPaused) ? null
        : _cluster.Profile.FoundsByNumber ? GatheringRules.Say(Directory.Word, _cluster.Nodes.Length, [.. _words.Values])
        : Directory.Word;

    private FoundingStep NextFounding => _cluster.Profile.FoundsByNumber
        ? GatheringRules.Next(Directory.Word, _cluster.Nodes.Length, [.. _words.Values])
        : FoundingRules.Next(Directory.Word, [.. _cluster.Nodes.Select(static node => node.Name)], [.. _words.Values]);

    /// <summary>
    /// A message of this life of a peer has come: false when it is not let in. A start that is refused belongs to a copy; the
    /// worlds' own nodes are none, so that only what came late from a life that is over may be.
    /// </summary>
    public bool Welcomes(SimulatedNode peer, int life, NodeId instance)
    {
        if (_welcome.Contains((peer.Position, life)))
        {
            return true;
        }

        if (!peer._starts.TryGetValue(life, out Life start))
        {
            return false;
        }

        LifeVerdict verdict = Directory.Peers.Meet(instance, start, out _, out _);
        if (verdict is LifeVerdict.Known or LifeVerdict.Newer)
        {
            _welcome.Add((peer.Position, life));
            return true;
        }

        if (peer.Life == life && peer.IsUp)
        {
            throw new SimulationViolationException(
                "R14", $"node {Position + 1} takes node {peer.Position + 1} for a copy ({verdict}), and there is none");
        }

        return false;
    }

    // Each node dials each other, and both say which start of theirs this is.
    private void Dial()
    {
        if (--_ticksToDial > 0)
        {
            return;
        }

        _ticksToDial = DialEveryTicks;
        foreach (SimulatedNode other in _cluster.Nodes)
        {
            if (other != this && other is { IsUp: true, IsPaused: false } && !_cluster.Network.IsCut(Position, other.Position))
            {
                other.Welcomes(this, Life, Id);
            }
        }
    }

    /// <summary>True when it knows the newest start of that directory.</summary>
    public bool KnowsNewest(SimulatedNode peer) =>
        Directory.Peers.Known.TryGetValue(peer.Id, out Life known) && known == peer.Directory.Life;

    // Counted before anybody hears of the start.
    private void CountStart()
    {
        Directory.Start(_random.NextUInt64());
        _starts[Life] = Directory.Life;
    }

    private void BeginFounding()
    {
        if (!IsFounding)
        {
            IsFounding = true;
            Life++;
            CountStart();
            _words.Clear();
            After(1, FoundingRound);
        }
    }

    private void FoundingRound()
    {
        FoundingStep step = NextFounding;
        switch (step)
        {
            case FoundingStep.Promise or FoundingStep.Found:
                // A crash may come before it is durable.
                After(DiskLatency(_cluster.Profile.SyncMeanUs), () => Durably(step));
                return;
            case FoundingStep.Refuse refusal:
                Refused(refusal);
                return;
            default:
                break;
        }

        foreach (SimulatedNode other in _cluster.Nodes)
        {
            if (other != this)
            {
                Ask(other);
            }
        }

        if (_cluster.IsFaulty && _cluster.Profile.HasCrashes && _random.Chance(30))
        {
            DieFounding();
            return;
        }

        After(AskEveryUs + _random.Exponential(AskEveryUs), FoundingRound);
    }

    private void Durably(FoundingStep step)
    {
        Directory.Become(FoundingRules.After(Directory.Word, step));
        _cluster.Trace.Add(_cluster.NowUs, Position, TraceKind.Phase, 3, (long)Directory.Word.Stage, "founding");
        if (step is not FoundingStep.Found found)
        {
            FoundingRound();
            return;
        }

        _cluster.Reach.Members.Founded();
        _cluster.Founded(found.Roll);
        if (_cluster.Heritage is { } heritage)
        {
            LayDown(heritage);
        }

        IsFounding = false;
        Life++;
        Start();
    }

    // Its disk is lost only while nobody knows of it: a founding that loses a directory which may be promised can't go on for
    // good, and says so; see FoundingWorldTests.
    private void DieFounding()
    {
        bool isWiped = !_wasHeard && _random.Chance(500);
        IsFounding = false;
        Life++;
        if (isWiped)
        {
            Id = new NodeId(Id.Value + (ulong)_cluster.Profile.NodeCount);
            Directory = new SimulatedDirectory(Id, Name, isFounded: false);
            Storage = NewStorage();
            _cluster.Reach.Members.EmptiedBeforeFounding();
        }

        _cluster.Queue.Schedule(
            _cluster.NowUs + 1 + _random.Exponential(AskEveryUs), new SimEvent { Kind = EventKind.Restart, Node = Position, Life = Life });
    }

    // An emptied directory under a known name: whoever is founded tells it so, and its operator lets it join.
    private void Refused(FoundingStep.Refuse refusal)
    {
        bool hasLost = _cluster.IsReplacement(Id);
        if (refusal.Reason != FoundingRefusal.AlreadyFounded || !hasLost)
        {
            throw new SimulationViolationException(
                "R15", $"node {Position + 1} is refused ({refusal.Reason}), and has lost {(hasLost ? "its disk" : "nothing")}");
        }

        _cluster.Counters.Faults.RefusedFoundings++;
        _cluster.Reach.Members.RefusedFounding();
        IsFounding = false;
        Life++;
        Directory.Join(_cluster.Roll);
        Start();
    }

    private void Ask(SimulatedNode other)
    {
        if (_cluster.Network.TryConnect(Position, other.Position, out long roundTripUs) && other.SaidWord is { } word)
        {
            other._wasHeard = true;
            After(roundTripUs, () => _words[other.Position] = word);
        }
    }

    // In this life only.
    private void After(long delayUs, Action work)
    {
        int life = Life;
        _cluster.Queue.Schedule(_cluster.NowUs + delayUs, new SimEvent
        {
            Kind = EventKind.Custom,
            Payload = (Action)(() =>
            {
                if (Life == life && IsFounding)
                {
                    work();
                }
            }),
        });
    }
}
