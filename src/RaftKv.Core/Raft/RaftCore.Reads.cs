using RaftKv.Core.Raft.Members;
using RaftKv.Core.Raft.Messages;
using RaftKv.Core.Raft.Roles;

namespace RaftKv.Core.Raft;

public sealed partial class RaftCore
{
    /// <summary>
    /// True once the leader has committed an entry of its own term: before that its commit index may lag behind what
    /// earlier leaders acknowledged (thesis 6.4, step 1; a paused etcd answered stale reads for years).
    /// </summary>
    public bool HasCommittedInTerm => Log.TermAt(Log.CommitIndex) == CurrentTerm;

    /// <summary>
    /// Asks for a read index on the leader itself; the answer comes as a <see cref="ReadState"/>, or never when
    /// leadership is lost.
    /// </summary>
    /// <param name="allowsLeaderLease">The lease is enough, where there is one.</param>
    public void RequestRead(long requestId, bool allowsLeaderLease = false, ReadPurpose purpose = ReadPurpose.Index)
    {
        if (State is LeaderState leader)
        {
            AddRead(leader, new ReadContext(Self, requestId, purpose), allowsLeaderLease);
        }
    }

    private void HandleReadIndexRequest(ReadIndexRequest request)
    {
        if (State is LeaderState leader)
        {
            AddRead(leader, new ReadContext(request.From, request.RequestId), request.AllowsLeaderLease);
            return;
        }

        AnswerRead(new ReadContext(request.From, request.RequestId), LogIndex.Zero, isGranted: false);
    }

    // The clock was read after the request had arrived, so that a lease which held then covers it.
    private void AddRead(LeaderState leader, ReadContext context, bool allowsLeaderLease)
    {
        if (allowsLeaderLease && HoldsLeaderLease)
        {
            AnswerRead(context, Log.CommitIndex, isGranted: true);
        }
        else
        {
            leader.Reads.Add(context);
        }
    }

    /// <summary>
    /// Starts a round when one is due: a heartbeat with a new number, sent after every read that it will serve.
    /// </summary>
    private void BeginReadRound(LeaderState leader)
    {
        if (!HasCommittedInTerm || !leader.Reads.MayBegin(Now))
        {
            return;
        }

        leader.Reads.Begin(Log.CommitIndex, Now);
        BroadcastHeartbeat(leader);
        EndConfirmedReadRounds(leader);
    }

    private void EndConfirmedReadRounds(LeaderState leader)
    {
        if (!leader.Reads.IsUnderWay || _options.IsGuided)
        {
            return;
        }

        var acks = new RoundAcks(Self, leader);
        EndReadRounds(leader, Quorum.HighestReached(Membership, acks));
    }

    private void EndReadRounds(LeaderState leader, long reached)
    {
        while (leader.Reads.EndNext(reached, Now) is { } round)
        {
            foreach (ReadContext context in round.Reads)
            {
                AnswerRead(context, round.ReadIndex, isGranted: true);
            }
        }
    }

    private void RefuseRemoteReads(LeaderState leader)
    {
        // Local reads are asked again by the replica; the other nodes must be told.
        foreach (ReadRound round in leader.Reads.UnderWay)
        {
            RefuseRemote(round.Reads);
        }

        RefuseRemote(leader.Reads.Waiting);
    }

    private void RefuseRemote(IReadOnlyList<ReadContext> contexts)
    {
        foreach (ReadContext context in contexts)
        {
            if (context.Origin != Self)
            {
                AnswerRead(context, LogIndex.Zero, isGranted: false);
            }
        }
    }

    private void AnswerRead(ReadContext context, LogIndex readIndex, bool isGranted)
    {
        if (context.Origin == Self)
        {
            Output.ReadStates.Add(new ReadState(context.RequestId, CurrentTerm, readIndex, context.Purpose));
            return;
        }

        SendWhenDurable(new ReadIndexResponse(Self, context.Origin, CurrentTerm, context.RequestId, readIndex, isGranted));
    }

    /// <summary>Acknowledged read rounds per voter; the leader itself has always acknowledged the newest.</summary>
    private sealed class RoundAcks(NodeId self, LeaderState leader) : IReachedSource
    {
        public long ReachedBy(NodeId voter) =>
            voter == self ? leader.Reads.Round : leader.Find(voter)?.AckedReadRound ?? 0;
    }
}
