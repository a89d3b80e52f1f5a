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

    private bool IsPromotable => Membership.IsVoter(Self) && _installing is null;

    /// <summary>
    /// Hands leadership to a voter; the most caught-up active one when none is named. Nothing happens where it can't.
    /// </summary>
    public void TransferLeadership(NodeId? target)
    {
        if (State is not LeaderState leader || !leader.TransferTarget.IsNone || _options.IsGuided)
        {
            return;
        }

        Progress? chosen = null;
        foreach (Progress progress in leader.Followers)
        {
            bool isWanted = target is null ? IsHeard(progress) : progress.Node == target;
            bool isCandidate = isWanted && Membership.Contains(Membership.Voters, progress.Node);
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
            leader.IsLeaderLeaseVoid = true;
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
        else if (State is CandidateState candidate && Role == Role.PreCandidate && _electionElapsed % _options.HeartbeatTicks == 0)
        {
            // Who said nothing may have been patient with another, or not there yet; asking binds nobody (D19).
            AskForVotes(candidate, CurrentTerm.Next, isPreVote: true, isTransfer: false);
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
        WatchOwnDisk(leader);
        WatchPriorities(leader);
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

        AskForVotes(candidate, term, isPreVote, isTransfer);
    }

    private void AskForVotes(CandidateState candidate, Term term, bool isPreVote, bool isTransfer)
    {
        foreach (NodeId voter in Membership.Members())
        {
            if (!candidate.Votes.ContainsKey(voter) && Membership.IsVoter(voter))
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

        // Raft 5.4.2 and 8: an entry of its own term, whose commit shows what is committed; until then no read is
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

        // A granted pre-vote answers with the asked term, so that the asker counts it; a refusal with its own.
        Term term = request.IsPreVote && isGranted ? request.Term : CurrentTerm;
        SendWhenDurable(new VoteResponse(Self, request.From, term, request.IsPreVote, isGranted));
        YieldOrHasten(request, isGranted);
    }

    /// <summary>
    /// Two that ask at one moment would each get a majority's pre-votes and then split the votes: one of them, the one
    /// with the older log or else the lower id, lets the other go first. And where the last leader asks in vain, since
    /// its log is too short, this node need not wait any longer for it.
    /// </summary>
    private void YieldOrHasten(VoteRequest request, bool isGranted)
    {
        if (isGranted && request.IsPreVote && Role == Role.PreCandidate)
        {
            bool isBehind = request.LastEntry != Log.LastEntry || request.From.CompareTo(Self) > 0;
            if (isBehind)
            {
                BecomeFollower(CurrentTerm, NodeId.None);
            }
        }
        else if (!isGranted && IsOfHeardLeader(request) && State is FollowerState)
        {
            _electionTimeout = Math.Min(_electionTimeout, _electionElapsed + SoonTicks());
        }
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

    private void NoteLeaderContact(RaftMessage message)
    {
        if (_options.IsGuided)
        {
            return;
        }

        Check.That(State is not LeaderState, "one leader a term: a leader hears no other leader of its term");
        if (State is not FollowerState follower || follower.Leader != message.From)
        {
            BecomeFollower(message.Term, message.From);
        }

        _electionElapsed = 0;
        OwePatience(message.From);
    }

    private void ResetElectionTimer()
    {
        _electionElapsed = 0;
        _electionTimeout = RandomElectionTimeout();
    }

    // A narrow draw: what nodes that time out together would cost, pre-votes and the one that yields save (D19).
    private int RandomElectionTimeout() => _options.ElectionTimeoutTicks + _random.Next(Math.Max(1, _options.ElectionTimeoutTicks / 4));

    private int SoonTicks() => 1 + _random.Next(_options.HeartbeatTicks);

    // The only voter waits for nobody: it leads at once, also after a restart.
    private bool IsOnlyVoter => Membership.Voters.Count == 1 && !Membership.IsJoint && Membership.Voters[0] == Self;

    // A node that never ran has nobody to wait for. Nor has one that voted for itself and heard no leader since: it led, or
    // tried to, and whoever is patient with it is so no longer once it asks.
    private int FirstElectionTimeout(HardState found)
    {
        bool hasLed = found.VotedFor == Self && !OwesPatience(found);
        return IsOnlyVoter ? 1
            : found.Term == Term.Zero ? 1 + _random.Next(Math.Max(1, _options.ElectionTimeoutTicks / 2))
            : hasLed ? SoonTicks() : RandomElectionTimeout();
    }
}
