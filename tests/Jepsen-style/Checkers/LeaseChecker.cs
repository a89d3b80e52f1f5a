using RaftKv.JepsenStyle.History;

namespace RaftKv.JepsenStyle.Checkers;

/// <summary>
/// A lease lives at least its time from the start of the last acknowledged renewal (E1), through any change of leader
/// (E3), and not much longer when nothing else is wrong (E4); after its end nothing renews it and its keys are gone
/// together (E2).
/// </summary>
internal static class LeaseChecker
{
    private const string Name = "lease";
    private const int MostShown = 10;

    // E4: time to live + election (two randomized timeouts at most) + 1 s. On top come 2 % for the clock's rate, which
    // the server adds on purpose, and what this side's own reading may lag.
    private const long ElectionNs = 2_000_000_000;
    private const long SlackNs = 1_000_000_000;

    /// <summary>How many keys each lease of the workload has.</summary>
    public const int KeysPerLease = 2;

    public static Verdict Check(IReadOnlyList<HistoryLine> history)
    {
        var violations = new List<string>();
        List<(long StartNs, long EndNs)> troubles = Troubles(history);
        foreach (IGrouping<int, LeaseOperation> lease in history.OfType<LeaseOperation>().GroupBy(o => o.Number))
        {
            LeaseOperation[] life = [.. lease.OrderBy(o => o.StartNs)];
            violations.AddRange(TooEarly(life));
            violations.AddRange(TooLate(life, troubles));
            violations.AddRange(AfterTheEnd(life));
            violations.AddRange(Halves(life));
        }

        return Verdict.Of(Name, [.. violations.Take(MostShown)]);
    }

    /// <summary>
    /// E1, E3: gone before the time was up. A renewal took place at or after its start, so the time counts from there.
    /// </summary>
    private static IEnumerable<string> TooEarly(LeaseOperation[] life)
    {
        LeaseOperation[] renewals = [.. life.Where(o => o is { Step: LeaseStep.Grant or LeaseStep.Keepalive, Outcome: Outcome.Ok })];
        long ended = FirstRevoke(life);
        foreach (LeaseOperation gone in life.Where(o => IsGone(o, life)))
        {
            foreach (LeaseOperation renewal in renewals)
            {
                long least = renewal.StartNs + (renewal.TtlMs * 1_000_000);
                if (gone.EndNs < least && gone.EndNs < ended)
                {
                    yield return $"E1: lease {gone.Lease} of {gone.TtlMs} ms was gone at {gone.EndNs} ns, "
                        + $"{(least - gone.EndNs) / 1e6:F0} ms before the time that its {renewal.Step} at {renewal.StartNs} ns gave it";
                    yield break;
                }
            }
        }
    }

    /// <summary>E4: still there long after its time, with every node well since the last renewal.</summary>
    private static IEnumerable<string> TooLate(LeaseOperation[] life, List<(long StartNs, long EndNs)> troubles)
    {
        LeaseOperation? alive = life.LastOrDefault(o => o is { Step: LeaseStep.Read, Outcome: Outcome.Ok, SeenKeys: > 0 });
        if (alive is null)
        {
            yield break;
        }

        // A renewal of unknown outcome may have come through at any time up to the server's own limit; ten seconds cover
        // it.
        long renewed = life
            .Where(o => o.Step is LeaseStep.Grant or LeaseStep.Keepalive && o.Outcome != Outcome.Fail && o.StartNs < alive.StartNs)
            .Select(o => o.Outcome == Outcome.Ok ? o.EndNs : o.StartNs + 10_000_000_000)
            .DefaultIfEmpty(0).Max();

        // Each trouble may move the lead, and a new leader gives the full time again, at most an election after its end.
        foreach ((long start, long end) in troubles)
        {
            renewed = start < alive.StartNs && end + ElectionNs > renewed ? end + ElectionNs : renewed;
        }

        long most = renewed + (long)(alive.TtlMs * 1_000_000 * 1.02) + ElectionNs + SlackNs;
        if (alive.StartNs > most)
        {
            yield return $"E4: lease {alive.Lease} of {alive.TtlMs} ms was still there at {alive.StartNs} ns, "
                + $"{(alive.StartNs - most) / 1e6:F0} ms past its longest time";
        }
    }

    /// <summary>
    /// What may lengthen a lease, in order of its end: faults, each until the cluster has answered something that was
    /// asked after it, since a killed node starts as slowly as the machine is busy; and stalls of the machine.
    /// </summary>
    private static List<(long StartNs, long EndNs)> Troubles(IReadOnlyList<HistoryLine> history)
    {
        LeaseOperation[] answered = [.. history.OfType<LeaseOperation>().Where(o => o.Outcome == Outcome.Ok)];
        var troubles = history.OfType<MachineStall>().Select(stall => (stall.StartNs, stall.EndNs)).ToList();
        foreach (FaultEvent fault in history.OfType<FaultEvent>())
        {
            long served = answered.Where(o => o.StartNs > fault.EndNs).Select(o => o.EndNs).DefaultIfEmpty(long.MaxValue / 2).Min();
            troubles.Add((fault.StartNs, served));
        }

        return [.. troubles.OrderBy(trouble => trouble.EndNs)];
    }

    /// <summary>E2: no renewal after a revoke or after it was seen gone; and what is gone stays gone.</summary>
    private static IEnumerable<string> AfterTheEnd(LeaseOperation[] life)
    {
        long end = life
            .Where(o => IsGone(o, life) || o is { Step: LeaseStep.Revoke, Outcome: Outcome.Ok })
            .Select(o => o.EndNs)
            .DefaultIfEmpty(long.MaxValue).Min();
        LeaseOperation? late = life.FirstOrDefault(o => o.StartNs > end && o.Outcome == Outcome.Ok
            && (o.Step == LeaseStep.Keepalive || o is { Step: LeaseStep.Read, SeenKeys: > 0 }));
        if (late is not null)
        {
            yield return $"E2: {late.Step} of lease {late.Lease} succeeded at {late.StartNs} ns, after its end at {end} ns";
        }
    }

    /// <summary>E2: both keys were written at once, and go at once.</summary>
    private static IEnumerable<string> Halves(LeaseOperation[] life) => life
        .Where(o => o is { Step: LeaseStep.Read, Outcome: Outcome.Ok, SeenKeys: > 0 and < KeysPerLease })
        .Take(1)
        .Select(o => $"E2: {o.SeenKeys} of {KeysPerLease} keys of lease {o.Lease} were there at {o.StartNs} ns");

    private static long FirstRevoke(LeaseOperation[] life) => life
        .Where(o => o.Step == LeaseStep.Revoke && o.Outcome != Outcome.Fail)
        .Select(o => o.StartNs)
        .DefaultIfEmpty(long.MaxValue).Min();

    /// <summary>A read that found no key, though they had surely been written before it began.</summary>
    private static bool IsGone(LeaseOperation read, LeaseOperation[] life) =>
        read is { Step: LeaseStep.Read, Outcome: Outcome.Ok, SeenKeys: 0 }
        && life.Any(o => o is { Step: LeaseStep.Attach, Outcome: Outcome.Ok } && o.EndNs < read.StartNs);
}
