using RaftKv.Core.Calls;

namespace RaftKv.Core.Reads;

/// <summary>
/// Decides how a read is served; pure. Server and simulator both use it, so what is checked is what runs.
/// </summary>
public static class ReadPlanner
{
    /// <summary>
    /// A clock may lose one second in so many: 1 %. The bound that staleness headers rely on; leases have a margin of
    /// their own.
    /// </summary>
    public const int DriftDivisor = 100;

    /// <summary>
    /// Decides from a point and a reading of the clock that was taken after it: a pause between the two can then only make
    /// the answer more careful.
    /// </summary>
    public static ReadDecision Decide(in ReadTerms terms, ReadPoint point, MonotonicTime now)
    {
        switch (terms.Level)
        {
            case ReadLevel.Linearizable or ReadLevel.All:
                return NeedsBarrierDecision.Linearizable;
            case ReadLevel.Lease:
                return point.HoldsLeaderLeaseAt(now) ? ServeDecision.Linearizable : NeedsBarrierDecision.Lease;
            case ReadLevel.Bounded:
                return DecideBounded(terms, point, now);
            default:
                return ServeFrom(NeededRevision(terms), point, now);
        }
    }

    /// <summary>
    /// Decides after a barrier was granted, from a point that was taken after the grant.
    /// </summary>
    /// <param name="granted">What was asked for and granted.</param>
    public static ReadDecision DecideAfterBarrier(in ReadTerms terms, ReadDemand granted, ReadPoint point, MonotonicTime now)
    {
        if (granted.MaxLagEntries == 0)
        {
            // Everything that was acknowledged before the call is here.
            return ServeDecision.Linearizable;
        }

        Check.That(
            terms.Level == ReadLevel.Bounded, "only a bounded read asks for a barrier with slack", (long)terms.Level,
            granted.MaxLagEntries);
        long? bound = point.StalenessBoundUs(now);
        return HasNoState(point) ? NeedsBarrierDecision.Linearizable
            : terms.MaxStalenessUs is { } most && !(bound <= most) ? new NeedsBarrierDecision(new ReadDemand(MaxStalenessUs: most))
            : Serve(bound);
    }

    /// <summary>
    /// What the view must have for a level that goes by tokens, or by a revision that was named; zero for the others.
    /// </summary>
    public static Revision NeededRevision(in ReadTerms terms)
    {
        Revision ofToken = terms.Level switch
        {
            ReadLevel.ReadYourWrites => terms.Session.Write,
            ReadLevel.MonotonicReads => terms.Session.Read,
            ReadLevel.Session or ReadLevel.Causal or ReadLevel.Sequential => terms.Session.Newest,
            ReadLevel.Linearizable or ReadLevel.Lease or ReadLevel.All or ReadLevel.Bounded or ReadLevel.ConsistentPrefix
                or ReadLevel.Eventual => Revision.Zero,
            _ => Check.Unreachable<Revision>(terms.Level),
        };
        return terms.Revision > ofToken ? terms.Revision : ofToken;
    }

    /// <summary>
    /// The longest true time that may have passed while the node's own clock showed so many microseconds, rounded up.
    /// </summary>
    public static long WithDrift(long microseconds)
    {
        Check.That(microseconds >= 0, "the node's own clock does not go back", microseconds, 0);

        // One more, since both readings were rounded down. A clock that loses 1 % shows 99 of 100.
        long shown = microseconds + 1;
        return shown + ((shown + DriftDivisor - 2) / (DriftDivisor - 1));
    }

    private static ReadDecision DecideBounded(in ReadTerms terms, ReadPoint point, MonotonicTime now)
    {
        Check.That(
            terms.MaxStalenessUs is not null || terms.MaxLagRevisions is not null, "a bounded read has a bound",
            terms.MaxStalenessUs ?? -1, terms.MaxLagRevisions ?? -1);
        long? bound = point.StalenessBoundUs(now);
        if (terms.MaxStalenessUs is { } most && !(bound <= most))
        {
            return new NeedsBarrierDecision(new ReadDemand(MaxStalenessUs: most));
        }

        // How many revisions are missing here only the leader knows.
        return terms.MaxLagRevisions is { } lag
            ? new NeedsBarrierDecision(new ReadDemand(MaxLagEntries: lag, MaxStalenessUs: terms.MaxStalenessUs ?? 0))
            : ServeFrom(terms.Revision, point, now);
    }

    private static ReadDecision ServeFrom(Revision needed, ReadPoint point, MonotonicTime now) =>
        point.View.Revision < needed ? new NeedsRevisionDecision(needed)
        : HasNoState(point) ? NeedsBarrierDecision.Linearizable
        : Serve(point.StalenessBoundUs(now));

    // A member that has just joined holds the empty store that it was made with, until it is sent what there is. Danger: 1. A cluster is
    // restored: its first state is that of the backup. 2. A second node joins it, and is asked at a level that goes by no leader.
    // 3. It answers that there is nothing, as of revision 1: no state of this cluster, which never had one so old. See
    // ReadPlannerTests, and the nemesis restore of tests/Jepsen-style.
    private static bool HasNoState(ReadPoint point) => point.View.AppliedIndex == LogIndex.Zero;

    private static ServeDecision Serve(long? bound) => bound is null ? ServeDecision.Unproven : new ServeDecision(bound);
}
