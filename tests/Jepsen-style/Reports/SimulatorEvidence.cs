using System.Globalization;
using System.Text;
using System.Text.Json;

namespace RaftKv.JepsenStyle.Reports;

/// <summary>The section on the simulator, from the files that its option --summary writes.</summary>
internal static class SimulatorEvidence
{
    /// <summary>Files of this name in a directory are summaries.</summary>
    public const string Pattern = "simulator*.json";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>Empty when no directory has a summary. Throws ArgumentException when seeds would be counted twice.</summary>
    public static string Render(IReadOnlyList<string> directories)
    {
        List<SimulatorRun> runs = [.. directories.Where(Directory.Exists)
            .SelectMany(static directory => Directory.GetFiles(directory, Pattern).Order(StringComparer.Ordinal))
            .Select(static file => JsonSerializer.Deserialize<SimulatorRun>(File.ReadAllText(file), Json)!)];
        if (runs.Count == 0)
        {
            return "";
        }

        RefuseOverlaps(runs);
        var text = new StringBuilder("\n## Simulator\n\nWhole worlds drawn from seeds; see [simulator.md](simulator.md).\n\n");
        text.AppendLine("| commit | started (UTC) | options | seeds | simulated h | operations | unknown | undecided keys | violations |");
        text.AppendLine("|---|---|---|---|---|---|---|---|---|");
        foreach (SimulatorRun run in runs)
        {
            string stopped = run.IsComplete ? "" : " (stopped)";
            text.Append(CultureInfo.InvariantCulture, $"| {run.Commit} | {run.StartedUtc} | `{run.Options}` ");
            text.Append(CultureInfo.InvariantCulture, $"| {run.FromSeed}–{run.ToSeed}{stopped} ");
            text.Append(CultureInfo.InvariantCulture, $"| {run.SimulatedSeconds / 3600:F1} | {run.OperationsChecked} | {run.Unknown} ");
            text.AppendLine(CultureInfo.InvariantCulture, $"| {run.Undecided} | {run.Failures.Count} |");
        }

        text.AppendLine();
        AddTotals(text, runs);
        AddStates(text, runs);
        return text.ToString();
    }

    private static void AddTotals(StringBuilder text, List<SimulatorRun> runs)
    {
        long seeds = runs.Sum(static r => r.Seeds);
        long operations = runs.Sum(static r => r.OperationsChecked);
        long unknown = runs.Sum(static r => r.Unknown);
        int violations = runs.Sum(static r => r.Failures.Count);
        double hours = runs.Sum(static r => r.SimulatedSeconds) / 3600;
        double cpuHours = runs.Sum(static r => r.CpuSeconds) / 3600;
        double unknownPercent = 100.0 * unknown / Math.Max(1, operations + unknown);
        long undecided = runs.Sum(static r => r.Undecided);
        text.AppendLine(CultureInfo.InvariantCulture, $"- {seeds} seeds, {hours:F1} simulated hours in {cpuHours:F2} CPU hours");
        text.Append(CultureInfo.InvariantCulture, $"- {operations} operations checked; ");
        text.Append(CultureInfo.InvariantCulture, $"{unknown} more of unknown outcome ({unknownPercent:F2} %); ");
        text.AppendLine(CultureInfo.InvariantCulture, $"{undecided} key histories undecided");
        text.AppendLine($"- faults: {Counted(runs.SelectMany(static r => r.Faults))}");
        text.AppendLine($"- seeds with a class of faults: {Counted(runs.SelectMany(static r => r.SeedsByFault))}");
        text.AppendLine(violations == 0 && seeds > 0
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"- 0 violations in {seeds} seeds: fewer than {300.0 / seeds:F3} % of seeds fail at 95 % confidence (3/N)")
            : string.Create(CultureInfo.InvariantCulture, $"- {violations} violations in {seeds} seeds:"));
        foreach (SimulatorFailure failure in runs.SelectMany(static r => r.Failures))
        {
            string message = failure.Message.ReplaceLineEndings(" ");
            text.AppendLine(CultureInfo.InvariantCulture, $"  - seed {failure.Seed}, {message}; `{failure.Reproduce}`");
        }
    }

    private static void AddStates(StringBuilder text, List<SimulatorRun> runs)
    {
        List<(SimulatorState State, long Count)> states = [.. runs.SelectMany(static r => r.States)
            .GroupBy(static s => s.Name)
            .Select(static group => (group.First(), group.Sum(static s => s.Count)))];
        text.AppendLine(CultureInfo.InvariantCulture,
            $"- {states.Count(static s => s.Count > 0)} of {states.Count} rare states reached\n");
        text.AppendLine("| theme | rare state | met | what it is |");
        text.AppendLine("|---|---|---|---|");
        foreach ((SimulatorState state, long count) in states)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"| {state.Theme} | {state.Name} | {count} | {state.Meaning} |");
        }
    }

    private static string Counted(IEnumerable<KeyValuePair<string, long>> counts) => string.Join(", ", counts
        .GroupBy(static c => c.Key)
        .OrderBy(static group => group.Key, StringComparer.Ordinal)
        .Select(static group => string.Create(CultureInfo.InvariantCulture, $"{group.Sum(static c => c.Value)} {group.Key}")));

    // The bound counts independent worlds: one that ran twice is one.
    private static void RefuseOverlaps(List<SimulatorRun> runs)
    {
        for (int i = 0; i < runs.Count; i++)
        {
            for (int j = 0; j < i; j++)
            {
                (SimulatorRun a, SimulatorRun b) = (runs[i], runs[j]);
                if (a.Commit == b.Commit && a.Options == b.Options && a.FromSeed <= b.ToSeed && b.FromSeed <= a.ToSeed)
                {
                    throw new ArgumentException(
                        $"Two summaries of {a.Commit} with {a.Options} share seeds ({a.FromSeed}–{a.ToSeed}, {b.FromSeed}–{b.ToSeed}): "
                        + "leave one out.");
                }
            }
        }
    }

    /// <summary>What the simulator writes, as far as it is shown here; ToSeed is inclusive.</summary>
    private sealed record SimulatorRun(
        string Commit, string StartedUtc, string Options, ulong FromSeed, ulong ToSeed, long Seeds, bool IsComplete,
        double SimulatedSeconds, double CpuSeconds, long OperationsChecked, long Unknown, long Undecided, Dictionary<string, long> Faults,
        Dictionary<string, long> SeedsByFault, List<SimulatorState> States, List<SimulatorFailure> Failures);

    private sealed record SimulatorState(string Theme, string Name, string Meaning, long Count);

    private sealed record SimulatorFailure(ulong Seed, string Rule, string Message, string Reproduce);
}
