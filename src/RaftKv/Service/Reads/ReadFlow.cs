using RaftKv.Core;
using RaftKv.Core.Reads;
using RaftKv.Core.Store;
using RaftKv.Doors.Http;
using RaftKv.Doors.Http.Terms;
using RaftKv.Node;
using RaftKv.Service.Refusals;

namespace RaftKv.Service.Reads;

/// <summary>
/// Gets the view for a read, at the level that was asked for and never a weaker one. What is enough is
/// <see cref="ReadPlanner"/>'s to say; here is only the waiting, and the refusal when waiting did not help.
/// </summary>
internal static class ReadFlow
{
    /// <summary>The view to read from. Throws when the level is unmet in the end, or when the read goes on elsewhere.</summary>
    public static ValueTask<StoreView> ReadAsync(Exchange exchange, in ReadTerms terms)
    {
        // The point first, the clock second: what was proven of the point then was proven when it was taken.
        ReadPoint point = exchange.Node.ReadPoint;
        ReadDecision decision = ReadPlanner.Decide(terms, point, exchange.Node.Now);
        if (decision is ServeDecision serve)
        {
            exchange.AnsweredRead(point.View, terms.Level, serve.StalenessBoundUs, point.Term, point.View.AppliedIndex);
            return new ValueTask<StoreView>(point.View);
        }

        return WaitAsync(exchange, terms, point, decision);
    }

    /// <summary>The problem of a read that can't be met, with what this node has.</summary>
    public static ApiException Unmet(Exchange exchange, in ReadTerms terms, string detail)
    {
        exchange.Server.Metrics.ReadUnmet(terms.Level);
        ReadPoint point = exchange.Node.ReadPoint;
        ViewFacts facts = exchange.Server.FactsOf(point.View);
        long? bound = Exchange.ToMs(point.StalenessBoundUs(exchange.Node.Now));
        return new ApiException(new ApiError(ErrorCode.ConsistencyUnmet, detail)
        {
            Unmet = new UnmetRead(terms, ReadPlanner.NeededRevision(terms), point, bound, facts.Role, facts.Leader),
        });
    }

    private static async ValueTask<StoreView> WaitAsync(Exchange exchange, ReadTerms terms, ReadPoint point, ReadDecision decision)
    {
        if (exchange.Terms.OnUnmet == UnmetPolicy.Fail && !IsPartOfTheLevel(decision, point))
        {
            throw Unmet(exchange, terms, Describe(terms, decision));
        }

        bool mayForward = exchange.Terms.OnUnmet == UnmetPolicy.Forward && !exchange.Terms.IsForwarded;
        if (mayForward && Forwarder.LeaderOf(exchange.Node, point) is { } leader)
        {
            exchange.Server.Metrics.ReadForwarded(terms.Level);
            throw new ForwardingException(leader);
        }

        exchange.Server.Metrics.ReadWaited(terms.Level);
        long before = exchange.Server.Time.GetTimestamp();
        Term term = point.Term;
        LogIndex readIndex = point.View.AppliedIndex;
        while (true)
        {
            TimeSpan left = exchange.Terms.Timeout - exchange.Server.Time.GetElapsedTime(before);
            if (left <= TimeSpan.Zero)
            {
                throw Unmet(exchange, terms, Describe(terms, decision));
            }

            if (decision is NeedsBarrierDecision needs)
            {
                (ReadBarrierResult barrier, point) = await PassBarrierAsync(exchange, terms, needs, left, before);
                (term, readIndex) = (barrier.Term, barrier.ReadIndex);
                decision = ReadPlanner.DecideAfterBarrier(terms, needs.Demand, point, exchange.Node.Now);
            }
            else
            {
                Revision revision = ((NeedsRevisionDecision)decision).Revision;
                if (!await exchange.Node.WaitForRevisionAsync(revision, left, exchange.Context.RequestAborted))
                {
                    throw Refused(exchange, terms, decision, isShuttingDown: false);
                }

                point = exchange.Node.ReadPoint;
                decision = ReadPlanner.Decide(terms, point, exchange.Node.Now);
            }

            if (decision is ServeDecision serve)
            {
                exchange.Waited(before);
                exchange.AnsweredRead(point.View, terms.Level, serve.StalenessBoundUs, term, readIndex);
                return point.View;
            }
        }
    }

    /// <summary>Passes a round, and gives the point to read from with it.</summary>
    private static async ValueTask<(ReadBarrierResult Barrier, ReadPoint Point)> PassBarrierAsync(
        Exchange exchange, ReadTerms terms, NeedsBarrierDecision needs, TimeSpan left, long before)
    {
        ReadBarrierResult barrier = await exchange.Node.ReadBarrierAsync(needs.Demand, left, CancellationToken.None);
        if (!barrier.IsGranted)
        {
            throw Refused(exchange, terms, needs, barrier.IsShuttingDown);
        }

        // All: every voter is awaited for the very view that is then shown. 1. A round confirms index 30. 2. Every voter
        // has applied 30. 3. Meanwhile this node has applied 31. Shown now, 31 would be missing on a voter that the next
        // reader asks. So the point is taken before the wait, and kept.
        // Test: All_shows_nothing_newer_than_what_every_voter_was_awaited_for.
        ReadPoint point = exchange.Node.ReadPoint;
        if (terms.Level == ReadLevel.All)
        {
            left = exchange.Terms.Timeout - exchange.Server.Time.GetElapsedTime(before);
            if (left <= TimeSpan.Zero
                || !await exchange.Node.WaitForAllAppliedAsync(point.View.AppliedIndex, left, exchange.Context.RequestAborted))
            {
                throw Unmet(exchange, terms, "Not every voter has applied what this read would show, in time. Try again, or read "
                    + "linearizable.");
            }
        }

        return (barrier, point);
    }

    // A round to a confirmed leader is how these levels are served, not a wait for better times; fail refuses it only
    // when there is nobody to ask. A bound in time is met without one, or not at once.
    private static bool IsPartOfTheLevel(ReadDecision decision, ReadPoint point) =>
        decision is NeedsBarrierDecision { Demand: var demand }
        && !point.Leader.IsNone
        && (demand.MaxStalenessUs == 0 || demand.MaxLagEntries > 0);

    private static ApiException Refused(Exchange exchange, in ReadTerms terms, ReadDecision decision, bool isShuttingDown) =>
        isShuttingDown || exchange.Node.Phase == NodePhase.Draining
            ? new ApiException(ErrorMapper.ShuttingDown())
            : Unmet(exchange, terms, Describe(terms, decision));

    private static string Describe(in ReadTerms terms, ReadDecision decision) => decision switch
    {
        NeedsRevisionDecision when terms.Revision > Revision.Zero && terms.Revision >= ReadPlanner.NeededRevision(terms) =>
            "This node has not reached that revision, so nothing was read. Try again, ask another node, or send RaftKv-On-Unmet: forward.",
        NeedsRevisionDecision =>
            "This node has not reached what the session token has seen, so nothing was read. Try again, ask another node, or send "
                + "RaftKv-On-Unmet: forward.",
        NeedsBarrierDecision when terms.Level == ReadLevel.Bounded =>
            "This node can't prove the bound that was asked for, so nothing was read. Try again, widen the bound, or read eventual to "
                + "see this node's own state.",
        _ => "No leader could be confirmed by a majority in time, so nothing was read. Try again, or read eventual to see this node's "
            + "own state.",
    };
}
