using RaftKv.JepsenStyle.History;

namespace RaftKv.JepsenStyle.Checkers;

/// <summary>
/// One holder a revision (K1), tokens that only grow (K2), a fenced resource that never goes back to a smaller one
/// (K3), a grant whose lease lives (K4), waiters that give up and never hold (K5).
/// </summary>
internal static class LockChecker
{
    private const string Name = "lock";
    private const int MostShown = 10;

    public static Verdict Check(IReadOnlyList<HistoryLine> history)
    {
        var violations = new List<string>();
        foreach (IGrouping<string, LockOperation> name in history.OfType<LockOperation>().GroupBy(o => o.Name))
        {
            LockOperation[] all = [.. name.OrderBy(o => o.StartNs)];
            violations.AddRange(OneHolder(all));
            violations.AddRange(GrowingTokens(all));
            violations.AddRange(Resource(all));
            violations.AddRange(LostTooEarly(all));
            violations.AddRange(Queue(all));
        }

        return Verdict.Of(Name, [.. violations.Take(MostShown)]);
    }

    /// <summary>
    /// How often two clients both believed to hold the lock at one moment: without fencing these would be accidents (K7).
    /// </summary>
    public static int Overlaps(IReadOnlyList<HistoryLine> history)
    {
        int overlaps = 0;
        foreach (IGrouping<string, LockOperation> name in history.OfType<LockOperation>().GroupBy(o => o.Name))
        {
            long until = 0;
            foreach ((long from, long to) in Tenures([.. name]).OrderBy(tenure => tenure.From))
            {
                overlaps += from < until ? 1 : 0;
                until = Math.Max(until, to);
            }
        }

        return overlaps;
    }

    private static IEnumerable<(long From, long To)> Tenures(LockOperation[] all) =>
        from acquire in Ok(all, LockStep.Acquire)
        let last = all.Where(o => o.Token == acquire.Token && o.Step is LockStep.FencedWrite or LockStep.Release && o.Process == acquire.Process)
            .Select(o => o.StartNs).DefaultIfEmpty(acquire.EndNs).Max()
        select (acquire.EndNs, last);

    private static IEnumerable<LockOperation> Ok(LockOperation[] all, LockStep step) =>
        all.Where(o => o.Step == step && o.Outcome == Outcome.Ok);

    /// <summary>K1: no answer shows two holders, and two answers of one revision show the same.</summary>
    private static IEnumerable<string> OneHolder(LockOperation[] all)
    {
        var holders = new Dictionary<long, long>();
        foreach (LockOperation look in Ok(all, LockStep.Observe))
        {
            if (look.Holders!.Count > 1)
            {
                yield return $"K1: {look.Name} had {look.Holders.Count} holders at revision {look.Revision}: {Tokens(look.Holders)}";
            }

            long holder = look.Holders.Select(place => place.Token).FirstOrDefault();
            if (look.Revision is { } revision && !holders.TryAdd(revision, holder) && holders[revision] != holder)
            {
                yield return $"K1: {look.Name} at revision {revision} was held by {holders[revision]} and by {holder}";
            }
        }
    }

    /// <summary>K2: no token twice, and who acquires after another had acquired has the greater one.</summary>
    private static IEnumerable<string> GrowingTokens(LockOperation[] all)
    {
        LockOperation[] acquired = [.. Ok(all, LockStep.Acquire)];
        foreach (IGrouping<long?, LockOperation> twice in acquired.GroupBy(o => o.Token).Where(g => g.Count() > 1))
        {
            yield return $"K2: token {twice.Key} of {twice.First().Name} was given {twice.Count()} times";
        }

        var known = new HighestBefore(acquired.Select(o => (o.EndNs, o.Token!.Value)));
        foreach (LockOperation acquire in acquired)
        {
            // The lock is exclusive: whoever holds it now got it after everyone who was told before this one asked.
            long highest = known.At(acquire.StartNs);
            if (acquire.Token <= highest)
            {
                yield return $"K2: {acquire.Owner} acquired {acquire.Name} with token {acquire.Token} after {highest} had been given";
            }
        }
    }

    /// <summary>K3: in the order of revisions, and in real time, the resource's tokens never fall.</summary>
    private static IEnumerable<string> Resource(LockOperation[] all)
    {
        long highest = 0;
        foreach (LockOperation write in Ok(all, LockStep.FencedWrite).Where(o => o.Revision is not null).OrderBy(o => o.Revision))
        {
            if (write.Token < highest)
            {
                yield return $"K3: a write fenced by {write.Token} was taken at revision {write.Revision}, after one by {highest}";
            }

            highest = Math.Max(highest, write.Token ?? 0);
        }

        var seen = new HighestBefore(Ok(all, LockStep.FencedWrite).Concat(Ok(all, LockStep.ReadResource)).Select(o => (o.EndNs, o.Token ?? 0)));
        foreach (LockOperation later in Ok(all, LockStep.FencedWrite).Concat(Ok(all, LockStep.ReadResource)))
        {
            if ((later.Token ?? 0) < seen.At(later.StartNs))
            {
                yield return $"K3: {later.Function} of {later.Name} at {later.StartNs} ns shows token {later.Token}, "
                    + $"after {seen.At(later.StartNs)} had been taken";
            }
        }
    }

    /// <summary>K4, E1: a fenced write is refused only when the holder's time can be up.</summary>
    private static IEnumerable<string> LostTooEarly(LockOperation[] all)
    {
        foreach (LockOperation refused in all.Where(o => o is { Step: LockStep.FencedWrite, Outcome: Outcome.Fail, Error: { } error }
            && error.Contains("fence-lost", StringComparison.Ordinal)))
        {
            // A release that failed for sure changed nothing; any other may have ended it.
            bool isReleased = all.Any(o => o.Step == LockStep.Release && o.Token == refused.Token && o.Outcome != Outcome.Fail
                && o.StartNs < refused.EndNs);
            long given = all
                .Where(o => o.Token == refused.Token && o is { Step: LockStep.Acquire or LockStep.Keepalive, Outcome: Outcome.Ok })
                .Select(o => o.StartNs + (o.TtlMs * 1_000_000))
                .DefaultIfEmpty(0).Max();
            if (!isReleased && refused.EndNs < given)
            {
                yield return $"K4: the holder with token {refused.Token} of {refused.Name} was refused {(given - refused.EndNs) / 1e6:F0} ms "
                    + "before its time was up";
            }
        }
    }

    /// <summary>K5: waiters stand in the order of their tokens, and one that gave up is never seen again.</summary>
    private static IEnumerable<string> Queue(LockOperation[] all)
    {
        var gaveUp = all
            .Where(o => o is { Step: LockStep.Acquire, Outcome: Outcome.Fail, Owner: not null })
            .GroupBy(o => o.Owner!)
            .ToDictionary(g => g.Key, g => g.Min(o => o.EndNs));
        foreach (LockOperation look in Ok(all, LockStep.Observe))
        {
            LockPlace[] line = [.. look.Holders!, .. look.Queue!];
            if (!line.Select(place => place.Token).SequenceEqual(line.Select(place => place.Token).Order()))
            {
                yield return $"K5: {look.Name} at revision {look.Revision} is out of order: {Tokens(line)}";
            }

            foreach (LockPlace place in look.Holders!.Where(p => gaveUp.TryGetValue(p.Owner, out long end) && end < look.StartNs))
            {
                yield return $"K5: {place.Owner} gave up, and yet holds {look.Name} at revision {look.Revision}";
            }
        }
    }

    private static string Tokens(IEnumerable<LockPlace> places) => string.Join(", ", places.Select(place => place.Token));
}
