using RaftKv.Core;
using RaftKv.Core.Driver;
using RaftKv.Core.Identity;
using RaftKv.Core.Messages;
using RaftKv.Core.Raft.Members;
using RaftKv.Simulation.Checking;
using RaftKv.Simulation.Clients;
using RaftKv.Simulation.Engine;
using RaftKv.Simulation.Reach;

namespace RaftKv.Simulation.Cluster;

/// <summary>
/// One world: nodes, network, clients and nemesis on one queue of events. Single-threaded; everything is drawn from one
/// seed, each part from a generator of its own, so that a change in one part moves the others as little as possible.
/// </summary>
internal sealed class SimulatedCluster
{
    private readonly DeterministicRandom _random;
    private readonly Nemesis _nemesis;

    /// <param name="heritage">What it was restored from; null for a cluster that begins with nothing.</param>
    public SimulatedCluster(ulong seed, SwarmProfile profile, DeterministicRandom random, Heritage? heritage = null)
    {
        _random = random;
        Heritage = heritage;
        Counters = heritage?.Former.Counters ?? new Counters();
        Trace = heritage?.Former.Trace ?? new Trace(600);
        NowUs = heritage?.Former.NowUs ?? 0;
        Seed = seed;
        Profile = profile;
        var voters = new List<NodeId>();
        var learners = new List<NodeId>();
        for (int i = 0; i < profile.NodeCount; i++)
        {
            if (heritage?.Alone is null || heritage.Alone == i)
            {
                (i < profile.VoterCount ? voters : learners).Add(FirstInstanceAt(i));
            }
        }

        Membership = new Membership(voters, null, learners, PrioritiesOf(profile, voters));
        Membership = heritage?.MembersOf(Membership) ?? Membership;
        Network = new SimulatedNetwork(this, new DeterministicRandom(random.NextUInt64()), profile.NodeCount);
        Nodes = new SimulatedNode[profile.NodeCount];
        for (int i = 0; i < Nodes.Length; i++)
        {
            Nodes[i] = new SimulatedNode(this, i, new DeterministicRandom(random.NextUInt64()));
        }

        if (heritage?.Alone is { } alone)
        {
            RestoreOne(heritage, Nodes[alone]);
        }
        else if (heritage is not null && !profile.HasFounding)
        {
            Restore();
        }

        // Where one begins alone, its disk is all there is.
        Atlas = new FaultAtlas(
            new DeterministicRandom(seed), profile.VoterCount, profile.NodeCount, isBlank: heritage?.Alone is not null);
        AreClocksStill = profile.Machine.HasStillClocks;
        Observer = new RaftObserver(this);
        Operator = new MemberOperator(this, new DeterministicRandom(seed ^ 0x3E3BE5));
        Builds = new BuildOperator(this, new DeterministicRandom(seed ^ 0xB1D5));
        Leases = new LeaseObserver(this);
        Reach = new Reachability(this);
        Clients = new ClientWorkload(this, new DeterministicRandom(random.NextUInt64()));
        _nemesis = new Nemesis(this, new DeterministicRandom(random.NextUInt64()));
        Clients.Coordinate(new DeterministicRandom(random.NextUInt64()));
        Watchers = new WatchClients(this, new DeterministicRandom(random.NextUInt64()));
    }

    public ulong Seed { get; }

    /// <summary>What it was restored from; null for a cluster that began with nothing.</summary>
    public Heritage? Heritage { get; }

    /// <summary>All instances have numbers above this one.</summary>
    public ulong FirstInstance => Heritage?.FirstInstance ?? 0;

    /// <summary>Its number, once it is founded.</summary>
    public ulong ClusterId { get; private set; } = 0x5153_494D;

    /// <summary>Nodes of the cluster that was given up, which somebody may start again; null where there was none.</summary>
    public Stragglers? Stragglers { get; set; }

    public SwarmProfile Profile { get; }

    /// <summary>Those that founded the cluster; before that, those that are listed for it.</summary>
    public Membership Membership { get; private set; }

    /// <summary>Who founded it; null while it is not founded, and where it never was empty.</summary>
    public FoundingRoll? Roll { get; private set; }

    /// <summary>Whoever loses its disk from now on is told that the list is founded.</summary>
    public bool IsFounded => Roll is not null || !Profile.HasFounding;

    public SimulatedNode[] Nodes { get; }

    public SimulatedNetwork Network { get; }

    /// <summary>Whose disk may be damaged.</summary>
    public FaultAtlas Atlas { get; }

    /// <summary>
    /// Monotonic clocks may have stood still in this world: nothing is promised of lease reads and claimed ages.
    /// </summary>
    public bool AreClocksStill { get; }

    /// <summary>Nodes that are not out for good.</summary>
    public IEnumerable<SimulatedNode> SoundNodes => Nodes.Where(static n => !n.IsCondemned);

