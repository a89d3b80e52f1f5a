using RaftKv.JepsenStyle.History;

namespace RaftKv.JepsenStyle.Checkers;

/// <summary>
/// A change that was acknowledged and is sent again under its idempotency key gets its first answer again, and says so
/// (A3). That it was applied once is what the counter's sums show.
/// </summary>
internal static class RetryChecker
{
    private const string Name = "retry";
    private const int MostShown = 10;

    public static Verdict Check(IReadOnlyList<HistoryLine> history)
    {
        var operations = history.OfType<Operation>().ToList();
        Operation[] adds = [.. operations.Where(o => o is { Kind: OperationKind.Add, Outcome: Outcome.Ok, Retry: not null })];
        var violations = new List<string>();
        foreach (IGrouping<string, Operation> twice in adds.GroupBy(o => o.Retry!).Where(g => g.Count() > 1))
        {
            violations.Add($"the history uses the idempotency key {twice.Key} for {twice.Count()} adds: it can't be judged");
        }

        var first = adds.DistinctBy(o => o.Retry).ToDictionary(o => o.Retry!);
        foreach (Operation repeat in operations.Where(o => o is { Kind: OperationKind.Repeat, Outcome: Outcome.Ok }))
        {
            if (!first.TryGetValue(repeat.Retry!, out Operation? original))
            {
                continue;
            }

            if (repeat.Result != original.Result)
            {
                violations.Add($"A3: {repeat.Retry} was answered {original.Result}, and repeated at {repeat.StartNs} ns {repeat.Result}");
            }
            else if (!repeat.IsReplayed)
            {
                violations.Add($"A3: the repeat of {repeat.Retry} at {repeat.StartNs} ns is not marked as a stored answer");
            }
        }

        return Verdict.Of(Name, [.. violations.Take(MostShown)]);
    }
}
