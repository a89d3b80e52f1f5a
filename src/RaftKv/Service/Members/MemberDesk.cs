using System.Security.Cryptography;
using RaftKv.Core;
using RaftKv.Core.Calls;
using RaftKv.Engine;
using RaftKv.Node;
using RaftKv.Service.Calls;
using RaftKv.Service.Refusals;

namespace RaftKv.Service.Members;

/// <summary>
/// Changes of the members, whichever door they come through. What goes on after a call goes on by itself: a learner becomes
/// a voter once it has caught up, and who leaves closes its doors and then asks to be removed. Any thread.
/// </summary>
internal sealed class MemberDesk(NodeContext context)
{
    private readonly INode _node = context.Node;

    /// <summary>Does what is wished, or its first step; what was changed stays changed when nobody waits any more.</summary>
    public async ValueTask<MemberEnd> RunAsync(ServiceCall call, MemberWish wish)
    {
        MemberRules.RequirePlain(call.Terms);

        // The members as they are now: who asks a node that is behind must not be refused for what is long so.
        ReadBarrierResult barrier = await _node.ReadBarrierAsync(call.TimeLeft, call.ClientGone);
        if (!barrier.IsGranted)
        {
            return new MemberEnd(ErrorMapper.FromRefusedBarrier(barrier.IsShuttingDown, _node.Phase));
        }

        MemberInfo[] added = [.. wish.Add.Select(PlaceFor)];
        MemberChange change = ChangeOf(wish, added);
        if (ProblemOf(wish) is ({ } error, var problem))
        {
            call.MembersChanged(change, error);
            return new MemberEnd(error, problem);
        }

        MemberChangeAnswer answer = await _node.ChangeMembersAsync(change, call.TimeLeft, call.ClientGone);
        bool isTooEarly = answer.Problem is MemberProblem.Behind or MemberProblem.TooSmall or MemberProblem.NotStarted;
        if (wish.PromotesWhenReady && isTooEarly && change.Promote.Count > 0)
        {
            change = WhenReady(change);
            answer = await _node.ChangeMembersAsync(change, call.TimeLeft, call.ClientGone);
        }

        ApiError? refusal = MemberErrors.Of(answer, _node.Phase);
        call.MembersChanged(change, refusal);
        if (refusal is null && wish.WaitsForEnd)
        {
            await AreGoneAsync(call, change.Leave);
        }

        return new MemberEnd(refusal, answer.Problem) { Added = added, Operations = [.. OperationsOf(wish, added)] };
    }

    private MemberChange ChangeOf(MemberWish wish, IReadOnlyList<MemberInfo> added)
    {
        EngineMembership now = _node.Status.Membership;
        NodeId[] places = [.. _node.Members.Where(static member => member.IsPending).Select(static member => member.Id)];
        NodeId[] replacedLearners = [.. wish.Add.Select(static member => member.Replaces).Where(id => !id.IsNone && !now.IsVoter(id))];
        return new MemberChange
        {
            Add = added,
            Promote = wish.Promote,
            Demote = wish.Demote,
            Leave = [.. wish.Remove.Where(id => !places.Contains(id))],
            Remove = [.. wish.Remove.Where(places.Contains), .. replacedLearners],
            Update = [.. wish.Update.Select(Edited)],
        };
    }

    private (ApiError? Error, MemberProblem Problem) ProblemOf(MemberWish wish)
    {
        IReadOnlyList<MemberInfo> members = _node.Members;
        IEnumerable<NodeId> named = wish.Promote.Concat(wish.Demote).Concat(wish.Remove).Concat(wish.Update.Select(static edit => edit.Id));
        if (named.Any(id => members.All(member => member.Id != id)))
        {
            return (MemberErrors.Of(MemberProblem.NotFound), MemberProblem.NotFound);
        }

        if (wish.Add.Any(added => !added.Replaces.IsNone && members.Any(member => member.Replaces == added.Replaces)))
        {
            return (
                MemberErrors.Conflict("It is being replaced already; remove what is to come in its place first."), MemberProblem.Exists);
        }

        // As in etcd this node's own setting counts, so that all nodes should have the same.
        int learners = members.Count(member => !member.IsJoining && !_node.Status.Membership.IsVoter(member.Id));
        int more = wish.Add.Count(static added => added.IsLearner && added.Replaces.IsNone);
        return more > 0 && learners + more > context.Options.MaxLearners
            ? (MemberErrors.TooManyLearners(learners, context.Options.MaxLearners), MemberProblem.TooMany)
            : (null, MemberProblem.None);
    }

    private async ValueTask AreGoneAsync(ServiceCall call, IReadOnlyList<NodeId> leaving)
    {
        while (true)
        {
            Task changed = _node.Changed;
            TimeSpan left = call.TimeLeft;
            if (left <= TimeSpan.Zero || !_node.Members.Any(member => leaving.Contains(member.Id)))
            {
                return;
            }

            await Task.WhenAny(changed, Task.Delay(left, context.Time, call.ClientGone));
            call.ClientGone.ThrowIfCancellationRequested();
        }
    }

    private MemberInfo PlaceFor(NewMember wanted)
    {
        bool replacesVoter = _node.Status.Membership.IsVoter(wanted.Replaces);
        return new MemberInfo(wanted.Name, DrawId(), wanted.PeerUrl, ClientUrl: null, IsSelf: false)
        {
            IsPending = true,
            IsJoining = wanted.Replaces.IsNone ? !wanted.IsLearner : replacesVoter,
            Replaces = replacesVoter ? wanted.Replaces : NodeId.None,
        };
    }

    private MemberInfo Edited(MemberEdit edit)
    {
        MemberInfo before = _node.Members.FirstOrDefault(member => member.Id == edit.Id)
            ?? new MemberInfo("", edit.Id, "", ClientUrl: null, IsSelf: false);
        return before with
        {
            Name = edit.Name ?? before.Name,
            PeerUrl = edit.PeerUrl ?? before.PeerUrl,
            Zone = edit.Zone ?? before.Zone,
            Priority = edit.Priority ?? before.Priority,
        };
    }

    // The learners become voters by themselves, as soon as they can.
    private MemberChange WhenReady(MemberChange change) => change with
    {
        Promote = [],
        Update = [.. change.Update, .. _node.Members.Where(member => change.Promote.Contains(member.Id)).Select(
            static member => member with { IsJoining = true })],
    };

    private static IEnumerable<MemberOperation> OperationsOf(MemberWish wish, IReadOnlyList<MemberInfo> added) =>
    [
        .. added.Select(static member => new MemberOperation(MemberVerb.Add, member.Id)),
        .. wish.Promote.Select(static id => new MemberOperation(MemberVerb.Promote, id)),
        .. wish.Demote.Select(static id => new MemberOperation(MemberVerb.Demote, id)),
        .. wish.Remove.Select(static id => new MemberOperation(MemberVerb.Remove, id)),
        .. wish.Update.Select(static edit => new MemberOperation(MemberVerb.Update, edit.Id)),
    ];

    private static NodeId DrawId()
    {
        Span<byte> random = stackalloc byte[sizeof(ulong)];
        do
        {
            RandomNumberGenerator.Fill(random);
        }
        while (BitConverter.ToUInt64(random) == 0);

        return new NodeId(BitConverter.ToUInt64(random));
    }
}
