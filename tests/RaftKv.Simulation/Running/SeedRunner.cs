using RaftKv.Core.Raft.Members;
using RaftKv.Core.Replica;
using RaftKv.Core.Store;
using RaftKv.Simulation.Checking;
using RaftKv.Simulation.Clients;
using RaftKv.Simulation.Cluster;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Running;

/// <summary>
/// Runs one world: faults for the asked time; then faults off and liveness (L1, L2, L3, L5); then a power cut on all
/// nodes and the scan for what was acknowledged; then the history's checkers.
/// </summary>
internal sealed class SeedRunner
{
    private const long SecondUs = 1_000_000;
    private const long SettleLimitUs = 60 * SecondUs;
    private const long LongestSettleUs = 10 * SettleLimitUs;
    private const int MostElectionsAfterHeal = 5;
    private const long LookEveryUs = SecondUs / 50;

    // Faults can make a world so slow that its tables take long to turn over: it goes on until they have.
    private const long LongestSoakUs = 1_000 * SecondUs;

    private readonly ulong _seed;
    private readonly ILossPlan? _plan;
    private SimulatedCluster _cluster;
    private readonly SeedOptions _options;
    private readonly List<FaultClass> _faults;
    private long _healthySinceUs;
    private long _healthyUntilUs;
    private long _leadersBefore;
    private StoreView? _backup;
    private NaiveStore? _restored;

    private SeedRunner(ulong seed, SeedOptions options)
    {
        _options = options;
        _seed = seed;
        var random = new DeterministicRandom(seed);
        SwarmProfile profile = Draw(seed, random, options);
        _plan = PlanOf(seed, profile, options.Seconds);
        _faults = FaultsOf(profile);
        _cluster = new SimulatedCluster(seed, profile, random);
        _cluster.Trace.Verbose = options.Verbose;
    }

    /// <summary>Runs a seed. Never throws for what the system under test does: that is in the result.</summary>
    public static SeedResult Run(ulong seed, SeedOptions options)
    {
        var runner = new SeedRunner(seed, options);
        string? failure = null;
        string? rule = null;
        try
        {
            runner.RunAll();
        }
        catch (Exception e)
        {
            // The top of a run: whatever the system under test throws is a finding, and is reported with its trace.
            failure = e is SimulationViolationException or InvariantViolationException ? e.Message : e.ToString();
            rule = e is SimulationViolationException violation ? violation.Rule : e.GetType().Name;
        }

        SimulatedCluster cluster = runner._cluster;
        return new SeedResult(
            seed, cluster.Trace.Hash, cluster.NowUs, cluster.Profile.NodeCount, runner._leadersBefore + cluster.Observer.LeaderChanges,
            cluster.Counters, failure,
            failure is null ? null : cluster.Trace.Tail())
        {
            Rule = rule,
            Reach = cluster.Reach.Counts,
            Faults = runner._faults,
        };
    }

    /// <summary>What a seed is like under these options.</summary>
    public static SwarmProfile ProfileOf(ulong seed, SeedOptions options) => Draw(seed, new DeterministicRandom(seed), options);

    /// <summary>The fault classes that are on.</summary>
    public static List<FaultClass> FaultsOf(SwarmProfile profile) => [.. SwarmProfile.FaultClasses.Where(f => f.IsOn(profile))];

    private static ILossPlan? PlanOf(ulong seed, SwarmProfile profile, int seconds) => profile.Beginning switch
    {
        NewBeginning.RestoredByAll => new RestorePlan(seed, seconds),
        NewBeginning.RestoredByOne => new RestorePlan(seed, seconds, RestorePlan.PositionOf(seed, profile.NodeCount)),
        NewBeginning.Recovered => new RecoverPlan(seed, seconds),
        _ => null,
    };

