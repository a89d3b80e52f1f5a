using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Cluster;

/// <summary>
/// What can be taken away from a seed after its draws, so that the rest stays what it was. A new class of faults gets a
/// line here.
/// </summary>
internal sealed partial class SwarmProfile
{
    /// <summary>All classes, in the order in which a minimiser tries to do without them.</summary>
    public static IReadOnlyList<FaultClass> FaultClasses { get; } =
    [
        new("partitions", "groups of nodes cut off from each other", p => p.HasPartitions, p => p.HasPartitions = false),
        new("one-way", "links that are cut in one direction", p => p.HasOneWay, p => p.HasOneWay = false),
        new("leader-cuts", "partitions around the leader", p => p.HasLeaderCuts, p => p.HasLeaderCuts = false),
        new("lease-traps", "a leader that loses its followers one by one", p => p.HasLeaseTraps, p => p.HasLeaseTraps = false),
        new("stalled-leaders", "a leader that stands still during an election", p => p.HasStalledLeaders, p => p.HasStalledLeaders = false),
        new("clogs", "links that hold everything back for a while", p => p.HasClogs, p => p.HasClogs = false),
        new("crashes", "nodes that die", p => p.HasCrashes, p => p.HasCrashes = false),
        new("crash-points", "nodes that die at a chosen place of their host", p => p.HasCrashPoints, p => p.HasCrashPoints = false),
        new("crash-all", "all nodes, or all but one, die at once", p => p.HasCrashAll, p => p.HasCrashAll = false),
        new("machine", "disks, clocks and cables that go wrong", p => p.Machine.IsUnsound, p => p.Machine = MachineProfile.Sound),
        new("power-cuts", "a death takes what was not synced", p => p.PowerCutPerMille > 0, p => p.PowerCutPerMille = 0),
        new("pauses", "nodes that stand still", p => p.HasPauses, p => p.HasPauses = false),
        new("drains", "nodes that leave in good order", p => p.HasDrains, p => p.HasDrains = false),
        new("transfers", "leadership that is handed over", p => p.HasTransfers, p => p.HasTransfers = false),
        new("drops", "lost messages, or reset connections", p => p.DropPerMille > 0, p => p.DropPerMille = 0),
        new("duplicates", "messages that come twice, also late", p => p.DuplicatePerMille + p.LateDuplicatePerMille > 0, p =>
        {
            p.DuplicatePerMille = 0;
            p.LateDuplicatePerMille = 0;
        }),
        new("slow-messages", "messages that take long", p => p.SlowMessagePerMille > 0, p => p.SlowMessagePerMille = 0),
        new("disk-stalls", "disks that stand still for a while", p => p.StallPerMille > 0, p => p.StallPerMille = 0),
        new("read-stalls", "request threads that stand still", p => p.ReadStallPerMille > 0, p => p.ReadStallPerMille = 0),
        new("drift", "clocks at different rates", p => p.DriftPerMille > 0, p => p.DriftPerMille = 0),
        new("time-jumps", "hours of cluster time that go by", p => p.HasTimeJumps, p => p.HasTimeJumps = false),
        new("small-tables", "small tables of first answers, whose windows pass", p => p.OnceLimits is not null, p => p.OnceLimits = null),
        new("mixed-builds", "nodes of two builds, upgraded one by one", p => p.HasMixedBuilds, p =>
        {
            p.HasMixedBuilds = false;
            p.HasRollbacks = false;
        }),
        new("rollbacks", "upgrades that go back to the build before", p => p.HasRollbacks, p => p.HasRollbacks = false),
        new("handoffs", "clients that take over tokens", p => p.HandoffPerMille > 0, p => p.HandoffPerMille = 0),
        new("uneven", "other snapshot limits in each life of a node", p => p.IsUneven, p => p.IsUneven = false),
        new("members", "disks that are wiped, members that come, go and are replaced", p => p.HasMemberChanges, p =>
        {
            p.HasMemberChanges = false;
        }),
        new("foundings", "clusters that are founded from empty directories", p => p.HasFounding, p => p.HasFounding = false),
        Ends("restores", "clusters that are given up and restored from a backup", NewBeginning.RestoredByAll),
        Ends("lone-restores", "a backup that is restored on one node, which empty ones join", NewBeginning.RestoredByOne),
        Ends("recoveries", "a majority of the disks lost for good, and a survivor that goes on alone", NewBeginning.Recovered),
        new("slow-leaders", "a disk that is slow for seconds, often the leader's", p => p.HasSickDisks, p => p.HasSickDisks = false),
        new("learners", "members without a vote", p => p.LearnerCount > 0, p => p.LearnerCount = 0),
        new("loop-delays", "loops that take inputs late", p => p.LoopDelayUs > 0, p => p.LoopDelayUs = 0),
        new("quotas", "a store that is full again and again", p => p.QuotaBytes > 0, p => p.QuotaBytes = 0),
        new("access", "users, roles and rights that change", p => p.HasAccess, p => p.HasAccess = false),
        new("low-disks", "disks that run low from time to time", p => p.HasLowDisks, p => p.HasLowDisks = false),
        new("real-wal", "the real log and snapshot files instead of a model", p => p.UsesRealWal, p => p.UsesRealWal = false),
    ];

