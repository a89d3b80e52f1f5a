using RaftKv.Core.Calls;

namespace RaftKv.Core.Reads;

/// <summary>What to do when a read's level can't be met at once.</summary>
public enum UnmetPolicy : byte
{
    /// <summary>Wait for it, up to the timeout.</summary>
    Wait = 0,

    /// <summary>Refuse at once.</summary>
    Fail = 1,

    /// <summary>Pass the read on to the leader, where that is another node.</summary>
    Forward = 2,
}

/// <summary>Where a read looks: a node as its readers see it. Any thread.</summary>
public interface IReadSource
{
    /// <summary>The newest published point.</summary>
    ReadPoint ReadPoint { get; }

    /// <summary>The node's own monotonic clock.</summary>
    MonotonicTime Now { get; }
}

/// <summary>
/// One read from its beginning to its end: decide, wait, decide again. The caller does what the decision says, and comes
/// back with what came of it; how to wait, and how long, is the caller's. Pure but for its source; server and simulator
/// both go by it.
/// </summary>
/// <param name="isForwarded">It was passed on once already, and stays here.</param>
public struct ReadCourse(ReadTerms terms, UnmetPolicy policy, bool isForwarded)
{
    private ReadDecision? _wanted;

    /// <summary>What the read asks for.</summary>
    public ReadTerms Terms { get; } = terms;

    /// <summary>The point that the last decision went by; its view is what is shown.</summary>
    public ReadPoint Point { get; private set; } = null!;

    /// <summary>The term in which a leader was confirmed for it; the node's own when nobody was asked.</summary>
    public Term Term { get; private set; }

    /// <summary>The index that was confirmed; what the view has when nobody was asked.</summary>
    public LogIndex ReadIndex { get; private set; }

    /// <summary>What is waited for, or was last.</summary>
    public readonly ReadDecision? Wanted => _wanted;

    /// <summary>The first look.</summary>
    public ReadDecision Begin(IReadSource source)
    {
        ReadDecision decision = Look(source);
        if (decision is ServeDecision)
        {
            return decision;
        }

        if (policy == UnmetPolicy.Fail && !IsPartOfTheLevel(decision))
        {
            return new RefuseDecision(ReadRefusal.Unmet);
        }

        bool mayForward = policy == UnmetPolicy.Forward && !isForwarded && Point.Role != Role.Leader && !Point.Leader.IsNone;
        return mayForward ? new ForwardDecision(Point.Leader) : decision;
    }

    /// <summary>The leader can't be reached from here: the read waits as any other.</summary>
    public readonly ReadDecision WaitInstead() => _wanted!;

    /// <summary>The barrier was answered.</summary>
    public ReadDecision AfterBarrier(IReadSource source, in ReadBarrierResult barrier)
    {
        Check.That(_wanted is NeedsBarrierDecision, "a barrier was asked for");
        if (!barrier.IsGranted)
        {
            return new RefuseDecision(barrier.IsShuttingDown ? ReadRefusal.ShuttingDown : ReadRefusal.Unmet);
        }

        (Term, ReadIndex) = (barrier.Term, barrier.ReadIndex);

        // All: every voter is awaited for the very view that is then shown. 1. A round confirms index 30. 2. Every voter
        // has applied 30. 3. Meanwhile this node has applied 31. Shown now, 31 would be missing on a voter that the next
        // reader asks. So the point is taken before the wait, and kept (docs/bugs.md 10).
        Point = source.ReadPoint;
        return Terms.Level == ReadLevel.All ? new NeedsAllAppliedDecision(Point.View.AppliedIndex) : AfterGrant(source);
    }

    /// <summary>Every voter has applied what the point shows.</summary>
    public ReadDecision AfterAllApplied(IReadSource source) => AfterGrant(source);

    /// <summary>The view has the revision that was waited for.</summary>
    public ReadDecision AfterRevision(IReadSource source)
    {
        Check.That(_wanted is NeedsRevisionDecision, "a revision was waited for");
        return Look(source);
    }

    /// <summary>The wait was in vain.</summary>
    public readonly RefuseDecision InVain(bool isAwaitingAll = false) =>
        new(isAwaitingAll ? ReadRefusal.NotAllApplied : ReadRefusal.Unmet);

    // The point first, the clock second: what was proven of the point then was proven when it was taken, and a pause
    // between the two can only make the answer more careful.
    private ReadDecision Look(IReadSource source)
    {
        Point = source.ReadPoint;
        (Term, ReadIndex) = (Point.Term, Point.View.AppliedIndex);
        return _wanted = ReadPlanner.Decide(Terms, Point, source.Now);
    }

    private ReadDecision AfterGrant(IReadSource source)
    {
        ReadDemand granted = ((NeedsBarrierDecision)_wanted!).Demand;
        return _wanted = ReadPlanner.DecideAfterBarrier(Terms, granted, Point, source.Now);
    }

    // A round to a confirmed leader is how these levels are served, not a wait for better times; fail refuses it only
    // when there is nobody to ask. A bound in time is met without one, or not at once.
    private readonly bool IsPartOfTheLevel(ReadDecision decision) =>
        decision is NeedsBarrierDecision { Demand: var demand }
        && !Point.Leader.IsNone
        && (demand.MaxStalenessUs == 0 || demand.MaxLagEntries > 0);
}
