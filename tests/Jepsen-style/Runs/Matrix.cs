using System.Globalization;
using System.Text;
using System.Text.Json;
using RaftKv.JepsenStyle.Checkers;
using RaftKv.JepsenStyle.Cluster;

namespace RaftKv.JepsenStyle.Runs;

/// <summary>What one cell of the matrix came to.</summary>
internal sealed record MatrixCell(
    string Workload,
    string Nemesis,
    int Nodes,
    int Seconds,
    ulong Seed,
    string Verdict,
    string? Why,
    int Ok,
    int Fail,
    int Unknown,
    IReadOnlyDictionary<string, int> Faults);

/// <summary>A whole matrix, as summary.json keeps it.</summary>
/// <param name="Commit">What was built, with "+" behind it when files differed from it.</param>
internal sealed record MatrixSummary(string Commit, string Machine, DateTime StartedUtc, IReadOnlyList<MatrixCell> Cells);

/// <summary>Runs every workload under every nemesis, one after the other, and writes a table.</summary>
internal static class Matrix
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>What to run.</summary>
    public sealed record Plan(
        IReadOnlyList<string> Workloads, IReadOnlyList<string> Nemeses, int Nodes, int Seconds, ulong Seed, string Directory, bool KeepsAll);

    /// <summary>Runs the plan; the worst verdict decides, skipped cells apart.</summary>
    public static async Task<Validity> RunAsync(Plan plan)
    {
        var cells = new List<MatrixCell>();
        var started = DateTime.UtcNow;
        ulong seed = plan.Seed;
        foreach (string workload in plan.Workloads)
        {
            foreach (string nemesis in plan.Nemeses)
            {
                MatrixCell cell = await CellAsync(plan, workload, nemesis, seed++);
                cells.Add(cell);
                Console.WriteLine(Line(cell));
                Write(plan.Directory, new MatrixSummary(Commit(), Machine(), started, cells));
            }
        }

        Console.WriteLine($"summary: {Path.Combine(plan.Directory, "summary.md")}");
        return cells.Exists(c => c.Verdict == "violation") ? Validity.Violation
            : cells.Exists(c => c.Verdict == "unknown") || cells.TrueForAll(c => c.Verdict == "skipped") ? Validity.Unknown
            : Validity.Valid;
    }

    /// <summary>Reads a summary.json.</summary>
    public static MatrixSummary Read(string file) => JsonSerializer.Deserialize<MatrixSummary>(File.ReadAllText(file), Options)!;

    /// <summary>Writes summary.json and summary.md.</summary>
    public static void Write(string directory, MatrixSummary summary)
    {
        File.WriteAllText(Path.Combine(directory, "summary.json"), JsonSerializer.Serialize(summary, Options));
        File.WriteAllText(Path.Combine(directory, "summary.md"), ToMarkdown(summary));
    }

    /// <summary>The table for people.</summary>
    public static string ToMarkdown(MatrixSummary summary)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"Commit {summary.Commit}, {summary.Machine}, started {summary.StartedUtc:yyyy-MM-dd HH:mm} UTC.\n");
        text.AppendLine("| workload | nemesis | nodes | s | seed | verdict | ok | fail | unknown | faults |");
        text.AppendLine("|---|---|---|---|---|---|---|---|---|---|");
        foreach (MatrixCell cell in summary.Cells)
        {
            string faults = string.Join(", ", cell.Faults.Select(f => $"{f.Value} {f.Key}"));
            string why = cell.Why is null ? "" : $": {cell.Why.Replace("|", "/", StringComparison.Ordinal)}";
            text.AppendLine(CultureInfo.InvariantCulture,
                $"| {cell.Workload} | {cell.Nemesis} | {cell.Nodes} | {cell.Seconds} | {cell.Seed} | {cell.Verdict}{why} | {cell.Ok} | {cell.Fail} | {cell.Unknown} | {faults} |");
        }

        text.AppendLine();
        foreach (string line in Totals(summary.Cells))
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
        yield return string.Create(CultureInfo.InvariantCulture,
            $"{run.Count} runs: {valid} valid, {violations} with a violation, {run.Count - valid - violations} undecided; {cells.Count - run.Count} skipped");
        yield return string.Create(CultureInfo.InvariantCulture,
            $"{all} operations: {ok} answered, {run.Sum(c => (long)c.Fail)} refused or failed, {run.Sum(c => (long)c.Unknown)} of unknown outcome "
            + $"({(all == 0 ? 0 : 100.0 * run.Sum(c => (long)c.Unknown) / all):F2} %)");
        var faults = run.SelectMany(c => c.Faults).GroupBy(f => f.Key).OrderBy(g => g.Key, StringComparer.Ordinal);
        yield return "faults: " + string.Join(", ", faults.Select(g => $"{g.Sum(f => f.Value)} {g.Key}"));
        if (violations == 0 && valid > 0)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"0 violations in {valid} valid runs: fewer than {300.0 / valid:F1} % of such runs at 95 % confidence (3/N)");
        }
    }

    private static async Task<MatrixCell> CellAsync(Plan plan, string workload, string nemesis, ulong seed)
    {
        string directory = Path.Combine(plan.Directory, $"{workload}-{nemesis}");
        if (Directory.Exists(directory))
        {
            Directory.Delete(directory, recursive: true);
        }

        var options = new RunOptions(workload, nemesis, plan.Nodes, plan.Seconds, seed, directory);
        try
        {
            RunResult result = await TestRun.ExecuteAsync(options);
            string verdict = result.Skipped is null ? result.Validity.ToString().ToLowerInvariant() : "skipped";
            string? why = result.Skipped ?? result.Verdicts.Where(v => v.Validity == result.Validity).SelectMany(v => v.Problems).FirstOrDefault();
            if (verdict == "valid" && !plan.KeepsAll)
            {
                Forget(directory, plan.Nodes);
            }

            return new MatrixCell(
                workload, nemesis, plan.Nodes, plan.Seconds, seed, verdict, verdict == "valid" ? null : why,
                result.OkCount, result.FailCount, result.InfoCount, result.FaultCounts);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The suite's own failure proves nothing about the server, and must not end the other runs.
            return new MatrixCell(workload, nemesis, plan.Nodes, plan.Seconds, seed, "unknown", e.Message.Split('\n')[0], 0, 0, 0, new Dictionary<string, int>());
        }
    }

    /// <summary>A valid run's data directories are of no more use; its reports stay.</summary>
    private static void Forget(string directory, int nodes)
    {
        for (int i = 1; i <= nodes; i++)
        {
            string data = Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"n{i}"));
            if (Directory.Exists(data))
            {
                Directory.Delete(data, recursive: true);
            }
        }
    }

    private static string Line(MatrixCell cell) => string.Create(CultureInfo.InvariantCulture,
        $"{cell.Workload,-14} {cell.Nemesis,-18} {cell.Verdict,-9} {cell.Ok,6} ok {cell.Fail,6} fail {cell.Unknown,4} unknown  "
        + $"{string.Join(", ", cell.Faults.Select(f => $"{f.Value} {f.Key}"))} {cell.Why}");

    /// <summary>What was built: RAFTKV_COMMIT says it for a copy; else the repository's head.</summary>
    private static string Commit()
    {
        if (Environment.GetEnvironmentVariable("RAFTKV_COMMIT") is { Length: > 0 } named)
        {
            return named;
        }

        (int code, string head) = Programs.Run("git", "rev-parse", "--short=12", "HEAD");
        (_, string changes) = Programs.Run("git", "status", "--porcelain", "--untracked-files=no");
        return code != 0 ? "unknown" : head.Trim() + (changes.Trim().Length > 0 ? "+" : "");
    }

    private static string Machine() => string.Create(
        CultureInfo.InvariantCulture, $"{Environment.ProcessorCount} cores, {System.Runtime.InteropServices.RuntimeInformation.OSDescription}");
}
