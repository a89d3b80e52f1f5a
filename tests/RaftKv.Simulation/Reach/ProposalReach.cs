using RaftKv.Core;
using RaftKv.Core.Calls;
using RaftKv.Core.Messages;
using RaftKv.Core.Replica.Messages;
using RaftKv.Simulation.Clients;
using RaftKv.Simulation.Cluster;

namespace RaftKv.Simulation.Reach;

/// <summary>Proposals between the node that took them and the leader, and the answers that came late.</summary>
internal sealed class ProposalReach(SimulatedCluster cluster, ReachCounts counts)
{
    public static readonly ReachTheme Theme = new("proposals");

    private static readonly ReachState ToDead = Theme.Add("forward-to-dead-leader", "a forwarded proposal met a leader that had died");
    private static readonly ReachState ToFormer =
        Theme.Add("forward-to-former-leader", "a forwarded proposal met a node that leads no more");
    private static readonly ReachState Again = Theme.Add("forward-repeated", "a proposal was forwarded again to the same leader");
    private static readonly ReachState ToNext =
        Theme.Add("forward-to-next-leader", "a proposal that lost its leader was forwarded to the next");
    private static readonly ReachState FullHere =
        Theme.Add("proposal-limit-here", "a node refused a proposal: too many are undecided on it");
    private static readonly ReachState FullAtLeader =
        Theme.Add("proposal-limit-at-leader", "the leader sent a proposal back: too many bytes are uncommitted");
    private static readonly ReachState NoLeader =
        Theme.Add("proposal-without-leader", "a proposal was refused for good, since no leader took it");
    private static readonly ReachState Unknown = Theme.Add("proposal-unknown", "a proposal was given up whose outcome nobody knew then");
    private static readonly ReachState LateApplied =
        Theme.Add("unknown-became-applied", "a proposal that was answered as unknown turned out to be applied");
    private static readonly ReachState LateLost =
        Theme.Add("unknown-became-lost", "a proposal that was answered as unknown turned out to be lost for good");
    private static readonly ReachState HiddenBySnapshot =
        Theme.Add("proposal-hidden-by-snapshot", "a snapshot came over a node's undecided proposals: they stay unknown");
    private static readonly ReachState LeaseAskToFormer =
        Theme.Add("lease-ask-to-former-leader", "keepalives or questions met a node that leads no more");

    private readonly Dictionary<(ulong Incarnation, long Number), long> _forwardedIn = [];

    public void Undelivered(Message message) => counts.HitIf(message is ForwardRequest, ToDead);

    public void Received(SimulatedNode node, ForwardRequest request) =>
        counts.HitIf(node.Replica!.Role != Role.Leader || request.Term != node.Replica.Term, ToFormer);

    public void Received(SimulatedNode node, LeaseRequest request) =>
        counts.HitIf(node.Replica!.Role != Role.Leader || request.Term != node.Replica.Term, LeaseAskToFormer);

    public void Sent(ForwardRequest request)
    {
        foreach (ForwardedProposal proposal in request.Proposals)
        {
            (ulong, long) name = (request.Incarnation, proposal.RequestNumber);
            long before = _forwardedIn.GetValueOrDefault(name);
            counts.HitIf(before == request.Term.Value, Again);
            counts.HitIf(before > 0 && before < request.Term.Value, ToNext);
            _forwardedIn[name] = request.Term.Value;
        }
    }

    public void Sent(ForwardRefusal refusal) => counts.HitIf(refusal.IsOverloaded, FullAtLeader);

    public void Answered(ClientOperation operation, in ProposeResult answer, bool isExpired)
    {
        counts.HitIf(answer.Outcome == ProposalOutcome.NoLeader, NoLeader);
        counts.HitIf(answer.Outcome == ProposalOutcome.Unknown, operation.IsGivenUp || isExpired ? Unknown : HiddenBySnapshot);
        counts.HitIf(answer.Outcome == ProposalOutcome.Overloaded && cluster.Profile.MaxPendingProposals < 100, FullHere);
    }

    public void AnsweredLate(IReadOnlyList<ProposeResult> answers)
    {
        for (int i = 0; i < answers.Count; i++)
        {
            counts.Hit(answers[i].Outcome == ProposalOutcome.Applied ? LateApplied : LateLost);
        }
    }
}
