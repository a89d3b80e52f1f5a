using RaftKv.Core.Driver;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Replica;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Gates;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Cluster;

/// <summary>
/// What one seed is like. Swarm testing: each class of fault is switched on or off as a whole, then its strength is
/// drawn, so that rare combinations (and the absence of the usual noise) are met. All times in microseconds, chances in
/// per mille.
/// </summary>
internal sealed partial class SwarmProfile
{
    public const long TickUs = 10_000;

    public SwarmProfile(DeterministicRandom random, int voterCount)
    {
        VoterCount = voterCount > 0 ? voterCount : random.OneOf(1, 3, 3, 3, 5, 5);
        // Two learners beside three voters: with one, a wrongly counted learner could not change a majority.
        LearnerCount = random.Chance(150) ? random.OneOf(1, 2, 2) : 0;
        DrawTimers(random);
        DrawLimits(random);
        DrawNetwork(random);
        DrawHost(random);
        DrawNemesis(random);
        DrawWorkload(random);
        UsesRealWal = random.Chance(250);
        DrawCoordination(random);
        if (voterCount == 0 && random.Chance(40))
        {
            // Rarely: a world of seven costs as much as two of five.
            VoterCount = 7;
        }

        Machine = new MachineProfile(random);
        DrawRoom(random);
        HasMixedBuilds = random.Chance(300);
        AutoCompaction = random.OneOf(
            default, default, new AutoCompaction(AutoCompactionMode.Revision, 40), new AutoCompaction(AutoCompactionMode.Periodic, 2_000));
        UpgradeUs = random.Next(12_000_000);
        HasCrashes |= HasMixedBuilds;
        DrawMemory(random);
        DrawSlices(random);
        DrawMembers(random);
        HasAccess = random.Chance(200);
    }

    public int VoterCount { get; private set; }
    public int LearnerCount { get; private set; }
    public int NodeCount => VoterCount + LearnerCount;

    public int ElectionTimeoutTicks { get; private set; }
    public int HeartbeatTicks { get; private set; }
    public int NoLeaderTimeoutTicks { get; private set; }
    public int SnapshotEntries { get; private set; }
    public int SnapshotGrowthPercent { get; private set; }
    public int TrailingEntries { get; private set; }
    public int SnapshotChunkBytes { get; private set; }
    public bool IsUneven { get; private set; }
    public int MaxAppendBytes { get; private set; }
    public int MaxInflightAppends { get; private set; }
    public long MaxUncommittedBytes { get; private set; }
    public int MaxPendingProposals { get; private set; }
    public int MaxPendingReads { get; private set; }

    public int DropPerMille { get; set; }
    public int DuplicatePerMille { get; set; }
    public int LateDuplicatePerMille { get; set; }
    public bool IsFifo { get; private set; }
    public long LatencyMinUs { get; private set; }
    public long LatencyMeanUs { get; set; }
    public int SlowMessagePerMille { get; set; }
    public long SlowMessageMeanUs { get; private set; }

    public long SyncMeanUs { get; set; }
    public int StallPerMille { get; set; }
    public long StallMeanUs { get; private set; }
    public long ReportDelayUs { get; private set; }
    public long SnapshotJobMeanUs { get; set; }
    public long LoopDelayUs { get; private set; }

    /// <summary>How often the loop's thread stands still before an effect of its round.</summary>
    public int EffectStallPerMille { get; private set; }

    /// <summary>How many calls and messages may wait for the loop.</summary>
    public MailboxLimits Mailbox { get; private set; } = new();

    /// <summary>How often a read asks to be passed on or to fail, rather than to wait.</summary>
    public int OtherPolicyPerMille { get; private set; }
    public int DriftPerMille { get; private set; }

    public long NemesisMeanUs { get; private set; }
    public bool HasPartitions { get; private set; }
    public bool HasOneWay { get; private set; }
    public bool HasLeaderCuts { get; private set; }
    public bool HasClogs { get; private set; }
    public bool HasCrashes { get; private set; }
    public bool HasCrashPoints { get; private set; }
    public bool HasCrashAll { get; private set; }
    public bool HasPauses { get; private set; }
    public bool HasTransfers { get; private set; }
    public bool HasDrains { get; private set; }
    public bool HasLeaseTraps { get; private set; }
    public bool HasStalledLeaders { get; private set; }
    public int PowerCutPerMille { get; private set; }
    public long DownMeanUs { get; private set; }

    public int ClientCount { get; private set; }
    public long ThinkMeanUs { get; private set; }
    public long ClientTimeoutUs { get; set; }
    public int ReadPerMille { get; private set; }
    /// <summary>How often a request thread stands still between two of its steps.</summary>
    public int ReadStallPerMille { get; private set; }

