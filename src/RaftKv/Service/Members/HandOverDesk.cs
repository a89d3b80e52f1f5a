using RaftKv.Core;
using RaftKv.Engine;
using RaftKv.Node;
using RaftKv.Service.Calls;
using RaftKv.Service.Refusals;

namespace RaftKv.Service.Members;

/// <summary>
/// Who leads, and who is about to be stopped. Both are asked of one node: of the leader, and of the node that is to drain. Any
/// thread.
/// </summary>
internal sealed class HandOverDesk(NodeContext context)
{
    /// <summary>What the audit says that a member was asked for.</summary>
    public const string LeadershipTo = "leadership to";

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _questionPatience = TimeSpan.FromSeconds(1);

    private readonly INode _node = context.Node;

    /// <summary>Hands leadership, which this node must have, to a voter, and waits until that one leads.</summary>
    /// <returns>Null when it leads; else why not, or that nobody knows.</returns>
    public async ValueTask<ApiError?> TransferAsync(ServiceCall call, MemberInfo target)
    {
        ApiError? refusal = await TryTransferAsync(call, target);
        call.MemberAsked(LeadershipTo, target.Id, refusal);
        return refusal;
    }

    /// <summary>
    /// Makes this node ready to be stopped: it hands leadership over, is not ready any more, ends its watches, and takes no writes
    /// of its own. It goes on to follow, to vote and to answer reads, until its process ends. Twice is as once.
    /// </summary>
    /// <param name="isForced">Also when the cluster would be stuck without it.</param>
    /// <returns>Null when it drains; else why not.</returns>
    public async ValueTask<ApiError?> DrainAsync(ServiceCall call, bool isForced)
    {
        ApiError? refusal = _node.Phase switch
        {
            NodePhase.Draining => null,
            NodePhase.Ready when isForced => null,
            NodePhase.Ready when WouldHalt() => MemberErrors.LastOnes(),
            NodePhase.Ready => await _node.IsLastToDrainAsync(_questionPatience, call.ClientGone) ? MemberErrors.LastToDrain() : null,
            var phase => ErrorMapper.FromRefusedBarrier(phase == NodePhase.Failed, phase),
        };
        call.MemberAsked("drain", _node.Identity.Id, refusal);
        if (refusal is null)
        {
            // It drains from now on, also when nobody waits any more.
            Task draining = _node.DrainAsync();
            TimeSpan left = call.TimeLeft > TimeSpan.Zero ? call.TimeLeft : TimeSpan.Zero;
            await Task.WhenAny(draining, Task.Delay(left, context.Time, call.ClientGone));
        }

        return refusal;
    }

    private async ValueTask<ApiError?> TryTransferAsync(ServiceCall call, MemberInfo target)
    {
        EngineStatus status = _node.Status;
        if (status.Role != Role.Leader)
        {
            return ErrorMapper.FromRefusedBarrier(isShuttingDown: false, _node.Phase);
        }

        if (target.Id == status.Self)
        {
            return null;
        }

        if (!status.Membership.IsVoter(target.Id))
        {
            return MemberErrors.NoVoter();
        }

        if (IsSilent(status, target.Id))
        {
            return MemberErrors.Silent();
        }

        TimeSpan left = call.TimeLeft < _patience ? call.TimeLeft : _patience;
        return await _node.TransferLeadershipAsync(target.Id, left, call.ClientGone) ? null : MemberErrors.NotLeadingYet();
    }

    // True when the voters without this one are no majority, or not heard as one. Only the leader knows who is heard.
    private bool WouldHalt()
    {
        EngineStatus status = _node.Status;
        return Halts(status, status.Membership.Voters) || Halts(status, status.Membership.OutgoingVoters);
    }

    private static bool Halts(EngineStatus status, IReadOnlyList<NodeId> voters) => voters.Contains(status.Self)
        && voters.Count(voter => voter != status.Self && !IsSilent(status, voter)) <= voters.Count / 2;

    private static bool IsSilent(EngineStatus status, NodeId node) =>
        status.Followers.Any(follower => follower.Node == node && follower.State == MemberStates.Unreachable);
}
