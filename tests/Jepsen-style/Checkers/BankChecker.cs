using RaftKv.JepsenStyle.History;

namespace RaftKv.JepsenStyle.Checkers;

/// <summary>
/// Money moves and is neither made nor lost: every look at all accounts, at any level, comes to the same total with no
/// account below zero, and shows exactly the transfers up to its revision (A7, A8).
/// </summary>
internal static class BankChecker
{
    public const int AccountCount = 8;
    public const long OpeningBalance = 100;

    private const string Name = "bank";
    private const int MostShown = 10;

    /// <summary>The key of an account.</summary>
    public static string Key(int account) => $"bank/{account}";

    public static Verdict Check(IReadOnlyList<HistoryLine> history, int nodeCount)
    {
        var violations = new List<string>();
        var operations = history.OfType<BankOperation>().ToList();
        BankOperation[] transfers = [.. operations.Where(o => o.From is not null && o.Outcome != Outcome.Fail)];
        foreach (BankOperation read in operations.Where(o => o.From is null && o.Outcome == Outcome.Ok && !IsBeforeTheOpening(o)))
        {
            string where = $"a {read.Level} read of {read.Node} at {read.StartNs} ns, revision {read.Revision}";
            violations.AddRange(Sums(where, read.Balances!));
            violations.AddRange(Replayed(where, read, transfers));
        }

        foreach (IGrouping<string, FinalPair> node in history.OfType<FinalPair>().GroupBy(pair => pair.Node))
        {
            var balances = node.ToDictionary(pair => pair.Key, pair => pair.Value);
            violations.AddRange(Sums(
                $"{node.Key} in the end", [.. Enumerable.Range(0, AccountCount).Select(i => balances.GetValueOrDefault(Key(i), long.MinValue))]));
        }

        foreach (IGrouping<long?, BankOperation> twice in transfers
            .Where(o => o is { Outcome: Outcome.Ok, Revision: not null }).GroupBy(o => o.Revision).Where(g => g.Count() > 1))
        {
            violations.Add($"revision {twice.Key} was given to {twice.Count()} transfers");
        }

        int finals = history.OfType<FinalNode>().Count();
        return violations.Count == 0 && finals < nodeCount
            ? Verdict.Unknown(Name, $"the final state of {finals} of {nodeCount} nodes was read")
            : Verdict.Of(Name, [.. violations.Take(MostShown)]);
    }

    /// <summary>
    /// A node that has just begun anew may answer at "eventual" from before the accounts were opened: that is a prefix,
    /// too.
    /// </summary>
    private static bool IsBeforeTheOpening(BankOperation read) =>
        read.Level == "eventual" && read.Balances!.All(balance => balance == long.MinValue);

    private static IEnumerable<string> Sums(string where, IReadOnlyList<long> balances)
    {
        if (balances.Contains(long.MinValue) || balances.Count != AccountCount)
        {
            yield return $"{where}: an account is missing";
        }
        else if (balances.Sum() != AccountCount * OpeningBalance)
        {
            yield return $"{where}: the total is {balances.Sum()} instead of {AccountCount * OpeningBalance}: {string.Join(' ', balances)}";
        }
        else if (balances.Any(balance => balance < 0))
        {
            yield return $"{where}: an account is below zero: {string.Join(' ', balances)}";
        }
    }

    /// <summary>
    /// With no transfer in doubt that could be in the view, the balances at a revision are those of all transfers up to
    /// it.
    /// </summary>
    private static IEnumerable<string> Replayed(string where, BankOperation read, BankOperation[] transfers)
    {
        if (read.Revision is null || transfers.Any(t => t.StartNs < read.EndNs && (t.Outcome == Outcome.Info || t.Revision is null)))
        {
            yield break;
        }

        long[] expected = [.. Enumerable.Repeat(OpeningBalance, AccountCount)];
        foreach (BankOperation transfer in transfers.Where(t => t.Revision <= read.Revision))
        {
            expected[transfer.From!.Value] -= transfer.Amount;
            expected[transfer.To!.Value] += transfer.Amount;
        }

        if (!expected.SequenceEqual(read.Balances!))
        {
            yield return $"{where}: {string.Join(' ', read.Balances!)} is not what the transfers up to there make: {string.Join(' ', expected)}";
        }
    }
}
