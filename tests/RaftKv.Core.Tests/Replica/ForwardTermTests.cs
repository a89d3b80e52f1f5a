using RaftKv.Core.Calls;
using RaftKv.Core.Messages;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Raft.Messages;
using RaftKv.Core.Replica;
using RaftKv.Core.Replica.Messages;
using RaftKv.Core.Replica.Proposals;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;

namespace RaftKv.Core.Tests.Replica;

/// <summary>
/// The term that a proposal is settled by is the term that its forward carried. Found by simulator seed 427.
/// </summary>
public sealed class ForwardTermTests
{
    private static readonly NodeId Self = new(2);
    private static readonly NodeId OldLeader = new(1);
    private static readonly NodeId NewLeader = new(3);

    [Fact]
    public void Proposal_that_reaches_the_next_leader_is_not_settled_by_its_first_entry()
    {
        var replica = new Core.Replica.ReplicaCore(
            new ReplicaOptions { Self = Self, InitialMembership = new Membership([OldLeader, Self, NewLeader]), Seed = 1, Incarnation = 9 },
            RecoveredState.Fresh());
        LogEntry first = new(new EntryId(new Term(1), new LogIndex(1)), EntryKind.Noop, (byte[])[1]);
        replica.Receive(new AppendRequest(OldLeader, Self, new Term(1), EntryId.Zero, [first], LogIndex.Zero));
        Settle(replica);

        // One batch of inputs: the proposal comes while the old leader is known, then the new one shows up.
        replica.Propose(1, KvCommandCodec.Encode(new MutateCommand(new PutOp("k"u8.ToArray(), "v"u8.ToArray())), CommandEnvelope.HeaderBytes));
        replica.Receive(new Heartbeat(NewLeader, Self, new Term(2), LogIndex.Zero, 0));
        ForwardRequest forward = Assert.Single(Settle(replica).OfType<ForwardRequest>());
        Assert.Equal((NewLeader, new Term(2)), (forward.To, forward.Term));

        // The new leader's no-op is of the term that has the proposal: it says nothing about it.
        LogEntry noop = new(new EntryId(new Term(2), new LogIndex(2)), EntryKind.Noop, default);
        replica.Receive(new AppendRequest(NewLeader, Self, new Term(2), first.Id, [noop], new LogIndex(2)));
        Assert.Empty(Settle(replica).OfType<ForwardRequest>());
        replica.Abandon(1);
        ProposalAnswer answer = Assert.Single(replica.TakeEffects().ProposalAnswers);
        Assert.Equal(ProposalOutcome.Unknown, answer.Outcome);
    }

    [Fact]
    public void A_newer_term_is_heard_from_the_replicas_messages_too()
    {
        var replica = new Core.Replica.ReplicaCore(
            new ReplicaOptions { Self = Self, InitialMembership = new Membership([OldLeader, Self, NewLeader]), Seed = 1, Incarnation = 9 },
            RecoveredState.Fresh());
        replica.Receive(new LeaseRequest(NewLeader, Self, new Term(4), RequestId: 1, []));
        Assert.Equal((new Term(4), Role.Follower, NodeId.None), (replica.Term, replica.Role, replica.Leader));
    }

    [Fact]
    public void A_strangers_term_deposes_nobody()
    {
        var replica = new Core.Replica.ReplicaCore(
            new ReplicaOptions { Self = Self, InitialMembership = new Membership([OldLeader, Self, NewLeader]), Seed = 1, Incarnation = 9 },
            RecoveredState.Fresh());
        replica.Receive(new Heartbeat(OldLeader, Self, new Term(1), LogIndex.Zero, 0));
        replica.Receive(new LeaseRequest(new NodeId(9), Self, new Term(4), RequestId: 1, []));
        Assert.Equal((new Term(1), Role.Follower, OldLeader), (replica.Term, replica.Role, replica.Leader));
    }

    private static List<Message> Settle(Core.Replica.ReplicaCore replica)
    {
        var messages = new List<Message>();
        while (replica.HasEffects)
        {
            ReplicaEffects effects = replica.TakeEffects();
            messages.AddRange(effects.Messages);
            if (effects.Persist is { } batch)
            {
                replica.Persisted(batch.Number);
            }
        }

        return messages;
    }
}
