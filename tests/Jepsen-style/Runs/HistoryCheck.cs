using RaftKv.JepsenStyle.Checkers;
using RaftKv.JepsenStyle.History;

namespace RaftKv.JepsenStyle.Runs;

/// <summary>
/// Holds a history against everything that its workload promises; the same for a fresh run and for a file.
/// </summary>
internal static class HistoryCheck
{
    private static readonly TimeSpan SearchBudget = TimeSpan.FromSeconds(60);

    public static RunResult Check(IReadOnlyList<HistoryLine> history)
    {
        RunHeader header = history.OfType<RunHeader>().Single();
        var operations = history.OfType<Operation>().ToList();
        SetCounts? set = null;
        List<Verdict> verdicts = [CoverageChecker.Check(history)];
        switch (header.Workload)
        {
            case "set":
                (Verdict verdict, set) = SetChecker.Check(history, header.Nodes);
                verdicts.Add(verdict);
                break;
            case "register":
                verdicts.Add(LinearizabilityChecker.Check(operations, SearchBudget));
                break;
            case "counter":
                verdicts.Add(CounterChecker.Check(history, header.Nodes));
                break;
            case "watch":
                verdicts.Add(WatchHistoryChecker.Check(history));
                break;
            default:
                verdicts.Add(Verdict.Unknown("workload", $"no checker for {header.Workload}"));
                break;
        }

        var options = new RunOptions(header.Workload, header.Nemesis, header.Nodes, header.Seconds, header.Seed, "");
        return new RunResult(
            Verdict.Worst(verdicts),
            verdicts,
            operations.Count(o => o.Outcome == Outcome.Ok),
            operations.Count(o => o.Outcome == Outcome.Fail),
            operations.Count(o => o.Outcome == Outcome.Info),
            history.OfType<FaultEvent>().GroupBy(f => f.Name).ToDictionary(g => g.Key, g => g.Count()),
            header.Nemesis.StartsWith("kill", StringComparison.Ordinal) ? Availability.LongestGapMsAfter(history, "kill") : null,
            set,
            options.ReproduceLine);
    }
}