    /// <summary>Members change, and disks are lost whole.</summary>
    public bool HasMemberChanges { get; private set; }

    /// <summary>Mean time between two thoughts of whoever does it.</summary>
    public long MembersMeanUs { get; private set; }

    /// <summary>How many of a thousand seeds restore a cluster, of those that can.</summary>
    public const int RestoresPerMille = 125;

    /// <summary>How many of a thousand seeds restore one node, which empty ones join; and how many recover a survivor.</summary>
    public const int LoneRestoresPerMille = 60;
    public const int RecoveriesPerMille = 100;

    /// <summary>How many of a thousand seeds upgrade their cluster and go back.</summary>
    public const int RollbacksPerMille = 80;

    /// <summary>
    /// Somebody upgrades one node after the other and goes back on the way; a restored cluster may begin with the build before, and
    /// lost disks are replaced amid it.
    /// </summary>
    public bool HasRollbacks { get; private set; }

    /// <summary>How the cluster goes on that is given up midway, under its clients; null for one that never is.</summary>
    public NewBeginning? Beginning { get; private set; }

    /// <summary>The cluster is founded by its directories, which are empty at first.</summary>
    public bool HasFounding { get; private set; }

    /// <summary>They know how many they are, and no list. No draw of its own, so that other worlds stay what they were.</summary>
    public bool FoundsByNumber => HasFounding && MembersMeanUs != 200_000;

    /// <summary>Some voters are to lead before others. No draw of its own either.</summary>
    public bool HasPriorities => MembersMeanUs == 1_000_000;

    /// <summary>One disk after the other is slow for some seconds, though it works.</summary>
    public bool HasSickDisks { get; set; }

    /// <summary>A node that finds its files damaged comes back as a new member.</summary>
    public bool HealsDamage { get; private set; }

    /// <summary>
    /// By generators of the seed's own, so that no other draw changes. A restored cluster is founded by voters, and a learner would
    /// have to be added by whoever changes members.
    /// </summary>
    public void DrawBeginning(ulong seed, Running.SeedOptions options)
    {
        bool mayGrow = VoterCount >= 3;
        Beginning = LearnerCount > 0 ? null
            : Running.RestorePlan.IsDrawn(seed, options.Restores) ? NewBeginning.RestoredByAll
            : mayGrow && Running.RecoverPlan.IsDrawn(seed, options.Recoveries) ? NewBeginning.Recovered
            : mayGrow && Running.RestorePlan.IsDrawnAlone(seed, options.LoneRestores) ? NewBeginning.RestoredByOne
            : null;
        if (Beginning is NewBeginning.Recovered or NewBeginning.RestoredByOne)
        {
            // A learner that can't hold the state is never promoted, and the cluster never grows.
            HasBudgets = false;
        }
    }

    /// <summary>By a generator of the seed's own.</summary>
    public void DrawRollbacks(ulong seed, int perMille) => HasRollbacks = new DeterministicRandom(seed ^ 0x0D0B_0117).Chance(perMille);

    private static FaultClass Ends(string name, string meaning, NewBeginning beginning) =>
        new(name, meaning, p => p.Beginning == beginning, p => p.Beginning = p.Beginning == beginning ? null : p.Beginning);

    private void DrawMembers(DeterministicRandom random)
    {
        HasMemberChanges = random.Chance(350) && VoterCount >= 3;
        MembersMeanUs = random.OneOf(50_000, 200_000, 1_000_000);
        if (HasMemberChanges)
        {
            // Which disks are whole would depend on who is a member when: lost disks are enough here.
            Machine = MachineProfile.Sound;

            // Who joins with the old program ends (exit code 6) when the cluster has moved on without it.
            HasMixedBuilds = false;

            // A learner that can't hold the state is never promoted, and no lost voter is replaced by it.
            HasBudgets = false;
        }

        // A learner is added by whoever changes members.
        HasFounding = random.Chance(300) && LearnerCount == 0;
        HasSickDisks = random.Chance(200);

        // Who comes back with an old program, or can't hold the state, would be out for another reason.
        HealsDamage = random.Chance(600) && UsesRealWal && VoterCount >= 3 && !HasMixedBuilds && !HasBudgets;
    }

    /// <summary>Fewer of what works on the cluster; a count that is not lower than the drawn one changes nothing.</summary>
    public void Limit(int voters, int clients, int coordination, int watchers)
    {
        VoterCount = Math.Min(VoterCount, voters);
        ClientCount = Math.Min(ClientCount, clients);
        CoordinationCount = Math.Min(CoordinationCount, coordination);
        WatcherCount = Math.Min(WatcherCount, watchers);
    }
}
