namespace RaftKv.Bench.Soak;

/// <summary>One thing that could grow, and by how much the last third of a run may exceed the second.</summary>
/// <param name="Name">As the table, the plot and the sentences call it.</param>
/// <param name="Column">As the file of samples calls it.</param>
/// <param name="MarginPercent">Of the second third's value.</param>
/// <param name="Slack">On top of it, in the measure's own unit: what a cycle (a snapshot, a collection) is worth.</param>
/// <param name="NeedsMinutes">The shortest run that can judge it.</param>
internal sealed record SoakMeasure(
    string Name, string Column, Func<SoakSample, double> Of, double MarginPercent, double Slack, double NeedsMinutes = 0)
{
    // Answers under plain keys live for ten minutes at least, and 4,096 sessions take some minutes to come: in the first
    // third of half an hour both tables fill.
    private const double ThreeWindows = 30;

    /// <summary>Everything that must be flat.</summary>
    internal static readonly IReadOnlyList<SoakMeasure> All =
    [
        new("resident MiB", "resident_mib", static s => s.ResidentMiB, 10, 16),
        new("heap MiB", "heap_mib", static s => s.HeapMiB, 10, 48),
        new("data directory MiB", "data_mib", static s => s.DataMiB, 10, 32),
        new("store MiB", "store_mib", static s => s.StoreMiB, 10, 4),
        new("log in memory MiB", "log_mib", static s => s.LogMiB, 10, 4),
        new("versions", "versions", static s => s.Versions, 10, 1_000),
        new("kept answers", "kept_answers", static s => s.KeptAnswers, 5, 500, ThreeWindows),
        new("client sessions", "sessions", static s => s.Sessions, 5, 10, ThreeWindows),
        new("session answers", "session_answers", static s => s.SessionAnswers, 10, 100, ThreeWindows),
        new("leases", "leases", static s => s.Leases, 20, 50),
        new("watches", "watches", static s => s.Watches, 10, 5),
    ];

    /// <summary>Shown, and not to be flat.</summary>
    internal static readonly IReadOnlyList<SoakMeasure> Rates =
    [
        new("writes a second", "writes_per_second", static s => s.WritesPerSecond, 0, 0),
        new("problems a second", "problems_per_second", static s => s.ProblemsPerSecond, 0, 0),
    ];
}