    private static SwarmProfile Draw(ulong seed, DeterministicRandom random, SeedOptions options)
    {
        var profile = new SwarmProfile(new DeterministicRandom(random.NextUInt64()), options.Nodes);
        profile.DrawBeginning(seed, options);
        profile.DrawRollbacks(seed, options.Rollbacks);
        profile.UsesRealWal |= options.HasRealDisks;
        if (options.IsCalm)
        {
            profile.MakeCalm();
        }

        if (options.IsSoak)
        {
            profile.MakeSoak();
        }

        options.Reduction.ApplyTo(profile);
        return profile;
    }

    private void RunAll()
    {
        _cluster.Start();
        RunFaulty();
        _cluster.StopFaults();
        _options.AfterFaults?.Invoke(_cluster);
        AwaitLeader("after the faults ended");
        _healthySinceUs = Math.Max(StallsEndUs, _cluster.SoundNodes.Max(static n => n.SnapshotDueUs));
        long elections = _cluster.Observer.LeaderChanges;
        _cluster.RunUntil(_cluster.NowUs + (2 * SecondUs));
        _cluster.Clients.IsStopped = true;
        Settle();
        if (_cluster.Profile.CoordinationCount > 0)
        {
            // Nobody keeps a lease alive now: those of short life must end in this time (E4).
            _cluster.RunUntil(_cluster.NowUs + SecondUs + (_cluster.Profile.ElectionTimeoutTicks * SwarmProfile.TickUs));
            Settle();
        }

        AwaitRest();
        _healthyUntilUs = _cluster.NowUs;
        Demand(
            _cluster.Observer.LeaderChanges - elections <= MostElectionsAfterHeal, "L5",
            $"{_cluster.Observer.LeaderChanges - elections} leader changes in a healthy cluster");
        ScanAfterPowerCut();
        CheckHistory(isGivenUp: false);
        CheckRestore();
        LoseMajority();
    }

    /// <summary>Trap 16: a cluster that is founded from what a node held half-way.</summary>
    private void CheckRestore()
    {
        var restored = new RestoreChecker(
            _backup ?? _cluster.Observer.CommittedView, _cluster.Observer.CommittedView, new DeterministicRandom(_cluster.Seed));
        restored.Check();
        _cluster.Reach.Members.Restored(restored.PowerCuts);
    }

    /// <summary>
    /// R15: a majority of the disks is lost, and whoever starts the nodes again does so as before. The cluster can't go on, and
    /// doesn't; each empty directory is told that its list is founded, by who is left.
    /// </summary>
    private void LoseMajority()
    {
        Membership now = _cluster.Observer.Members.Committed;
        if (!_cluster.Profile.HasFounding || now.Voters.Count < 2)
        {
            return;
        }

        long elected = _cluster.Observer.LeaderChanges;
        long refused = _cluster.Counters.Faults.RefusedFoundings;
        NodeId[] lost = [.. now.Voters.Take((now.Voters.Count / 2) + 1)];
        foreach (NodeId voter in lost)
        {
            _cluster.Nodes[_cluster.PositionOf(voter)].Wipe(isListed: true);
        }

        _cluster.RunUntil(_cluster.NowUs + (5 * SecondUs));
        Demand(
            _cluster.Observer.LeaderChanges == elected, "R15",
            $"a leader was elected though {lost.Length} of {now.Voters.Count} disks are lost");
        refused = _cluster.Counters.Faults.RefusedFoundings - refused;

        // Where nobody is left that was not condemned for its disk, nobody tells; and the list is not whole either.
        bool isSomebodyLeft = _cluster.Nodes.Any(node => node.IsUp && !lost.Any(voter => _cluster.PositionOf(voter) == node.Position));
        Demand(
            refused == (isSomebodyLeft ? lost.Length : 0), "R15",
            $"{refused} of {lost.Length} empty directories were told that their list is founded");
    }