    /// <summary>
    /// What the drawn bounds of bounded reads are multiplied with. The smallest bound asked of a node lately decides how
    /// often it renews its proof: with 20 ms on every node that would be most of a calm world's work.
    /// </summary>
    public int BoundScale { get; private set; } = 1;

    /// <summary>How often a client takes over another's token.</summary>
    public int HandoffPerMille { get; private set; }
    public int BigValuePerMille { get; private set; }
    public int BigValueBytes { get; private set; }

    /// <summary>The store's quota; 0 for none. Small, so that it is reached again and again.</summary>
    public long QuotaBytes { get; set; }

    /// <summary>Users, roles and rights change, and most writes have an author.</summary>
    public bool HasAccess { get; set; }

    /// <summary>Each life of a node can hold another amount.</summary>
    public bool HasBudgets { get; private set; }

    /// <summary>Nodes whose disks run low from time to time.</summary>
    public bool HasLowDisks { get; set; }

    /// <summary>Clients of leases, locks and idempotency keys, beside those of registers and counters.</summary>
    public int CoordinationCount { get; private set; }

    /// <summary>Shortest TTL that they ask for; the longest is twenty times that.</summary>
    public int TtlMs { get; private set; }

    public int WatcherCount { get; private set; }
    public long WatcherPaceUs { get; private set; }

    /// <summary>Somebody moves the cluster time on by hours, so that first answers are forgotten.</summary>
    public bool HasTimeJumps { get; private set; }

    /// <summary>Small tables of first answers, and time that passes their windows; null for the usual ones.</summary>
    public OnceLimits? OnceLimits { get; private set; }

    /// <summary>Answers under plain keys may be forgotten in this world.</summary>
    public bool MovesTime => HasTimeJumps || OnceLimits is not null;

    /// <summary>
    /// Until <see cref="UpgradeUs"/> nodes start with a build before this one, then with this one, each when it
    /// happens to restart.
    /// </summary>
    public bool HasMixedBuilds { get => field || HasRollbacks; private set; }

    public long UpgradeUs { get; private set; }

    /// <summary>What the build before supports: all from the first version to the last but one, as good as drawn.</summary>
    public ClusterVersion OldVersion =>
        new(ClusterVersion.Base.Value + (int)(UpgradeUs % (GateTable.ThisBuild.Newest.Value - ClusterVersion.Base.Value)));

    /// <summary>What leaders compact by themselves.</summary>
    public AutoCompaction AutoCompaction { get; private set; }

    public bool UsesRealWal { get; set; }

    /// <summary>What goes wrong with disks, clocks and cables.</summary>
    public MachineProfile Machine { get; private set; }

    /// <summary>A calm five-node cluster at 50 operations a second: what speed is measured with.</summary>
    public void MakeCalm()
    {
        StopFaults();
        LearnerCount = 0;
        IsUneven = false;
        NemesisMeanUs = 0;
        ElectionTimeoutTicks = 100;
        HeartbeatTicks = 10;
        NoLeaderTimeoutTicks = 400;
        (MaxAppendBytes, MaxInflightAppends, MaxUncommittedBytes) = (512 * 1024, 64, 64 << 20);
        (MaxPendingProposals, MaxPendingReads) = (16_384, 65_536);
        (SnapshotEntries, SnapshotGrowthPercent, TrailingEntries, SnapshotChunkBytes) = (1000, 25, 500, 65_536);
        (MaxLogBytes, MaxInflightBytes, MaxPendingProposalBytes) = (long.MaxValue / 2, long.MaxValue / 2, long.MaxValue / 2);
        MaxUnsyncedBytes = long.MaxValue / 2;
        (LatencyMinUs, LoopDelayUs, SyncMeanUs) = (100, 0, 300);
        (ClientCount, ThinkMeanUs, ReadPerMille, BigValuePerMille) = (10, 200_000, 400, 0);
        (ReadStallPerMille, HandoffPerMille, BoundScale, OtherPolicyPerMille) = (0, 50, 25, 0);
        (EffectStallPerMille, Mailbox, HasDrains) = (0, new MailboxLimits(), false);
        (CoordinationCount, TtlMs, WatcherCount, WatcherPaceUs) = (3, 500, 3, 200_000);
        ClientCount -= CoordinationCount;
        UsesRealWal = false;
        (QuotaBytes, HasBudgets, HasLowDisks, HasAccess) = (0, false, false, false);
        (HasSmallSlices, SliceUs) = (false, 1);
        (HasFounding, HealsDamage, Beginning, HasRollbacks) = (false, false, null, false);
    }

