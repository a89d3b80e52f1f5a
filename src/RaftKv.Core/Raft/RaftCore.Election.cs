using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Raft.Messages;
using RaftKv.Core.Raft.Roles;

namespace RaftKv.Core.Raft;

public sealed partial class RaftCore
{
    // Ticks since the last sign of a leader, or since the last campaign.
    private int _electionElapsed;

    // Drawn anew at each reset, so that two nodes rarely campaign together (5.2).
    private int _electionTimeout;

    // Ticks for which this voter still owes its patience to a leader that it heard (thesis 4.2.3).
    private int _stickyTicks;

    private bool IsSticky => State is LeaderState || _stickyTicks > 0;

    private bool IsPromotable => Membership.IsVoter(Self) && _installing is null;

    /// <summary>
    /// Hands leadership to a voter; the most caught-up active one when none is named. Nothing happens where it can't.
    /// </summary>
    public void TransferLeadership(NodeId? target)
    {
        if (State is not LeaderState leader || !leader.TransferTarget.IsNone)
        {
            return;
        }

        Progress? chosen = null;
        foreach (Progress progress in leader.Followers)
        {
            bool isWanted = target is null ? progress.SilentTicks < _options.ElectionTimeoutTicks : progress.Node == target;
            bool isCandidate = isWanted && Membership.IsVoter(progress.Node);
            if (isCandidate && (chosen is null || progress.MatchIndex > chosen.MatchIndex))
            {
                chosen = progress;
            }
        }

        if (chosen is null)
        {
            return;
        }

        leader.TransferTarget = chosen.Node;
        leader.TransferElapsed = 0;
        ContinueTransfer(leader, chosen);
    }

    private void ContinueTransfer(LeaderState leader, Progress progress)
    {
        // Thesis 3.10: only a target that has the whole log may be told to campaign at once.
        if (leader.TransferTarget == progress.Node && progress.MatchIndex == Log.LastEntry.Index)
        {
            leader.IsLeaseVoid = true;
            SendWhenDurable(new TimeoutNow(Self, progress.Node, CurrentTerm));
        }
    }

    private void TickElection()
    {
        _electionElapsed++;
        if (_electionElapsed >= _electionTimeout && IsPromotable)
        {
            StartElection(isPreVote: true, isTransfer: false);
        }
    }

    private void TickLeader(LeaderState leader)
    {
        foreach (Progress progress in leader.Followers)
        {
            progress.SilentTicks++;
        }

        if (++leader.QuorumCheckElapsed >= _options.ElectionTimeoutTicks)
        {
            leader.QuorumCheckElapsed = 0;
            if (!HasActiveQuorum(leader))
            {
                // Thesis 6.2: a leader that can't reach a quorum steps down, so that its clients look elsewhere.
                BecomeFollower(CurrentTerm, NodeId.None);
                return;
            }
        }

        if (!leader.TransferTarget.IsNone && ++leader.TransferElapsed >= _options.ElectionTimeoutTicks)
        {
            leader.TransferTarget = NodeId.None;
        }

        if (++leader.HeartbeatElapsed >= _options.HeartbeatTicks)
        {
            leader.HeartbeatElapsed = 0;
            NoticeLostMessages(leader);
            BroadcastHeartbeat(leader);
        }

        TickSnapshotSends(leader);
    }

    private bool HasActiveQuorum(LeaderState leader)
    {
        var active = new Dictionary<NodeId, bool> { [Self] = true };
        foreach (Progress progress in leader.Followers)
        {
            active[progress.Node] = progress.IsRecentlyActive;
            progress.IsRecentlyActive = false;
        }

        return Quorum.Count(Membership, active) == VoteResult.Won;
    }

    private void StartElection(bool isPreVote, bool isTransfer)
    {
        ResetElectionTimer();
        var candidate = new CandidateState(isPreVote);
        State = candidate;
        Term term = CurrentTerm.Next;
        if (!isPreVote)
        {
            EnterTerm(term, Self);
        }

        candidate.Votes[Self] = true;
        if (Quorum.Count(Membership, candidate.Votes) == VoteResult.Won)
        {
            WinElection(isPreVote, isTransfer);
            return;
        }

        foreach (NodeId voter in Membership.Members())
        {
            if (voter != Self && Membership.IsVoter(voter))
            {
                // Held until its own vote is durable: a candidate that forgets its vote could vote twice in the term.
                SendWhenDurable(new VoteRequest(Self, voter, term, Log.LastEntry, isPreVote, isTransfer));
            }
        }
    }

