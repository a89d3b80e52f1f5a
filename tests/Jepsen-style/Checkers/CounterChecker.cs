using RaftKv.JepsenStyle.History;

namespace RaftKv.JepsenStyle.Checkers;

/// <summary>
/// Every add is by one. The answers of acknowledged adds are then distinct and follow real time; a read lies between
/// what had surely been added before it and what could have been; so does the end (A1, A2).
/// </summary>
internal static class CounterChecker
{
    private const string Name = "counter";

    public static Verdict Check(IReadOnlyList<HistoryLine> history, int nodeCount)
    {
        var violations = new List<string>();
        foreach (IGrouping<string, Operation> key in Counted(history).GroupBy(o => o.Key))
        {
            violations.AddRange(CheckKey(key.Key, [.. key]));
        }

        var operations = Counted(history).ToList();
        foreach (FinalPair pair in history.OfType<FinalPair>())
        {
            var adds = operations.Where(o => o.Key == pair.Key && o.Kind == OperationKind.Add).ToList();
            long least = adds.Count(o => o.Outcome == Outcome.Ok);
            long most = adds.Count(o => o.Outcome != Outcome.Fail);
            if (pair.Value < least || pair.Value > most)
            {
                violations.Add($"{pair.Node}: {pair.Key} ends at {pair.Value}, outside {least}..{most}");
            }
        }

        int read = history.OfType<FinalNode>().Count();
        return violations.Count == 0 && read < nodeCount
            ? Verdict.Unknown(Name, $"the final state of {read} of {nodeCount} nodes was read")
            : Verdict.Of(Name, violations);
    }

    /// <summary>A repeat under an idempotency key adds nothing, and shows an old sum.</summary>
    private static IEnumerable<Operation> Counted(IReadOnlyList<HistoryLine> history) =>
        history.OfType<Operation>().Where(o => o.Kind != OperationKind.Repeat);

    private static IEnumerable<string> CheckKey(string key, List<Operation> operations)
    {
        var adds = operations.Where(o => o is { Kind: OperationKind.Add, Outcome: not Outcome.Fail }).ToList();
        var acked = adds.Where(o => o.Outcome == Outcome.Ok).ToList();
        foreach (IGrouping<long?, Operation> twice in acked.GroupBy(o => o.Result).Where(g => g.Count() > 1))
        {
            yield return $"{key}: {twice.Count()} adds were answered {twice.Key}";
        }

        long[] ends = [.. acked.Select(o => o.EndNs).Order()];
        long[] starts = [.. adds.Select(o => o.StartNs).Order()];
        foreach (Operation seen in operations.Where(o => o.Outcome == Outcome.Ok))
        {
            // Adds that ended before this one began are in it; those that began after it ended are not. Its own counts,
            // too.
            long least = CountBelow(ends, seen.StartNs) + (seen.Kind == OperationKind.Add ? 1 : 0);
            long most = CountBelow(starts, seen.EndNs + 1);
            long value = seen.Result ?? 0;
            if (value < least || value > most)
            {
                yield return $"{key}: a {seen.Kind} at {seen.StartNs} ns was answered {value}, outside {least}..{most}";
            }
        }

        foreach (string problem in BackwardSteps(key, operations))
        {
            yield return problem;
        }
    }

    /// <summary>
    /// An add or read that began after another's answer sees at least that answer, and an add sees more.
    /// </summary>
    private static IEnumerable<string> BackwardSteps(string key, List<Operation> operations)
    {
        var answered = operations.Where(o => o.Outcome == Outcome.Ok).ToList();
        var ended = new Queue<Operation>(answered.OrderBy(o => o.EndNs));
        long highest = 0;
        foreach (Operation operation in answered.OrderBy(o => o.StartNs))
        {
            while (ended.Count > 0 && ended.Peek().EndNs < operation.StartNs)
            {
                highest = Math.Max(highest, ended.Dequeue().Result ?? 0);
            }

            if ((operation.Result ?? 0) < highest + (operation.Kind == OperationKind.Add ? 1 : 0))
            {
                yield return $"{key}: a {operation.Kind} was answered {operation.Result ?? 0} after {highest} had been seen";
            }
        }
    }

    private static long CountBelow(long[] sorted, long limit)
    {
        int at = Array.BinarySearch(sorted, limit);
        if (at < 0)
        {
            return ~at;
        }

        while (at > 0 && sorted[at - 1] == limit)
        {
            at--;
        }

        return at;
    }
}