    /// <summary>Nothing fails from now on, and the network and disks are those of a healthy machine room.</summary>
    public void StopFaults()
    {
        Machine = MachineProfile.Sound;
        DropPerMille = 0;
        DuplicatePerMille = 0;
        LateDuplicatePerMille = 0;
        SlowMessagePerMille = 0;
        StallPerMille = 0;
        EffectStallPerMille = 0;
        ReadStallPerMille = 0;
        HasLowDisks = false;
        HasSickDisks = false;
        LatencyMeanUs = Math.Min(LatencyMeanUs, 1_000);
        SyncMeanUs = Math.Min(SyncMeanUs, 1_000);
        SnapshotJobMeanUs = Math.Min(SnapshotJobMeanUs, 1_000);
        SliceUs = Math.Min(SliceUs, 1_000);
    }

    /// <summary>
    /// Options of one node. In uneven seeds each life of a node draws its own snapshot limits, so that logs begin at
    /// different places.
    /// </summary>
    public ReplicaOptions ToOptions(NodeId self, Membership membership, DeterministicRandom random, ulong incarnation) => new()
    {
        Self = self,
        InitialMembership = membership,
        Seed = random.NextUInt64(),
        Incarnation = incarnation,
        HeartbeatTicks = HeartbeatTicks,
        ElectionTimeoutTicks = ElectionTimeoutTicks,
        NoLeaderTimeoutTicks = NoLeaderTimeoutTicks,
        SnapshotEntries = IsUneven ? random.OneOf(SnapshotEntries, 3, 30, 1000) : SnapshotEntries,
        SnapshotGrowthPercent = SnapshotGrowthPercent,
        TrailingEntries = IsUneven ? random.OneOf(0, 5, 500) : TrailingEntries,
        SnapshotChunkBytes = SnapshotChunkBytes,
        MaxAppendBytes = MaxAppendBytes,
        MaxInflightAppends = MaxInflightAppends,
        MaxUncommittedBytes = MaxUncommittedBytes,
        MaxPendingProposals = MaxPendingProposals,
        MaxPendingReads = MaxPendingReads,
        AutoCompaction = AutoCompaction,
        QuotaBytes = QuotaBytes,
        StoreBudgetBytes = QuotaBytes == 0 || !HasBudgets ? 0 : QuotaBytes * random.OneOf(1L, 2, 3) / 2,
        MaxLogBytes = MaxLogBytes,
        MaxUnsyncedBytes = MaxUnsyncedBytes,
        SnapshotTriggerBytes = MaxLogBytes / 4,
        SnapshotWorthBytes = MaxLogBytes / 8,
        QuietSnapshotBytes = MaxLogBytes / 16,
        QuietTicks = 2 * HeartbeatTicks,
        TrailingBytes = MaxLogBytes / 4,
        MaxInflightBytes = MaxInflightBytes,
        MaxPendingProposalBytes = MaxPendingProposalBytes,
        ApplyUnitsPerRound = DrawUnits(random),
    };

    private void DrawTimers(DeterministicRandom random)
    {
        ElectionTimeoutTicks = random.OneOf(20, 50, 100);
        HeartbeatTicks = Math.Max(1, ElectionTimeoutTicks / random.OneOf(3, 5, 10, 20));
        NoLeaderTimeoutTicks = random.OneOf(50, 200, 400);
        DriftPerMille = random.Chance(500) ? 10 : 0;
    }

    private void DrawLimits(DeterministicRandom random)
    {
        SnapshotEntries = random.OneOf(1, 3, 10, 30, 100, 300, 1000);
        SnapshotGrowthPercent = SnapshotEntries >= 30 ? random.OneOf(0, 25) : random.OneOf(10, 50);
        TrailingEntries = random.OneOf(0, 0, 1, 5, 50, 500);
        SnapshotChunkBytes = random.OneOf(512, 4096, 65_536);
        IsUneven = random.Chance(400);
        MaxAppendBytes = random.OneOf(1, 300, 4096, 512 * 1024);
        MaxInflightAppends = random.OneOf(1, 2, 8, 64);
        MaxUncommittedBytes = random.Chance(100) ? 1024 : 64 << 20;
        MaxPendingProposals = random.Chance(100) ? 2 : 16_384;
        MaxPendingReads = random.Chance(100) ? 2 : 65_536;
    }

    private void DrawNetwork(DeterministicRandom random)
    {
        IsFifo = random.Chance(500);
        DropPerMille = random.Chance(500) ? random.OneOf(5, 20, 100, 300) : 0;
        DuplicatePerMille = !IsFifo && random.Chance(500) ? random.OneOf(10, 100, 400) : 0;
        LateDuplicatePerMille = !IsFifo && random.Chance(300) ? random.OneOf(5, 30) : 0;
        LatencyMinUs = random.OneOf(50, 200, 1_000);
        LatencyMeanUs = random.OneOf(100, 500, 2_000, 10_000);
        SlowMessagePerMille = random.Chance(400) ? random.OneOf(5, 50) : 0;
        SlowMessageMeanUs = random.OneOf(20_000, 100_000, 500_000);
    }

