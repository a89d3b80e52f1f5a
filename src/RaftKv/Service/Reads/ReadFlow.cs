using RaftKv.Core;
using RaftKv.Core.Calls;
using RaftKv.Core.Reads;
using RaftKv.Core.Store;
using RaftKv.Doors.Http;
using RaftKv.Doors.Http.Terms;
using RaftKv.Engine;
using RaftKv.Node;
using RaftKv.Service.Refusals;

namespace RaftKv.Service.Reads;

/// <summary>
/// Gets the view for a read, at the level that was asked for and never a weaker one. What is enough, and what comes
/// next, is <see cref="ReadCourse"/>'s to say; here is only the waiting, and the words of a refusal.
/// </summary>
internal static class ReadFlow
{
    /// <summary>The view to read from. Throws when the level is unmet in the end, or when the read goes on elsewhere.</summary>
    public static ValueTask<StoreView> ReadAsync(Exchange exchange, in ReadTerms terms)
    {
        var course = new ReadCourse(terms, exchange.Terms.OnUnmet, exchange.Terms.IsForwarded);
        ReadDecision decision = course.Begin(exchange.Node);
        return decision is ServeDecision serve
            ? new ValueTask<StoreView>(Answered(exchange, course, serve))
            : WaitAsync(exchange, course, decision);
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

    private static async ValueTask<StoreView> WaitAsync(Exchange exchange, ReadCourse course, ReadDecision decision)
    {
        if (decision is ForwardDecision)
        {
            ForwardIfReachable(exchange, course);
            decision = course.WaitInstead();
        }

        if (decision is not RefuseDecision)
        {
            exchange.Server.Metrics.ReadWaited(course.Terms.Level);
        }

        long before = exchange.Server.Time.GetTimestamp();
        while (true)
        {
            switch (decision)
            {
                case ServeDecision serve:
                    exchange.Waited(before);
                    return Answered(exchange, course, serve);
                case RefuseDecision refused:
                    throw Refused(exchange, course, refused);
                default:
                    break;
            }

            TimeSpan left = exchange.Terms.Timeout - exchange.Server.Time.GetElapsedTime(before);
            CancellationToken gone = exchange.Context.RequestAborted;
            if (left <= TimeSpan.Zero)
            {
                decision = course.InVain(decision is NeedsAllAppliedDecision);
            }
            else if (decision is NeedsBarrierDecision needs)
            {
                // Never cancelled: the others of its group would not know, and it ends by itself.
                ReadBarrierResult barrier = await exchange.Node.ReadBarrierAsync(needs.Demand, left, CancellationToken.None);
                decision = course.AfterBarrier(exchange.Node, barrier);
            }
            else if (decision is NeedsAllAppliedDecision all)
            {
                bool isApplied = await exchange.Node.WaitForAllAppliedAsync(all.Index, left, gone);
                decision = isApplied ? course.AfterAllApplied(exchange.Node) : course.InVain(isAwaitingAll: true);
            }
            else
            {
                Revision revision = ((NeedsRevisionDecision)decision).Revision;
                bool isThere = await exchange.Node.WaitForRevisionAsync(revision, left, gone);
                decision = isThere ? course.AfterRevision(exchange.Node) : course.InVain();
            }
        }
    }

    private static StoreView Answered(Exchange exchange, in ReadCourse course, ServeDecision serve)
    {
        StoreView view = course.Point.View;
        exchange.AnsweredRead(view, course.Terms.Level, serve.StalenessBoundUs, course.Term, course.ReadIndex);
        return view;
    }

    private static void ForwardIfReachable(Exchange exchange, in ReadCourse course)
    {
        if (Forwarder.LeaderOf(exchange.Node, course.Point) is { } leader)
        {
            exchange.Server.Metrics.ReadForwarded(course.Terms.Level);
            throw new ForwardingException(leader);
        }
    }

    private static ApiException Refused(Exchange exchange, in ReadCourse course, RefuseDecision refused)
    {
        if (refused.Reason == ReadRefusal.NotAllApplied)
        {
            return Unmet(exchange, course.Terms, "Not every voter has applied what this read would show, in time. Try again, or read "
                + "linearizable.");
        }

        return refused.Reason == ReadRefusal.ShuttingDown || exchange.Node.Phase == NodePhase.Draining
            ? new ApiException(ErrorMapper.ShuttingDown())
            : Unmet(exchange, course.Terms, Describe(course.Terms, course.Wanted!));
    }

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