    private void RunFaulty()
    {
        if (!_options.IsSoak)
        {
            // What some node holds in the midst of it is what a backup would have had.
            RunTo(_options.Seconds * SecondUs / 2);
            _backup = _cluster.Nodes.FirstOrDefault(RestorePlan.HasState)?.Replica?.View;
            RunTo(_options.Seconds * SecondUs);
            return;
        }

        var tables = new SoakTables(_cluster);
        for (long us = LookEveryUs; us <= _options.Seconds * SecondUs || (!tables.IsEnough && us <= LongestSoakUs); us += LookEveryUs)
        {
            _cluster.RunUntil(us);
            tables.Look();
        }

        tables.Check();
        _options.Verbose?.Invoke(tables.Summary);
    }

    // To a time of the faulty phase, by way of what the operator does.
    private void RunTo(long timeUs)
    {
        if (_plan is { } plan && _cluster.Heritage is null)
        {
            if (plan is RestorePlan restore && restore.BackupAtUs > _cluster.NowUs && restore.BackupAtUs <= timeUs)
            {
                _cluster.RunUntil(restore.BackupAtUs);
                restore.Ask(_cluster);
            }

            if (plan.LossAtUs > _cluster.NowUs && plan.LossAtUs <= timeUs)
            {
                _cluster.RunUntil(plan.LossAtUs);
                BeginAnew(plan);
            }
        }

        _cluster.RunUntil(timeUs);
    }

    /// <summary>
    /// The cluster is given up, and its history is judged as far as it came. Its clients and watchers go on in the one that is
    /// restored from the backup, or recovered from a survivor, whose history is judged from there.
    /// </summary>
    private void BeginAnew(ILossPlan plan)
    {
        SimulatedCluster former = _cluster;
        if (plan.GiveUp(former) is not { } heritage)
        {
            return;
        }

        CheckHistory(isGivenUp: true);
        _leadersBefore = former.Observer.LeaderChanges;
        NaiveStore begin = RestoreChecks.BeginOf(heritage);
        _cluster = new SimulatedCluster(_seed ^ 0x9E37_79B9_7F4A_7C15, former.Profile, plan.NextRandom(), heritage);
        _cluster.Counters.Faults.BeganAnew[(int)former.Profile.Beginning!]++;
        _restored = begin;

        // A second restore, at the end of the world, is one of the new cluster.
        _backup = null;
        _cluster.Reach.Restores.Begun(heritage);
        _cluster.Start();
        new Stragglers(former, _cluster, plan.NextRandom()).Start();
    }

    // When the last disk gets over what it has begun, which may be a stall from when there were faults; now when none has.
    private long StallsEndUs => Math.Max(_cluster.NowUs, _cluster.SoundNodes.Max(static n => n.DiskDueUs));

    /// <summary>
    /// L1: a leader that can commit, within ten election timeouts; counted from when the last disk has got over a stall that
    /// began before, and with the time that it takes to replicate what the leader inherited.
    /// </summary>
    private void AwaitLeader(string when)
    {
        long timeoutUs = 10L * _cluster.Profile.ElectionTimeoutTicks * SwarmProfile.TickUs;
        long limit = StallsEndUs + timeoutUs;
        bool isLed = false;
        while (!HasReadyLeader())
        {
            if (!isLed && FollowedLeader() is { } leader)
            {
                isLed = true;
                limit = Math.Max(limit, _cluster.NowUs + timeoutUs + BacklogUs(leader));
            }

            Demand(_cluster.NowUs < limit, "L1", $"no leader of a majority {when} within 10 election timeouts");
            _cluster.RunUntil(_cluster.NowUs + (SecondUs / 20));
        }
    }

    private bool HasReadyLeader()
    {
        if (FollowedLeader() is not { } leader)
        {
            return false;
        }

        long commit = leader.CommitIndex;
        return commit > 0 && commit <= _cluster.Observer.Committed.Count
            && _cluster.Observer.Committed[(int)commit - 1].Term.Value == leader.Term;
    }