    public RaftObserver Observer { get; }

    public LeaseObserver Leases { get; }

    /// <summary>Who wipes disks, replaces and moves members.</summary>
    public MemberOperator Operator { get; }

    /// <summary>Who says which build each node is started with.</summary>
    public BuildOperator Builds { get; }

    public LeaseSigns LeaseSigns { get; } = new();

    public ClientWorkload Clients { get; }

    public WatchClients Watchers { get; }

    /// <summary>The rare states that were met.</summary>
    public Reachability Reach { get; }

    public Counters Counters { get; }

    public EventQueue Queue { get; private set; } = new();

    public Trace Trace { get; }

    public long NowUs { get; private set; }

    public bool IsFaulty { get; private set; } = true;

    /// <summary>The instance of the directory that a position begins with.</summary>
    public NodeId FirstInstanceAt(int position) => Heritage?.InstanceAt(position) ?? new NodeId((ulong)position + 1);

    public int PositionOf(NodeId node) => (int)((node.Value - 1) % (ulong)Profile.NodeCount);

    /// <summary>A directory that took the place of another one, which was lost or removed.</summary>
    public bool IsReplacement(NodeId node) => node.Value > FirstInstance + (ulong)Profile.NodeCount;

    public bool DrawPowerCut() => _random.Chance(Profile.PowerCutPerMille);

    /// <summary>Starts all nodes, the clients and the nemesis.</summary>
    public void Start()
    {
        foreach (SimulatedNode node in Nodes)
        {
            node.Start();
        }

        Clients.Start();
        Watchers.Start();
        if (Operator.HasWork)
        {
            Operator.Start();
        }

        Builds.Start();
        _nemesis.Start();
        if (Profile.UsesRealWal)
        {
            new DiskNemesis(this, new DeterministicRandom(Seed ^ 0xD15C)).Start();
        }

        if (Profile.Machine.HasSuspends)
        {
            new SuspendNemesis(this, new DeterministicRandom(Seed ^ 0x51EE)).Start();
        }
    }

    /// <summary>Runs every event up to the time.</summary>
    public void RunUntil(long timeUs)
    {
        while (Queue.NextTimeUs <= timeUs)
        {
            NowUs = Queue.NextTimeUs;
            Run(Queue.Take());
        }

        NowUs = timeUs;
    }

    /// <summary>Ends all faults: links mended, the dead started, the paused resumed, nothing fails any more.</summary>
    public void StopFaults()
    {
        IsFaulty = false;
        Profile.StopFaults();
        Network.MendAll();
        Network.UnclogAll();
        Trace.Add(NowUs, -1, TraceKind.Phase, 1, 0, "faults off");
        foreach (SimulatedNode node in Nodes)
        {
            node.Disarm();
            if (!node.IsUp)
            {
                node.Start();
            }
            else if (node.IsPaused)
            {
                node.Resume(100);
            }
        }
    }

    // The later a voter stands, the higher its priority, up to 2: so two may have the highest.
    private static Member[] PrioritiesOf(SwarmProfile profile, IReadOnlyList<NodeId> voters) => !profile.HasPriorities ? []
        : [.. voters.Skip(1).Select(static (node, i) => new Member(node, "", "") { Priority = (byte)Math.Min(i + 1, 2) })];

    /// <summary>R15: a directory was founded; all that ever are have one roll.</summary>
    public void Founded(FoundingRoll roll)
    {
        if (Roll is null)
        {
            Roll = roll;
            NodeId[] founders = [.. roll.Seats.Select(static seat => seat.Instance)];
            Membership = new Membership(founders, details: PrioritiesOf(Profile, founders));
            Membership = Heritage?.MembersOf(Membership) ?? Membership;
            ClusterId = Heritage is null ? ClusterId : Hosting.Identities.ClusterIdOf(roll);
            Observer.Members.Founded(Membership);
        }
        else if (!Roll.Equals(roll))
        {
            throw new SimulationViolationException("R15", "one list founded two clusters");
        }
    }

    /// <summary>The cluster is given up: no node runs, and nobody who knew it asks it any more.</summary>
    public void GiveUp()
    {
        foreach (SimulatedNode node in Nodes)
        {
            node.Crash(isPowerCut: DrawPowerCut());
        }

        Clients.IsStopped = true;
        Queue = new EventQueue();
    }

    /// <summary>Somebody starts nodes of a cluster that was given up.</summary>
    public void WakeUp(long nowUs, IEnumerable<int> positions)
    {
        NowUs = nowUs;
        foreach (int position in positions)
        {
            Nodes[position].Start();
        }
    }

    // Each directory was restored before any of its nodes was started.
    private void Restore()
    {
        ClusterId = Heritage.ClusterIdOf(Nodes);
        foreach (SimulatedNode node in Nodes)
        {
            node.LayDown(Heritage!);
        }
    }

