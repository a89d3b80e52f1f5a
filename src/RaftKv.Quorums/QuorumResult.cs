namespace RaftKv.Quorums;

/// <summary>What a run showed.</summary>
public sealed record QuorumResult
{
    /// <summary>Reads that were answered.</summary>
    public required int Reads { get; init; }

    /// <summary>Of these, those that miss a write that was acknowledged before they began.</summary>
    public required int StaleReads { get; init; }

    /// <summary>Writes that were acknowledged.</summary>
    public required int Writes { get; init; }

    /// <summary>Of these, those whose effect is in no replica's value at the end, though nobody took it back.</summary>
    public required int LostWrites { get; init; }

    /// <summary>Reads that found siblings, or writes that dropped one that they did not know.</summary>
    public required int Conflicts { get; init; }

    /// <summary>Operations that too few nodes answered in time.</summary>
    public required int Unavailable { get; init; }

    /// <summary>Milliseconds from an acknowledgment until all replicas have the write; sorted; those that got there.</summary>
    public required IReadOnlyList<double> ConvergenceMs { get; init; }

    /// <summary>Acknowledged writes that not all replicas had when the run ended.</summary>
    public required int NeverConverged { get; init; }

    /// <summary>How many reads began so long after the newest acknowledgment of their key, and how many of them were stale.</summary>
    public required IReadOnlyList<(double FromMs, int Reads, int Stale)> StaleByAge { get; init; }

    /// <summary>Share of reads that were stale.</summary>
    public double StaleShare => Reads == 0 ? 0 : (double)StaleReads / Reads;

    /// <summary>Share of acknowledged writes that were lost.</summary>
    public double LostShare => Writes == 0 ? 0 : (double)LostWrites / Writes;

    /// <summary>That part of the writes that converged did so within this time; null when none did.</summary>
    public double? ConvergenceAt(double part) =>
        ConvergenceMs.Count == 0 ? null : ConvergenceMs[Math.Min(ConvergenceMs.Count - 1, (int)(part * ConvergenceMs.Count))];
}