    /// <summary>The leader in whose term a majority is; null when there is none.</summary>
    private RaftPicture? FollowedLeader()
    {
        int leader = _cluster.LeaderPosition();
        if (leader < 0)
        {
            return null;
        }

        RaftPicture picture = ReplicaProbe.Look(_cluster.Nodes[leader].Replica!);
        var followers = new Dictionary<NodeId, bool>();
        foreach (SimulatedNode node in _cluster.SoundNodes)
        {
            followers[node.Id] = node.Replica is { } replica && ReplicaProbe.Look(replica).Term == picture.Term;
        }

        Membership members = _cluster.Observer.Members.Of(_cluster.Nodes[leader]);
        return Quorum.Count(members, followers) == VoteResult.Won ? picture : null;
    }

    // With one entry a message and one message under way, hundreds of entries take many timeouts.
    private long BacklogUs(RaftPicture leader)
    {
        SwarmProfile profile = _cluster.Profile;
        long roundTripUs = (2 * (profile.LatencyMinUs + profile.LatencyMeanUs)) + profile.SyncMeanUs + profile.ReportDelayUs
            + (4 * profile.LoopDelayUs);
        long behind = _cluster.SoundNodes.Min(static n => n.Log.LastIndex.Value);
        return 3 * Math.Max(roundTripUs, SwarmProfile.TickUs) * (leader.LastIndex - Math.Min(behind, leader.CommitIndex));
    }

    /// <summary>
    /// L2 and L3: every operation answered, all nodes at one index. Where a world's loops are late and their mailboxes hold four
    /// messages, most acknowledgments of six followers are lost for good, and hundreds of entries take minutes, one by one: so
    /// time is given anew as long as somebody gets further, up to ten times as much.
    /// </summary>
    private void Settle()
    {
        long limit = _cluster.NowUs + SettleLimitUs;
        long last = _cluster.NowUs + LongestSettleUs;
        long furthest = AppliedInAll();
        while (_cluster.Clients.HasPending || !AreAllEqual())
        {
            if (_cluster.NowUs >= limit)
            {
                Demand(!_cluster.Clients.HasPending, "L2", "an operation is still unanswered in a healthy cluster");
                Demand(AppliedInAll() > furthest && _cluster.NowUs < last, "L3", $"nodes do not reach one index: {Indexes()}");
                limit += SettleLimitUs;
                furthest = AppliedInAll();
            }

            _cluster.RunUntil(_cluster.NowUs + (SecondUs / 10));
        }
    }

    private long AppliedInAll() =>
        _cluster.SoundNodes.Sum(static n => n.Replica is { } replica ? ReplicaProbe.Look(replica).AppliedIndex : 0);

    /// <summary>Q2: nobody writes, and what is obsolete goes all the same, on every node.</summary>
    private void AwaitRest()
    {
        AutoCompaction setting = _cluster.Profile.AutoCompaction;
        StoreView idle = _cluster.Observer.CommittedView;
        long windowUs = setting.Mode == AutoCompactionMode.Periodic ? setting.Retention * 1_000 : 0;
        long limit = _cluster.NowUs + (2 * windowUs) + SettleLimitUs;
        while (_cluster.Profile.AwaitsRest && !_cluster.SoundNodes.All(n => n.Replica is { } replica
            && RemovalChecker.IsAtRest(replica.View, setting, idle.Revision)))
        {
            Demand(_cluster.NowUs < limit, "Q2", $"an idle cluster still has what is obsolete: {Indexes()}");
            _cluster.RunUntil(_cluster.NowUs + (SecondUs / 10));
        }

        Settle();
    }

    private bool AreAllEqual()
    {
        long committed = _cluster.Observer.Committed.Count;
        if (!_cluster.Operator.IsSettled)
        {
            return false;
        }

        foreach (SimulatedNode node in _cluster.SoundNodes)
        {
            if (node.Replica is not { } replica)
            {
                return false;
            }

            RaftPicture picture = ReplicaProbe.Look(replica);
            if (picture.AppliedIndex != committed || picture.LastIndex != committed)
            {
                return false;
            }
        }

        return true;
    }

