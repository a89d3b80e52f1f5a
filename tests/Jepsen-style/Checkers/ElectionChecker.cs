using RaftKv.JepsenStyle.History;

namespace RaftKv.JepsenStyle.Checkers;

/// <summary>
/// One leader a revision, tokens that only grow (K1, K2), and observers who are told of each leadership once and in
/// order (K6).
/// </summary>
internal static class ElectionChecker
{
    private const string Name = "election";
    private const int MostShown = 10;

    public static Verdict Check(IReadOnlyList<HistoryLine> history)
    {
        var violations = new List<string>();
        var operations = history.OfType<ElectionOperation>().Where(o => o.Outcome == Outcome.Ok).ToList();
        var sights = history.OfType<ElectionSight>().ToList();
        foreach (string name in operations.Select(o => o.Name).Concat(sights.Select(s => s.Name)).Distinct())
        {
            ElectionOperation[] own = [.. operations.Where(o => o.Name == name)];
            ElectionOperation[] won = [.. own.Where(o => o.Step == ElectionStep.Campaign)];
            violations.AddRange(GrowingTokens(won));
            violations.AddRange(OneLeader([.. own.Where(o => o.Step == ElectionStep.Look)]));
            foreach (var stream in sights.Where(s => s.Name == name).GroupBy(s => (s.Observer, s.Stream)))
            {
                violations.AddRange(InOrder([.. stream], won));
            }
        }

        return violations.Count == 0 && operations.Any(o => o.Step == ElectionStep.Campaign) && !sights.Exists(s => s.Token is not null)
            ? Verdict.Unknown(Name, "no observer was told of any leader")
            : Verdict.Of(Name, [.. violations.Take(MostShown)]);
    }

    private static IEnumerable<string> GrowingTokens(ElectionOperation[] won)
    {
        foreach (IGrouping<long?, ElectionOperation> twice in won.GroupBy(o => o.Token).Where(g => g.Count() > 1))
        {
            yield return $"K2: leadership {twice.Key} of {twice.First().Name} was given {twice.Count()} times";
        }

        var known = new HighestBefore(won.Select(o => (o.EndNs, o.Token!.Value)));
        foreach (ElectionOperation later in won.Where(o => o.Token <= known.At(o.StartNs)))
        {
            yield return $"K2: {later.Value} won {later.Name} with token {later.Token} after {known.At(later.StartNs)} had been given";
        }
    }

    private static IEnumerable<string> OneLeader(ElectionOperation[] looks)
    {
        foreach (IGrouping<long?, ElectionOperation> revision in looks.Where(o => o.Revision is not null).GroupBy(o => o.Revision))
        {
            if (revision.Select(o => (o.Token, o.Value)).Distinct().Count() > 1)
            {
                yield return $"K1: {revision.First().Name} at revision {revision.Key} was led by "
                    + string.Join(" and by ", revision.Select(o => $"{o.Token} ({o.Value})").Distinct());
            }
        }

        var known = new HighestBefore(looks.Where(o => o.Token is not null).Select(o => (o.EndNs, o.Token!.Value)));
        foreach (ElectionOperation look in looks.Where(o => o.Token is not null && o.Token < known.At(o.StartNs)))
        {
            yield return $"K2: a look at {look.StartNs} ns shows leadership {look.Token} after {known.At(look.StartNs)} had been shown";
        }
    }

    /// <summary>
    /// K6, one connection: tokens and revisions only grow, nothing is told twice, and no leadership between the first
    /// and the last that was told is left out.
    /// </summary>
    private static IEnumerable<string> InOrder(ElectionSight[] told, ElectionOperation[] won)
    {
        ElectionSight? last = null;
        var leaders = new List<long>();
        foreach (ElectionSight sight in told)
        {
            if (sight.Revision is not null && sight.Revision < last?.Revision)
            {
                yield return $"K6: observer {sight.Observer} was told of revision {sight.Revision} after {last.Revision}";
            }

            if (sight.Token is { } token)
            {
                if (leaders.Count > 0 && token < leaders[^1])
                {
                    yield return $"K6: observer {sight.Observer} was told of leadership {token} after {leaders[^1]}";
                }
                else if (leaders.Count > 0 && token == leaders[^1] && last!.Token is null)
                {
                    yield return $"K6: observer {sight.Observer} was told of leadership {token} again after its end";
                }
                else if (last is not null && (sight.Token, sight.Value, sight.Revision) == (last.Token, last.Value, last.Revision))
                {
                    yield return $"K6: observer {sight.Observer} was told twice of {token} with {sight.Value}";
                }

                leaders.Add(token);
            }

            last = sight;
        }

        foreach (ElectionOperation missed in won.Where(o => leaders.Count > 0 && o.Token > leaders[0] && o.Token < leaders[^1]
            && !leaders.Contains(o.Token!.Value)))
        {
            yield return $"K6: observer {told[0].Observer} was never told of leadership {missed.Token} of {missed.Value}";
        }
    }
}
