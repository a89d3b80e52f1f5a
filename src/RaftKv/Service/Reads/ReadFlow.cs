using System.Diagnostics;
using System.Runtime.CompilerServices;
using RaftKv.Core;
using RaftKv.Core.Calls;
using RaftKv.Core.Reads;
using RaftKv.Core.Store;
using RaftKv.Diagnostics;
using RaftKv.Engine;
using RaftKv.Node;
using RaftKv.Service.Calls;
using RaftKv.Service.Observing;
using RaftKv.Service.Refusals;
using RaftKv.Service.Vocabulary;

namespace RaftKv.Service.Reads;

/// <summary>
/// Gets the view for a read, at the level that was asked for and never a weaker one. What is enough, and what comes
/// next, is <see cref="ReadCourse"/>'s to say; here is only the waiting, and the words of a refusal.
/// </summary>
internal static class ReadFlow
{
    /// <summary>The view to read from, or why there is none.</summary>
    public static ValueTask<ReadOutcome> ReadAsync(ServiceCall call, in ReadTerms terms)
    {
        if (call.Share?.EnterNoted() is { } refused)
        {
            return new ValueTask<ReadOutcome>(ReadOutcome.Refused(refused));
        }

        var course = new ReadCourse(terms, call.Terms.OnUnmet, call.Terms.IsForwarded);
        ReadDecision decision = course.Begin(call.Node);
        return decision is ServeDecision serve
            ? new ValueTask<ReadOutcome>(Answered(call, course, serve))
            : WaitAsync(call, course, decision);
    }

    /// <summary>The problem of a read that can't be met, with what this node has.</summary>
    public static ApiError Unmet(ServiceCall call, in ReadTerms terms, string detail)
    {
        call.ReadEnded(ReadEnd.Unmet);
        ReadPoint point = call.Node.ReadPoint;
        ViewFacts facts = call.Context.FactsOf(point.View);
        long? bound = ServiceCall.ToMs(point.StalenessBoundUs(call.Node.Now));
        return new ApiError(ErrorCode.ConsistencyUnmet, detail)
        {
            Unmet = new UnmetRead(terms, ReadPlanner.NeededRevision(terms), point, bound, facts.Role, facts.Leader),
        };
    }

    [AsyncMethodBuilder(typeof(CallTaskBuilder<>))]
    private static async ValueTask<ReadOutcome> WaitAsync(ServiceCall call, ReadCourse course, ReadDecision decision)
    {
        if (decision is ForwardDecision)
        {
            if (LeaderOf(call.Node, course.Point) is { } leader)
            {
                call.ReadEnded(ReadEnd.Forwarded);
                return ReadOutcome.At(leader);
            }

            decision = course.WaitInstead();
        }

        if (decision is not RefuseDecision)
        {
            call.Context.Metrics.ReadWaited(course.Terms.Level);
        }

        using Activity? span = Tracing.Waiting(ReadLevels.NameOf(course.Terms.Level));
        long before = call.Context.Time.GetTimestamp();
        while (true)
        {
            switch (decision)
            {
                case ServeDecision serve:
                    span.Ended("served");
                    call.Waited(before);
                    return Answered(call, course, serve);
                case RefuseDecision refused:
                    span.Ended("refused");
                    return ReadOutcome.Refused(Refusal(call, course, refused));
                default:
                    break;
            }

            TimeSpan left = call.Patience - call.Context.Time.GetElapsedTime(before);
            CancellationToken gone = call.ClientGone;
            if (left <= TimeSpan.Zero)
            {
                decision = course.InVain(decision is NeedsAllAppliedDecision);
            }
            else if (decision is NeedsBarrierDecision needs)
            {
                // Never cancelled: the others of its group would not know, and it ends by itself.
                ReadBarrierResult barrier = await call.Node.ReadBarrierAsync(needs.Demand, left, CancellationToken.None);
                decision = course.AfterBarrier(call.Node, barrier);
            }
            else if (decision is NeedsAllAppliedDecision all)
            {
                bool isApplied = await call.Node.WaitForAllAppliedAsync(all.Index, left, gone);
                decision = isApplied ? course.AfterAllApplied(call.Node) : course.InVain(isAwaitingAll: true);
            }
            else
            {
                Revision revision = ((NeedsRevisionDecision)decision).Revision;
                bool isThere = await call.Node.WaitForRevisionAsync(revision, left, gone);
                decision = isThere ? course.AfterRevision(call.Node) : course.InVain();
            }
        }
    }

    private static ReadOutcome Answered(ServiceCall call, in ReadCourse course, ServeDecision serve)
    {
        StoreView view = course.Point.View;
        if (call.RefusalFor(view) is { } refusal)
        {
            return ReadOutcome.Refused(refusal);
        }

        // Served by a quorum where no leader proves a lease: never called less than it is.
        ReadLevel level = course.Terms.Level == ReadLevel.Lease && !call.Node.HasLeaderLeases
            ? ReadLevel.Linearizable : course.Terms.Level;
        call.AnsweredRead(view, level, serve.StalenessBoundUs, course.Term, course.ReadIndex);
        return ReadOutcome.Of(view);
    }

    // Where the leader serves its clients; null when this node leads, or knows no leader or not its address.
    private static Uri? LeaderOf(INode node, ReadPoint point)
    {
        if (point.Role == Role.Leader || point.Leader.IsNone)
        {
            return null;
        }

        foreach (MemberInfo member in node.Members)
        {
            if (member.Id == point.Leader && !member.IsSelf)
            {
                return Uri.TryCreate(member.ClientUrl, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https" ? url : null;
            }
        }

        return null;
    }

    private static ApiError Refusal(ServiceCall call, in ReadCourse course, RefuseDecision refused)
    {
        if (refused.Reason == ReadRefusal.NotAllApplied)
        {
            return Unmet(call, course.Terms, "Not every voter has applied what this read would show, in time. Try again, or read "
                + "linearizable.");
        }

        return refused.Reason == ReadRefusal.ShuttingDown || call.Node.Phase == NodePhase.Draining
            ? ErrorMapper.ShuttingDown()
            : Unmet(call, course.Terms, Describe(course.Terms, course.Wanted!));
    }

    private static string Describe(in ReadTerms terms, ReadDecision decision) => decision switch
    {
        NeedsRevisionDecision when terms.Revision > Revision.Zero && terms.Revision >= ReadPlanner.NeededRevision(terms) =>
            "This node has not reached that revision, so nothing was read. Try again, ask another node, or send RaftKv-On-Unmet: forward.",
        NeedsRevisionDecision =>
            "This node has not reached what the session token has seen, so nothing was read. Try again, ask another node, or send "
                + "RaftKv-On-Unmet: forward.",
        NeedsBarrierDecision when terms.Level is not (ReadLevel.Linearizable or ReadLevel.Lease or ReadLevel.All or ReadLevel.Bounded) =>
            "This node has just joined and holds nothing of the cluster's state yet, so nothing was read. Try again, or ask another node.",
        NeedsBarrierDecision when terms.Level == ReadLevel.Bounded =>
            "This node can't prove the bound that was asked for, so nothing was read. Try again, widen the bound, or read eventual to "
                + "see this node's own state.",
        _ => "No leader could be confirmed by a majority in time, so nothing was read. Try again, or read eventual to see this node's "
            + "own state.",
    };
}
