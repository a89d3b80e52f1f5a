using RaftKv.Simulation.Cluster;

namespace RaftKv.Simulation.Running;

/// <summary>What one seed gave.</summary>
internal sealed record SeedResult(
    ulong Seed, ulong TraceHash, long SimulatedUs, int NodeCount, long LeaderCount, Counters Counters, string? Failure, string? TraceTail)
{
    public bool IsOk => Failure is null;
}