    // The others are empty. Who has heard of it lets them join; who has not starts them as ever, and is told.
    private void RestoreOne(Heritage heritage, SimulatedNode founder)
    {
        FoundingRoll roll = Heritage.RollOf([founder]);
        ClusterId = Heritage.ClusterIdOf([founder]);
        founder.LayDown(heritage);
        Roll = Profile.HasFounding ? roll : null;
        foreach (SimulatedNode node in Nodes)
        {
            if (node == founder || !Profile.HasFounding || _random.Chance(700))
            {
                node.Directory.Join(Roll);
            }
        }
    }

    /// <summary>The lights go out everywhere, and on again.</summary>
    public void CutPowerOnAll()
    {
        Trace.Add(NowUs, -1, TraceKind.Phase, 2, 0, "power cut on all nodes");
        foreach (SimulatedNode node in Nodes)
        {
            node.Crash(isPowerCut: true);
        }

        foreach (SimulatedNode node in Nodes)
        {
            node.Start();
        }
    }

    /// <param name="leastDownUs">Mean of the time until somebody starts it again, where the profile's is shorter.</param>
    public void NodeCrashed(SimulatedNode node, long leastDownUs = 0)
    {
        Counters.Crashes++;
        Clients.NodeDied(node);
        LeaseSigns.Died(node.Position);
        Reach.Crashes.Died();
        if (IsFaulty)
        {
            long down = 1 + _random.Exponential(Math.Max(leastDownUs, Profile.DownMeanUs));
            Queue.Schedule(NowUs + down, new SimEvent { Kind = EventKind.Restart, Node = node.Position, Life = node.Life });
        }
    }

    /// <summary>The position of the leader of the highest term; -1 when there is none.</summary>
    public int LeaderPosition()
    {
        int found = -1;
        long term = -1;
        for (int i = 0; i < Nodes.Length; i++)
        {
            if (Nodes[i].Replica is { } replica && ReplicaProbe.Look(replica) is { Role: Role.Leader } picture && picture.Term > term)
            {
                found = i;
                term = picture.Term;
            }
        }

        return found;
    }

    /// <summary>Of all who think that they lead, the one with the lowest term; null when nobody does.</summary>
    public SimulatedNode? OldestLeader()
    {
        SimulatedNode? found = null;
        long term = long.MaxValue;
        foreach (SimulatedNode node in Nodes)
        {
            if (node.Replica is { } replica && ReplicaProbe.Look(replica) is { Role: Role.Leader } picture && picture.Term < term)
            {
                found = node;
                term = picture.Term;
            }
        }

        return found;
    }

    private void Run(in SimEvent next)
    {
        switch (next.Kind)
        {
            case EventKind.Deliver: Deliver(next); return;
            case EventKind.ClientNext: Clients.Next(next.Node); return;
            case EventKind.ClientTimeout: Clients.TimedOut(next.Value); return;
            case EventKind.NemesisNext: _nemesis.Next(); return;
            case EventKind.Custom: ((Action)next.Payload!)(); return;
            case EventKind.Heal: _nemesis.Heal(next.Value); return;
            default: break;
        }

        SimulatedNode node = Nodes[next.Node];
        if (node.Life != next.Life)
        {
            return;
        }

        switch (next.Kind)
        {
            case EventKind.Tick:
                Trace.Add(NowUs, next.Node, TraceKind.Tick);
                node.OnTick();
                break;
            case EventKind.Loop: node.RunLoop(); break;
            case EventKind.DiskSynced: node.OnDiskSynced(); break;
            case EventKind.DiskReported: node.OnDiskReported(next.Value); break;
            case EventKind.SnapshotStep: node.OnSnapshotStep(); break;
            case EventKind.Restart:
                if (!node.IsUp)
                {
                    node.Start();
                }

                break;
            case EventKind.EffectsResumed: node.OnEffectsResumed(); break;
            case EventKind.Stop: node.Input(DriverInput.Stop); break;
            case EventKind.Resume: _nemesis.Resume(node); break;
            default: Check.Unreachable<int>(next.Kind); break;
        }
    }

    private void Deliver(in SimEvent next)
    {
        var message = (Message)next.Payload!;
        int from = PositionOf(message.From);
        if (!Network.Arrives(from, next.Node, next.Value))
        {
            return;
        }

        if (!Nodes[next.Node].IsUp)
        {
            Stragglers?.Knock(this, message, next.Node);
            Reach.Proposals.Undelivered(message);
            return;
        }

        if (!Nodes[next.Node].Welcomes(Nodes[from], next.Life, message.From))
        {
            return;
        }

        Trace.Add(NowUs, next.Node, TraceKind.Receive, from, message.Term.Value, message);
        LeaseSigns.Arrived(message, NowUs);
        Nodes[next.Node].Deliver(message);
    }
}