    private void DrawHost(DeterministicRandom random)
    {
        SyncMeanUs = random.OneOf(50, 500, 3_000, 10_000);
        StallPerMille = random.Chance(300) ? random.OneOf(2, 10) : 0;
        StallMeanUs = random.OneOf(50_000, 300_000, 1_000_000);
        ReportDelayUs = random.OneOf(0, 100, 2_000);
        SnapshotJobMeanUs = random.OneOf(500, 10_000, 10_000, 150_000);
        LoopDelayUs = random.OneOf(0, 0, 100, 1_000, 5_000);
        EffectStallPerMille = random.OneOf(0, 0, 1, 10);
        int mostCalls = random.OneOf(1, 4, 16_384, 16_384, 16_384);
        int mostMessages = random.OneOf(4, 16, 65_536, 65_536, 65_536);
        Mailbox = new MailboxLimits { MaxClientInputs = mostCalls, MaxPeerMessages = mostMessages };
        HasDrains = random.Chance(300);
    }

    private void DrawNemesis(DeterministicRandom random)
    {
        NemesisMeanUs = random.OneOf(0, 300_000, 1_000_000, 1_000_000, 3_000_000);
        HasPartitions = random.Chance(500);
        HasOneWay = random.Chance(400);
        HasLeaderCuts = random.Chance(400);
        HasClogs = random.Chance(300);
        HasCrashes = random.Chance(500);
        HasCrashPoints = random.Chance(500);
        HasCrashAll = random.Chance(250);
        HasPauses = random.Chance(400);
        HasTransfers = random.Chance(300);
        HasLeaseTraps = random.Chance(300);
        PowerCutPerMille = random.OneOf(0, 500, 1000);
        DownMeanUs = random.OneOf(1_000, 200_000, 1_000_000, 3_000_000);
    }

    private void DrawWorkload(DeterministicRandom random)
    {
        ClientCount = random.OneOf(2, 4, 8, 12);
        ThinkMeanUs = random.OneOf(20_000, 100_000, 200_000);
        ClientTimeoutUs = random.OneOf(300_000, 1_000_000, 5_000_000);
        ReadPerMille = random.OneOf(100, 400, 700);
        BigValuePerMille = random.Chance(300) ? random.OneOf(10, 100) : 0;
        BigValueBytes = random.OneOf(300, 3_000, 20_000);
        ReadStallPerMille = random.OneOf(0, 10, 100);
        HandoffPerMille = random.OneOf(0, 50, 300);
        OtherPolicyPerMille = random.OneOf(0, 100, 300);
    }

    private void DrawRoom(DeterministicRandom random)
    {
        // From a few keys with little history to what some hundred writes without a compaction fill.
        QuotaBytes = random.Chance(300) ? random.OneOf(6_000L, 12_000, 40_000) : 0;
        HasBudgets = QuotaBytes > 0 && random.Chance(500);
        HasLowDisks = random.Chance(100);
    }

    private void DrawCoordination(DeterministicRandom random)
    {
        CoordinationCount = random.OneOf(0, 2, 4, 6);
        TtlMs = random.OneOf(100, 200, 500);
        WatcherCount = random.OneOf(0, 2, 4);
        WatcherPaceUs = random.OneOf(20_000L, 100_000, 500_000);
        HasTimeJumps = random.Chance(100);
        HasStalledLeaders = CoordinationCount > 0 && random.Chance(300);
        OnceLimits = CoordinationCount > 0 && random.Chance(300) ? DrawOnceLimits(random) : null;
    }

    private static OnceLimits DrawOnceLimits(DeterministicRandom random)
    {
        long floorMs = random.OneOf(3_000, 60_000, 600_000);
        return new OnceLimits
        {
            FloorMs = floorMs,
            WindowMs = floorMs * random.OneOf(1, 3, 100),
            SharedBytes = random.OneOf(3_000, 10_000),
            OwnerBytes = random.OneOf(1_500, 5_000),
            MaxOwners = random.OneOf(0, 1, 4),
            MaxSessions = random.OneOf(1, 2, 4),
            MaxAnswersPerSession = random.OneOf(2, 4, 16),
            SessionAnswerBytes = random.OneOf(0, 300, 5_000),
            MaxAnswerBytes = random.OneOf(0, 100, KvLimits.MaxStoredAnswerBytes),
            SessionTableBytes = random.OneOf(1_500, 6_000, 1_000_000),
        };
    }
}
