namespace RaftKv.Core.Store;

/// <summary>How a cluster begins that is restored from the state of another one.</summary>
/// <param name="Begin">Its first revision, which <see cref="IsPast"/> what was saved.</param>
/// <param name="KeepsLeases">
/// Leases live on, with the keys and locks that hang on them; otherwise all of them end in that first revision.
/// </param>
public sealed record RestoreTerms(Revision Begin, bool KeepsLeases = false)
{
    /// <summary>
    /// Least distance from the newest revision that was saved. What the old cluster wrote after it is not known, and has to
    /// be less.
    /// </summary>
    public const long MinGap = 1_000_000_000;

    /// <summary>
    /// Restores begin at a revision for each microsecond since the start of 2026. So two restores of one backup never hand
    /// out the same fencing token: nobody writes a million revisions a second.
    /// </summary>
    public const long RevisionsPerSecond = 1_000_000;

    /// <summary>The first revision of a restore at a moment.</summary>
    /// <param name="saved">The newest revision that was saved.</param>
    /// <param name="secondsSince2026">Seconds from the start of 2026, UTC, until the restore; negative counts as 0.</param>
    public static Revision BeginAt(Revision saved, long secondsSince2026)
    {
        long byTime = Math.Clamp(secondsSince2026, 0, long.MaxValue / RevisionsPerSecond / 2) * RevisionsPerSecond;
        return new Revision(Math.Max(saved.Value + MinGap, byTime));
    }

    /// <summary>True when the first revision is far enough from what was saved.</summary>
    public bool IsPast(Revision saved) => Begin.Value - MinGap >= saved.Value;
}
