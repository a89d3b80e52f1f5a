using RaftKv.Simulation.Cluster;
using RaftKv.Simulation.Reach;

namespace RaftKv.Simulation.Running;

/// <summary>What one seed gave.</summary>
internal sealed record SeedResult(
    ulong Seed, ulong TraceHash, long SimulatedUs, int NodeCount, long LeaderCount, Counters Counters, string? Failure, string? TraceTail)
{
    public bool IsOk => Failure is null;

    /// <summary>The id of what was broken (CORRECTNESS.md), or the type of what was thrown; null when nothing was.</summary>
    public string? Rule { get; init; }

    /// <summary>The rare states that were met.</summary>
    public required ReachCounts Reach { get; init; }

    /// <summary>Fault classes that the seed had.</summary>
    public required IReadOnlyList<FaultClass> Faults { get; init; }

    /// <summary>One line; the trace hash is the last thing on it.</summary>
    public string ToLine()
    {
        string outcome = IsOk ? "ok" : "FAILED " + Failure?.ReplaceLineEndings(" ");
        string world = FormattableString.Invariant($"nodes {NodeCount} simulated {SimulatedUs / 1e6:F1} s ops {Counters.Invoked}");
        string faults = FormattableString.Invariant($"crashes {Counters.Crashes} partitions {Counters.Partitions} leaders {LeaderCount}");
        string met = FormattableString.Invariant($"installs {Counters.SnapshotsInstalled} states {Reach.ReachedCount}");
        return FormattableString.Invariant($"seed {Seed} {outcome} {world} {faults} {met} trace {TraceHash:x16}");
    }

    /// <summary>The line that runs the same world again.</summary>
    public string ReproduceLine(SeedOptions options) => FormattableString.Invariant(
        $"reproduce: dotnet run -c Release --project tests/RaftKv.Simulation -- --seed {Seed} {options.ToText()} --verbose");
}
