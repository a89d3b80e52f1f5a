using RaftKv.JepsenStyle.Checkers;
using RaftKv.JepsenStyle.History;

namespace RaftKv.JepsenStyle.Runs;

/// <summary>
/// Holds a history against everything that its workload promises; the same for a fresh run and for a file.
/// </summary>
internal static class HistoryCheck
{
    public static RunResult Check(IReadOnlyList<HistoryLine> history)
    {
        RunHeader header = history.OfType<RunHeader>().Single();
        var operations = history.OfType<ClientAction>().ToList();
        string? skipped = history.OfType<FaultEvent>().FirstOrDefault(fault => fault is { Name: "skipped", Node: "all" })?.Detail;
        List<Verdict> verdicts = skipped is null
            ? [CoverageChecker.Check(history), StateChecker.Check(history), .. Catalogue.Workload(header.Workload).Check(history, header)]
            : [Verdict.Unknown("skipped", skipped)];
        var options = new RunOptions(header.Workload, header.Nemesis, header.Nodes, header.Seconds, header.Seed, "");
        Validity worst = Verdict.Worst(verdicts);
        return new RunResult(
            header,
            worst,
            skipped ?? verdicts.Where(verdict => verdict.Validity == worst).SelectMany(verdict => verdict.Problems).FirstOrDefault(),
            verdicts,
            operations.Count(o => o.Outcome == Outcome.Ok),
            operations.Count(o => o.Outcome == Outcome.Fail),
            operations.Count(o => o.Outcome == Outcome.Info),
            history.OfType<FaultEvent>().GroupBy(f => f.Name).ToDictionary(g => g.Key, g => g.Count()),
            header.Nemesis.StartsWith("kill", StringComparison.Ordinal) ? Availability.LongestGapMsAfter(history, "kill") : null,
            header.Workload == "set" ? SetChecker.Check(history, header.Nodes).Counts : null,
            header.Workload == "lock" ? LockChecker.Overlaps(history) : null,
            skipped,
            options.ReproduceLine);
    }
}
