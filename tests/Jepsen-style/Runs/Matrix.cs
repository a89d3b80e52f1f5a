using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using RaftKv.JepsenStyle.Checkers;

namespace RaftKv.JepsenStyle.Runs;

/// <summary>
/// Runs the cells of a plan one after the other. An undecided cell is run once more, and both results stay. After the
/// plan come further cells for each target that was missed.
/// </summary>
/// <param name="directory">One directory a cell, with its cell.json; the summary of all.</param>
/// <param name="keepsAll">Keeps the data of the nodes of valid cells, too.</param>
/// <param name="resumes">Takes over the cells that are there instead of running them again.</param>
internal sealed class Matrix(MatrixPlan plan, string directory, bool keepsAll, bool resumes)
{
    // A target that so many further cells don't reach is out of reach, and the coverage line says so.
    private const int MostExtraCellsPerTarget = 4;

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private readonly List<MatrixCell> _cells = [];
    private DateTime _started = DateTime.UtcNow;

    /// <summary>Runs the plan; the worst verdict decides, skipped cells apart. A missed target makes it unknown.</summary>
    public async Task<Validity> RunAsync()
    {
        Directory.CreateDirectory(directory);
        TakeOver();
        IReadOnlyList<PlanCell> planned = plan.Cells;
        for (int i = 0; i < planned.Count; i++)
        {
            Console.Write(string.Create(CultureInfo.InvariantCulture, $"{i + 1}/{planned.Count} "));
            await SettleAsync(planned[i]);
        }

        ulong seed = plan.Seed + (ulong)planned.Count;
        foreach (PlanTarget target in plan.Targets ?? [])
        {
            for (int extra = 0; extra < MostExtraCellsPerTarget && Missing(target) > 0; extra++)
            {
                Console.Write($"for {target.Count} ");
                await SettleAsync(new PlanCell(target.Workload, target.Nemesis, target.Nodes, plan.Seconds, seed++));
            }
        }

        bool isCovered = (plan.Targets ?? []).All(target => Missing(target) <= 0);
        foreach (string line in MatrixSummary.Totals(_cells))
        {
            Console.WriteLine(line);
        }

        Console.WriteLine(CoverageLine());
        Console.WriteLine($"summary: {Path.Combine(directory, "summary.md")}");
        return _cells.Exists(c => c.Verdict == "violation") ? Validity.Violation
            : !isCovered || HasUndecided() || _cells.TrueForAll(c => c.Verdict == "skipped") ? Validity.Unknown
            : Validity.Valid;
    }

    /// <summary>Results of two commits in one summary would be evidence for neither.</summary>
    private void TakeOver()
    {
        string file = Path.Combine(directory, "summary.json");
        if (resumes && File.Exists(file))
        {
            MatrixSummary before = MatrixSummary.Read(file);
            if (before.Commit != BuildFacts.Commit)
            {
                throw new ArgumentException(
                    $"{file} is of commit {before.Commit}, and this is {BuildFacts.Commit}: begin in another directory.");
            }

            _started = before.StartedUtc;
        }
    }

    /// <summary>Runs a cell, and once more when it was undecided: most often its faults or its work did not come about.</summary>
    private async Task SettleAsync(PlanCell cell)
    {
        MatrixCell first = await TakeOrRunAsync(cell, attempt: 1);
        if (first.Verdict == "unknown")
        {
            Console.Write("again ");
            await TakeOrRunAsync(cell, attempt: 2);
        }
    }

    private async Task<MatrixCell> TakeOrRunAsync(PlanCell cell, int attempt)
    {
        string again = attempt == 1 ? "" : "-again";
        string name = string.Create(CultureInfo.InvariantCulture, $"{cell.Workload}-{cell.Nemesis}-{cell.Seed}{again}");
        string place = Path.Combine(directory, name);
        string file = Path.Combine(place, "cell.json");
        MatrixCell result;
        if (resumes && File.Exists(file))
        {
            result = JsonSerializer.Deserialize<MatrixCell>(await File.ReadAllTextAsync(file), Options)!;
            Console.WriteLine($"{Line(result)} (taken over)");
        }
        else
        {
            long start = Stopwatch.GetTimestamp();
            result = await RunAsync(cell, place, attempt);
            Directory.CreateDirectory(place);
            await File.WriteAllTextAsync(file, JsonSerializer.Serialize(result, Options));
            double took = Stopwatch.GetElapsedTime(start).TotalSeconds;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Line(result)} ({took:F0} s)"));
        }

        _cells.Add(result);
        new MatrixSummary(BuildFacts.Commit, BuildFacts.Machine, _started, _cells).Write(directory);
        return result;
    }

    private async Task<MatrixCell> RunAsync(PlanCell cell, string place, int attempt)
    {
        if (Directory.Exists(place))
        {
            Directory.Delete(place, recursive: true);
        }

        try
        {
            var options = new RunOptions(cell.Workload, cell.Nemesis, cell.Nodes, cell.Seconds, cell.Seed, place);
            RunResult result = await TestRun.ExecuteAsync(options);
            string verdict = result.Skipped is null ? result.Validity.ToString().ToLowerInvariant() : "skipped";
            if (verdict == "valid" && !keepsAll)
            {
                Forget(place, cell.Nodes);
            }

            return new MatrixCell(
                cell.Workload, cell.Nemesis, cell.Nodes, cell.Seconds, cell.Seed, verdict, result.Reason,
                result.OkCount, result.FailCount, result.InfoCount, result.FaultCounts, attempt);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The suite's own failure proves nothing about the server, and must not end the other runs.
            return new MatrixCell(
                cell.Workload, cell.Nemesis, cell.Nodes, cell.Seconds, cell.Seed, "unknown", e.Message.Split('\n')[0],
                Ok: 0, Fail: 0, Unknown: 0, new Dictionary<string, int>(), attempt);
        }
    }

    /// <summary>A valid run's data directories are of no more use; its reports stay.</summary>
    private static void Forget(string place, int nodes)
    {
        for (int i = 1; i <= nodes; i++)
        {
            string data = Path.Combine(place, string.Create(CultureInfo.InvariantCulture, $"n{i}"));
            if (Directory.Exists(data))
            {
                Directory.Delete(data, recursive: true);
            }
        }
    }

    private int Missing(PlanTarget target) => target.AtLeast - FaultTally.Of(_cells).GetValueOrDefault(target.Count);

    /// <summary>True when a cell is undecided, and so is its repetition.</summary>
    private bool HasUndecided() => _cells.Exists(c => c is { Verdict: "unknown", Attempt: 2 });

    private string CoverageLine()
    {
        IReadOnlyDictionary<string, int> sums = FaultTally.Of(_cells);
        var targets = (plan.Targets ?? []).GroupBy(target => target.Count)
            .ToDictionary(same => same.Key, same => same.Max(target => target.AtLeast));
        IEnumerable<string> parts = sums.Select(sum => targets.TryGetValue(sum.Key, out int least)
            ? $"{sum.Value} of {least} {sum.Key}{(sum.Value < least ? " MISSED" : "")}"
            : $"{sum.Value} {sum.Key}");
        return "coverage, decided cells only: " + string.Join(", ", parts);
    }

    private static string Line(MatrixCell cell) => string.Create(
        CultureInfo.InvariantCulture,
        $"{cell.Workload,-14} {cell.Nemesis,-18} {cell.Verdict,-9} {cell.Ok,6} ok {cell.Fail,6} fail {cell.Unknown,4} unknown  "
        + $"{string.Join(", ", cell.Faults.Select(f => $"{f.Value} {f.Key}"))} {cell.Why}");
}
