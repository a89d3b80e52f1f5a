using RaftKv.Core.Store;
using RaftKv.Core.Store.Tree;
using RaftKv.Simulation.Clients;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Checking;

/// <summary>One life of a lease, in true time.</summary>
internal sealed record LeaseFacts
{
    public required long Id { get; init; }
    public required long TtlMs { get; init; }

    /// <summary>
    /// When the grant first stood in a log. Its first time counts from there: a leader's clock knows it from its commit, which
    /// others see only once the leader's round goes on, and a round may stall.
    /// </summary>
    public required long ProposedAtUs { get; init; }

    /// <summary>When the grant was committed.</summary>
    public required long GrantedAtUs { get; init; }

    /// <summary>
    /// When the leader of the last term, which judges it, had applied the grant and the no-op of its term: from then its clock
    /// can know the lease. The end of the phase if it did not get there: that it must, L3 asks.
    /// </summary>
    public long KnownAtUs { get; init; }

    /// <summary>When the entry that ended it first stood in a log, and when it was committed.</summary>
    public long EndProposedAtUs { get; init; } = long.MaxValue;
    public long EndedAtUs { get; init; } = long.MaxValue;

    /// <summary>
    /// For an expiry: when the first entry of the judging leader's term first stood in a log. It had its votes by then, so every
    /// keepalive that a former leader has answered was before. Not when it was seen committed: see <see cref="ProposedAtUs"/>.
    /// </summary>
    public long TermBeganAtUs { get; init; }

    public DeleteReason Reason { get; init; }

    /// <summary>A leader proposed its expiry, whatever became of that.</summary>
    public bool WasJudged { get; init; }

    public bool HasExpired => EndedAtUs != long.MaxValue && Reason == DeleteReason.Expired;
}

/// <summary>
/// E1 to E4 in true time. A promise counts from the moment when the client asked: that is all a client knows, and what
/// was promised to it then holds whichever leader judges later.
/// </summary>
internal static class LeaseTimeChecker
{
    public static void Check(List<LeaseFacts> lives, List<LeaseAsk> asks)
    {
        var byId = lives.ToLookup(static l => l.Id);
        foreach (LeaseFacts life in lives)
        {
            if (life.HasExpired)
            {
                long ttlUs = life.TtlMs * 1000;
                Demand(life.EndProposedAtUs >= life.ProposedAtUs + ttlUs, "E1", life, "expired before its first time was over");
                Demand(
                    life.EndProposedAtUs >= life.TermBeganAtUs + ttlUs, "E3", life,
                    $"a new leader gave it less than its full time: from {life.TermBeganAtUs} to {life.EndProposedAtUs} us");
            }
        }

        foreach (LeaseAsk ask in asks)
        {
            for (int i = 0; ask.Times is { } times && i < times.Count; i++)
            {
                LeaseFacts[] lived = [.. byId[ask.Leases[i].Value]];
                Demand(times[i].Lease == ask.Leases[i], "E2", ask, "the answer is about another lease");
                Demand(lived.Length > 0 || !times[i].Lives, "E2", ask, "it lives, and was never granted");

                // An id that was granted twice says too little.
                if (lived.Length == 1)
                {
                    Check(ask, times[i], lived[0]);
                }
            }
        }
    }

    /// <summary>
    /// E4: in a healthy cluster nothing outlives its last sign of life by more than TTL, election timeout and a second
    /// (and the 4 % that drift costs). Asked is when its end was proposed: how long a log full of what piled up before
    /// takes to commit it, is not the lease's matter (one entry a message makes some seconds of that). No more is how long
    /// the leader takes to apply what was committed before: life begins for its clock with the grant applied, or with its
    /// no-op (ADR 0008), and slices of one unit with a late loop make seconds of a hundred entries. So it counts from there.
    /// That commands are applied at all, L3 asks.
    /// </summary>
    public static void CheckUpperBound(
        List<LeaseFacts> lives, List<LeaseAsk> asks, LeaseSigns signs,
        long healthySinceUs, long untilUs, long electionTimeoutUs, long lastTermAtUs)
    {
        var touched = new Dictionary<long, long>();
        foreach (LeaseAsk ask in asks.FindAll(static a => a.IsRenewal))
        {
            foreach (LeaseId lease in ask.Leases)
            {
                touched[lease.Value] = Math.Max(touched.GetValueOrDefault(lease.Value), ask.ReturnedAtUs);
            }
        }

        foreach (LeaseFacts life in lives)
        {
            long sign = Math.Max(touched.GetValueOrDefault(life.Id), signs.LastUs(life.Id));
            long last = Math.Max(Math.Max(healthySinceUs, Math.Max(life.GrantedAtUs, life.KnownAtUs)), sign);
            long bound = Math.Max(last, lastTermAtUs) + (life.TtlMs * 1040) + electionTimeoutUs + 1_000_000;
            long end = Math.Min(life.EndProposedAtUs, untilUs);
            Demand(
                end <= bound, "E4", life,
                $"still lives {(end - bound) / 1000} ms after it had to end: life or last sign of it at {last} us, seen until {end} us");
        }
    }

    private static void Check(LeaseAsk ask, LeaseTime time, LeaseFacts life)
    {
        if (time.Lives)
        {
            Demand(ask.InvokedAtUs <= life.EndedAtUs, "E2", ask, "it is said to live, and had ended before");
            Demand(ask.ReturnedAtUs >= life.GrantedAtUs, "E2", ask, "it is said to live before it was granted");
            Demand(time.TtlMs == life.TtlMs && time.RemainingMs <= time.TtlMs, "E1", ask, "another TTL is told");
            long promisedUs = ask.InvokedAtUs + ((ask.IsRenewal ? time.TtlMs : time.RemainingMs) * 1000);
            Demand(
                !life.HasExpired || life.EndProposedAtUs >= promisedUs, "E1", ask,
                $"its expiry was proposed {(promisedUs - life.EndProposedAtUs) / 1000} ms too early");
            return;
        }

        bool surelyLives = life.GrantedAtUs < ask.InvokedAtUs && ask.ReturnedAtUs < life.EndedAtUs && !life.WasJudged;
        Demand(!surelyLives, "E2", ask, "it is said to be gone, and lives");
    }

    private static void Demand(bool condition, string rule, LeaseFacts life, string problem)
    {
        if (!condition)
        {
            throw new SimulationViolationException(rule, $"lease {life.Id} (TTL {life.TtlMs} ms): {problem}");
        }
    }

    private static void Demand(bool condition, string rule, LeaseAsk ask, string problem)
    {
        if (!condition)
        {
            throw new SimulationViolationException(
                rule, $"lease ask {ask.Id} ({(ask.IsRenewal ? "keepalive" : "question")}) for {string.Join(", ", ask.Leases)}: {problem}");
        }
    }
}
