using System.Globalization;
using System.Text;
using System.Text.Json;

namespace RaftKv.JepsenStyle.Runs;

/// <summary>A whole matrix, as summary.json keeps it.</summary>
/// <param name="Commit">What was built, with "+" behind it when files differed from it.</param>
internal sealed record MatrixSummary(string Commit, string Machine, DateTime StartedUtc, IReadOnlyList<MatrixCell> Cells)
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Reads a summary.json.</summary>
    public static MatrixSummary Read(string file) => JsonSerializer.Deserialize<MatrixSummary>(File.ReadAllText(file), Options)!;

    /// <summary>Writes summary.json and summary.md.</summary>
    public void Write(string directory)
    {
        File.WriteAllText(Path.Combine(directory, "summary.json"), JsonSerializer.Serialize(this, Options));
        File.WriteAllText(Path.Combine(directory, "summary.md"), ToMarkdown());
    }

    /// <summary>The table for people.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"Commit {Commit}, {Machine}, started {StartedUtc:yyyy-MM-dd HH:mm} UTC.\n");
        text.AppendLine("| workload | nemesis | nodes | s | seed | verdict | ok | fail | unknown | faults |");
        text.AppendLine("|---|---|---|---|---|---|---|---|---|---|");
        foreach (MatrixCell cell in Cells)
        {
            string faults = string.Join(", ", cell.Faults.Select(f => $"{f.Value} {f.Key}"));
            string again = cell.Attempt > 1 ? " (again)" : "";
            string why = cell.Why is null ? "" : $": {cell.Why.Replace("|", "/", StringComparison.Ordinal)}";
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"| {cell.Workload} | {cell.Nemesis}{again} | {cell.Nodes} | {cell.Seconds} | {cell.Seed} | {cell.Verdict}{why} "
                + $"| {cell.Ok} | {cell.Fail} | {cell.Unknown} | {faults} |");
        }

        text.AppendLine();
        foreach (string line in Totals(Cells))
        {
            text.AppendLine("- " + line);
        }

        return text.ToString();
    }

    /// <summary>Sums over cells, each with what it proves.</summary>
    public static IEnumerable<string> Totals(IReadOnlyList<MatrixCell> cells)
    {
        var run = cells.Where(c => c.Verdict != "skipped").ToList();
        int valid = run.Count(c => c.Verdict == "valid");
        int violations = run.Count(c => c.Verdict == "violation");
        long ok = run.Sum(c => (long)c.Ok);
        long all = run.Sum(c => (long)c.Ok + c.Fail + c.Unknown);
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"{run.Count} runs: {valid} valid, {violations} with a violation, {run.Count - valid - violations} undecided; "
            + $"{cells.Count - run.Count} skipped");
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"{all} operations: {ok} answered, {run.Sum(c => (long)c.Fail)} refused or failed, "
            + $"{run.Sum(c => (long)c.Unknown)} of unknown outcome "
            + $"({(all == 0 ? 0 : 100.0 * run.Sum(c => (long)c.Unknown) / all):F2} %)");
        var faults = run.SelectMany(c => c.Faults).GroupBy(f => f.Key).OrderBy(g => g.Key, StringComparer.Ordinal);
        yield return "faults: " + string.Join(", ", faults.Select(g => $"{g.Sum(f => f.Value)} {g.Key}"));
        if (violations == 0 && valid > 0)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"0 violations in {valid} valid runs: fewer than {300.0 / valid:F1} % of such runs at 95 % confidence (3/N)");
        }
    }
}