    private string Indexes()
    {
        Membership members = _cluster.Observer.Members.Committed;
        string text = $"committed {_cluster.Observer.Committed.Count}; voters {string.Join(',', members.Voters.Select(id => id.Value))}"
            + $" learners {string.Join(',', members.Learners.Select(id => id.Value))} generation {members.Generation};"
            + string.Concat(members.Details.Select(it => $" {it.Id.Value}{(it.IsJoining ? " joins" : "")} replaces {it.Replaces.Value};"));
        foreach (SimulatedNode node in _cluster.SoundNodes)
        {
            if (node.Replica is not { } replica)
            {
                text += $" n{node.Position + 1} ({node.Id.Value}) is down;";
                continue;
            }

            RaftPicture p = ReplicaProbe.Look(replica);
            text += $" n{node.Position + 1} ({node.Id.Value}) {p.Role} term {p.Term} last {p.LastIndex} commit {p.CommitIndex}"
                + $" applied {p.AppliedIndex};";
        }

        return text;
    }

    /// <summary>
    /// Power off and on everywhere: everything that was committed must be there, and nothing of it changed (R5 is
    /// checked on the way).
    /// </summary>
    private void ScanAfterPowerCut()
    {
        long committed = _cluster.Observer.Committed.Count;
        _cluster.CutPowerOnAll();
        AwaitLeader("after the power cut");
        Settle();
        Demand(_cluster.Observer.Committed.Count > committed, "A2", "nothing was committed after the power cut");
        foreach (SimulatedNode node in _cluster.SoundNodes)
        {
            long index = node.Replica!.View.AppliedIndex.Value;
            Demand(index >= committed, "A2", $"node {node.Position + 1} is at {index} after the power cut, {committed} were committed");
        }
    }

    private void CheckHistory(bool isGivenUp)
    {
        List<ClientOperation> operations = _cluster.Clients.Operations;
        Demand(operations.TrueForAll(o => o.Outcome != OperationOutcome.Pending), "L2", "an operation was never answered");
        NaiveStore replayed = ReplayChecker.Check(_cluster.Observer.Committed, _cluster.Observer.Results, operations, _restored);
        if (_cluster.Heritage is { } heritage)
        {
            RestoreChecks.Check(heritage, _cluster, replayed);
            _cluster.Reach.Restores.End(heritage, _cluster);
        }

        SessionChecker.Check(operations, _cluster.Clients.Handoffs);
        if (!_cluster.AreClocksStill)
        {
            StalenessChecker.Check(operations);
        }

        if (!isGivenUp)
        {
            _cluster.Watchers.ReadToEnd(replayed.Revision);
        }

        new CoordinationChecks(_cluster, replayed)
        {
            HealthySinceUs = _healthySinceUs,
            HealthyUntilUs = _healthyUntilUs,
            IsGivenUp = isGivenUp,
        }.Check();
        var histories = new KeyHistories(operations);
        for (int key = 0; key < Keys.Count; key++)
        {
            switch (LinearizabilityChecker.Check(histories.Of(key), StateOf(key)))
            {
                case Verdict.Violation:
                    throw new SimulationViolationException("A1", $"the history of key {key} is not linearizable");
                case Verdict.Undecided:
                    _cluster.Counters.UndecidedKeys++;
                    break;
                default:
                    break;
            }
        }
    }

    // What a key begins with: nothing, or what it has in the backup.
    private long StateOf(int key) => _cluster.Heritage?.State.Get(Keys.Name(key)) is { } pair
        ? Keys.Meaning(key, pair.Value.Span)
        : Keys.Missing;

    private static void Demand(bool condition, string rule, string message)
    {
        if (!condition)
        {
            throw new SimulationViolationException(rule, message);
        }
    }
}
