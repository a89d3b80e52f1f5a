using RaftKv.Core.Replica;
using RaftKv.Core.Store.Commands;

namespace RaftKv.Simulation.Cluster;

/// <summary>The mix of the soak (bench/README.md) at small limits.</summary>
internal sealed partial class SwarmProfile
{
    /// <summary>What a leader keeps of the past in a soak.</summary>
    public const int SoakRetention = 40;

    /// <summary>True after <see cref="MakeSoak"/>.</summary>
    public bool IsSoak { get; private set; }

    /// <summary>
    /// Every table so small that a run of half a minute passes its window many times: kept answers, client sessions, the
    /// log, versions. Faults stay as drawn, but not so strong that nothing would be written; what changes the tables' bounds
    /// on the way (a quota, hours that go by) is left to other seeds.
    /// </summary>
    public void MakeSoak()
    {
        IsSoak = true;
        (QuotaBytes, HasBudgets, HasLowDisks, HasAccess) = (0, false, false, false);
        (HasTimeJumps, HasMixedBuilds, HasRollbacks, Beginning, LearnerCount) = (false, false, false, null, 0);
        OnceLimits = new OnceLimits
        {
            FloorMs = 2_000,
            WindowMs = 3_000,
            SharedBytes = 6_000,
            OwnerBytes = 3_000,
            MaxOwners = 2,
            MaxSessions = 3,
            MaxAnswersPerSession = 4,
            SessionAnswerBytes = 300,
            MaxAnswerBytes = 100,
        };
        AutoCompaction = new AutoCompaction(AutoCompactionMode.Revision, SoakRetention);
        (ClientCount, CoordinationCount, WatcherCount, ThinkMeanUs) = (6, 6, 4, 20_000);
        (BigValuePerMille, BigValueBytes, ReadPerMille) = (50, 3_000, 200);
        (SnapshotEntries, SnapshotGrowthPercent, TrailingEntries, SnapshotChunkBytes) = (100, 25, 50, 4_096);
        (MaxLogBytes, MaxInflightBytes, MaxPendingProposalBytes) = (60_000, 50_000, 100_000);
        (MaxUncommittedBytes, MaxPendingProposals, MaxPendingReads) = (64 << 20, 16_384, 65_536);
        (MaxAppendBytes, MaxInflightAppends, Mailbox) = (4_096, 8, new());
        NemesisMeanUs = NemesisMeanUs == 0 ? 0 : Math.Max(NemesisMeanUs, 3_000_000);
        DownMeanUs = Math.Min(DownMeanUs, 1_000_000);
        DropPerMille = Math.Min(DropPerMille, 20);
        (LatencyMeanUs, SyncMeanUs) = (Math.Min(LatencyMeanUs, 2_000), Math.Min(SyncMeanUs, 3_000));
    }
}