    private void WinElection(bool isPreVote, bool isTransfer)
    {
        if (isPreVote)
        {
            StartElection(isPreVote: false, isTransfer);
            return;
        }

        BecomeLeader();
    }

    private void BecomeLeader()
    {
        Check.That(State is CandidateState && VotedFor == Self, "a leader was a candidate that voted for itself");
        var leader = new LeaderState(Self, Membership, Log.LastEntry.Index);
        State = leader;
        foreach (Progress progress in leader.Followers)
        {
            progress.IsRecentlyActive = true;
        }

        // Raft 5.4.2 and 8: an entry of the own term, whose commit shows what is committed; until then no read is
        // answered.
        AppendEntry(leader, EntryKind.Noop, Log.LastEntry == EntryId.Zero ? _options.FoundingPayload : default);
        BroadcastHeartbeat(leader);
    }

    private void HandleVoteRequest(VoteRequest request)
    {
        bool isNewTerm = request.IsPreVote && request.Term > CurrentTerm;
        if (isNewTerm && IsSticky && !request.IsTransfer)
        {
            return;
        }

        // Danger: 1. A leader of term 1 counts its lease from a heartbeat that this voter acknowledged. 2. A late answer of
        // term 2 raises this voter's term. 3. A candidate of term 2 asks: the term is no news any more, yet the promise
        // holds. A vote that was given before is given again. See A_sticky_voter_whose_term_was_raised_grants_no_vote.
        bool isBound = !request.IsPreVote && !request.IsTransfer && _stickyTicks > 0 && VotedFor != request.From;
        bool isFree = isNewTerm || VotedFor == request.From || (VotedFor.IsNone && Leader.IsNone);
        bool isGranted = isFree && !isBound && request.LastEntry.IsAtLeastAsUpToDateAs(Log.LastEntry);
        if (isGranted && !request.IsPreVote)
        {
            ResetElectionTimer();
            if (VotedFor != request.From)
            {
                VotedFor = request.From;
                HardStateChanged();
            }
        }

        // A granted pre-vote answers with the asked term, so that the asker counts it; a refusal with the own.
        Term term = request.IsPreVote && isGranted ? request.Term : CurrentTerm;
        SendWhenDurable(new VoteResponse(Self, request.From, term, request.IsPreVote, isGranted));
    }

    private void HandleVoteResponse(VoteResponse response)
    {
        if (State is not CandidateState candidate || (Role == Role.PreCandidate) != response.IsPreVote)
        {
            return;
        }

        Term asked = response.IsPreVote ? CurrentTerm.Next : CurrentTerm;
        if (response.IsGranted && response.Term != asked)
        {
            return;
        }

        candidate.Votes.TryAdd(response.From, response.IsGranted);
        switch (Quorum.Count(Membership, candidate.Votes))
        {
            case VoteResult.Won:
                WinElection(response.IsPreVote, isTransfer: false);
                break;
            case VoteResult.Lost:
                BecomeFollower(CurrentTerm, NodeId.None);
                break;
            default:
                break;
        }
    }

    private void HandleTimeoutNow(TimeoutNow order)
    {
        // Only the leader of this very term may order it, and only to a voter that follows it.
        if (State is FollowerState follower && follower.Leader == order.From && IsPromotable)
        {
            StartElection(isPreVote: false, isTransfer: true);
        }
    }

    private void NoteLeaderContact(Message message)
    {
        Check.That(State is not LeaderState, "one leader a term: a leader hears no other leader of its term");
        if (State is not FollowerState follower || follower.Leader != message.From)
        {
            BecomeFollower(message.Term, message.From);
        }

        _electionElapsed = 0;
        _stickyTicks = _options.ElectionTimeoutTicks;
    }

    private void ResetElectionTimer()
    {
        _electionElapsed = 0;
        _electionTimeout = RandomElectionTimeout();
    }

    private int RandomElectionTimeout() => _options.ElectionTimeoutTicks + _random.Next(_options.ElectionTimeoutTicks);

    // The only voter waits for nobody: it leads at once, also after a restart.
    private bool IsOnlyVoter => Membership.Voters.Count == 1 && !Membership.IsJoint;

    private int FirstElectionTimeout() =>
        IsOnlyVoter ? 1 : 1 + _random.Next(Math.Max(1, _options.ElectionTimeoutTicks / 2));
}
