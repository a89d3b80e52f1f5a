using RaftKv.Core;
using RaftKv.Core.Raft.Log;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Cluster;

/// <summary>Budgets of memory so small that a run meets every bound in bytes (Q1, R13).</summary>
internal sealed partial class SwarmProfile
{
    /// <summary>See ReplicaOptions.</summary>
    public long MaxLogBytes { get; private set; } = long.MaxValue / 2;

    /// <summary>See ReplicaOptions.</summary>
    public long MaxUnsyncedBytes { get; private set; } = long.MaxValue / 2;

    /// <summary>See ReplicaOptions.</summary>
    public long MaxInflightBytes { get; private set; } = long.MaxValue / 2;

    /// <summary>See ReplicaOptions.</summary>
    public long MaxPendingProposalBytes { get; private set; } = long.MaxValue / 2;

    /// <summary>
    /// No command of a client is larger, its envelope and the log's overhead included: a transaction compares with one
    /// value and puts two.
    /// </summary>
    public long LargestEntryBytes => (3L * BigValueBytes) + 4_096 + LogEntry.OverheadBytes;

    private void DrawMemory(DeterministicRandom random)
    {
        if (random.Chance(300))
        {
            MaxLogBytes = random.OneOf(2_000L, 10_000, 100_000);
        }

        if (random.Chance(200))
        {
            MaxInflightBytes = random.OneOf(500L, 5_000, 50_000);
        }

        if (random.Chance(100))
        {
            MaxPendingProposalBytes = random.OneOf(500L, 5_000);
        }

        if (random.Chance(200))
        {
            MaxUnsyncedBytes = random.OneOf(1L, 1_000, 10_000);
        }
    }
}
