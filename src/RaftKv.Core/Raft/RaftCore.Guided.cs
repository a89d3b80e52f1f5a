using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Messages;
using RaftKv.Core.Raft.Roles;

namespace RaftKv.Core.Raft;

/// <remarks>
/// Guided: another Raft decides who leads in which term, what a follower takes in and what is committed (docs/engines.md).
/// This one keeps term, vote and log, makes them durable, gives reads their rounds, sends snapshots, and hears from the
/// members what they have applied. It campaigns for nobody, raises no term by itself and counts nothing committed.
/// </remarks>
public sealed partial class RaftCore
{
    // The term whose first entry this node has appended, as long as it leads it or may still; zero once it has given it up.
    private Term _begunTerm;

    /// <summary>
    /// The batch after which everything that was done so far is durable; compare it with <see cref="PersistedBatch"/>.
    /// </summary>
    public long DurableBatch => HasRecords ? _handedBatch + 1 : _handedBatch;

    /// <summary>Batches up to this one are durable.</summary>
    public long PersistedBatch => _persistedBatch;

    /// <summary>True when the present term and vote are on the disk.</summary>
    public bool IsVoteDurable => !_isHardStateDirty && _hardStateBatch <= _persistedBatch;

    /// <summary>The round of reads that waits for the guide's word that this node still leads; null when none does.</summary>
    public long? AwaitedRound => State is LeaderState { Reads: { IsUnderWay: true } reads } ? reads.Round : null;

    /// <summary>Enters a term, with a vote or without, or votes in the present one. False when it is a vote against another.</summary>
    public bool GuidedTerm(Term term, NodeId vote)
    {
        Check.That(_options.IsGuided, "only a guided node is told its term");
        if (term > CurrentTerm)
        {
            GuidedFollow(NodeId.None);
            EnterTerm(term, vote);
            return true;
        }

        if (term < CurrentTerm || (!VotedFor.IsNone && VotedFor != vote))
        {
            return vote.IsNone;
        }

        if (VotedFor != vote)
        {
            VotedFor = vote;
            HardStateChanged();
        }

        return true;
    }

    /// <summary>
    /// Appends the first entry of this node's own leadership; its index, or null when the term is over, or it was not elected
    /// in it.
    /// </summary>
    public LogIndex? GuidedNoop(Term term)
    {
        Check.That(_options.IsGuided, "only a guided node is told that it was elected");
        if (term != CurrentTerm || VotedFor != Self)
        {
            return null;
        }

        _begunTerm = term;
        var id = new EntryId(term, Log.LastEntry.Index.Next);
        AppendToLog(new LogEntry(id, EntryKind.Noop, Log.LastEntry == EntryId.Zero ? _options.FoundingPayload : default));
        return id.Index;
    }

    /// <summary>Leads this term from now on; nothing when the term is over, or was given up.</summary>
    /// <remarks>
    /// Danger: 1. A leader resigns, and keeps its term. 2. Its guide's last word on what a quorum holds comes after that, and would
    /// make it lead again. 3. Rounds of reads are counted from the start, and a confirmation of before, still on its way, would do for a
    /// read of now. So nobody leads a term twice (GuidedTests).
    /// </remarks>
    public void GuidedLead(Term term)
    {
        if (term != CurrentTerm || term != _begunTerm || State is LeaderState)
        {
            return;
        }

        var leader = new LeaderState(Self, Membership, Log.LastEntry.Index);
        for (LogIndex index = Log.CommitIndex.Next; index <= Log.LastEntry.Index; index = index.Next)
        {
            leader.UncommittedBytes += Log.EntryAt(index).Term == term ? Log.EntryAt(index).SizeBytes : 0;
        }

        leader.AppendTimes.Appended(Log.LastEntry.Index, Now);
        State = leader;
        BroadcastHeartbeat(leader);
    }

    /// <summary>Follows that leader of the present term, or waits for one.</summary>
    public void GuidedFollow(NodeId leader)
    {
        if (State is LeaderState leading)
        {
            RefuseRemoteReads(leading);
            _begunTerm = Term.Zero;
        }
        else if (Leader == leader)
        {
            return;
        }

        State = new FollowerState(leader);
    }

    /// <summary>
    /// Takes entries in that the leader of <paramref name="term"/> sent. False when that term is over, they don't follow the log, or
    /// there is no room now: then nothing of them was taken.
    /// </summary>
    /// <remarks>
    /// The guide has looked whether <paramref name="previous"/> agrees; a snapshot may have been installed since. Only a real
    /// conflict truncates (5.3): a message that came before shortens nothing. Nor has the guide the last word on the term: whoever
    /// asked it for a vote may have gone before it was durable, and then the guide does not know yet that the term is another.
    /// </remarks>
    public bool GuidedAppend(Term term, LogIndex previous, IReadOnlyList<LogEntry> entries)
    {
        Check.That(_options.IsGuided, "only a guided node is handed entries");
        LogIndex last = previous + entries.Count;
        LogEntry[] fresh = [.. entries.Where(entry => entry.Index > Log.CommitIndex)];
        bool isGap = fresh.Length > 0 ? fresh[0].Index > Log.LastEntry.Index.Next : last > Log.LastEntry.Index;
        if (term != CurrentTerm || isGap || (fresh.Length > 0 && fresh[^1].Term > CurrentTerm))
        {
            return false;
        }

        LogIndex before = fresh.Length > 0 ? fresh[0].Index + -1 : last;
        var request = new AppendRequest(
            Leader, Self, CurrentTerm, new EntryId(Log.TermAt(before) ?? Term.Zero, before), fresh, Log.CommitIndex);
        if (MustDropForRoom(request))
        {
            return false;
        }

        Merge(fresh);
        return true;
    }

    /// <summary>
    /// A quorum has the log up to here: as the guide counted on the leader, where what is not of the present term waits; on a
    /// follower as the leader said of what it had just sent. Never more than is durable here.
    /// </summary>
    public void GuidedCommit(LogIndex index)
    {
        LogIndex reached = LogIndex.Min(index, Log.PersistedIndex);
        if (_begunTerm == CurrentTerm && Log.TermAt(reached) == CurrentTerm)
        {
            // Nobody else leads a term that this node has begun: the guide's word that it does may be on its way still, and
            // what a leader does with its first entry must find it leading.
            GuidedLead(CurrentTerm);
        }

        var leader = State as LeaderState;
        if (reached > Log.CommitIndex && (leader is null || Log.TermAt(reached) == CurrentTerm))
        {
            CommitAsLeader(leader, reached);
        }
    }

    /// <summary>A quorum followed this node in this term, after the round had begun.</summary>
    public void GuidedConfirm(Term term, long round)
    {
        if (State is not LeaderState leader || term != CurrentTerm || AwaitedRound != round)
        {
            return;
        }

        EndReadRounds(leader, round);
    }

    // Terms are the guide's to raise: a message of another one is late or early, and nothing is lost with it.
    private void ReceiveGuided(RaftMessage message)
    {
        if (message.Term != CurrentTerm)
        {
            return;
        }

        switch (message)
        {
            case Heartbeat heartbeat when State is FollowerState:
                HandleHeartbeat(heartbeat);
                break;
            case HeartbeatResponse response:
                HandleHeartbeatResponse(response);
                FollowProgress(response);
                break;
            case SnapshotChunk chunk:
                HandleSnapshotChunk(chunk);
                break;
            case SnapshotResponse response:
                HandleSnapshotResponse(response);
                break;
            case ReadIndexRequest request:
                HandleReadIndexRequest(request);
                break;
            default:
                // The guide's own messages say the rest.
                break;
        }
    }

    private void TickGuided()
    {
        if (State is not LeaderState leader)
        {
            return;
        }

        foreach (Progress progress in leader.Followers)
        {
            progress.SilentTicks++;
        }

        if (++leader.HeartbeatElapsed >= _options.HeartbeatTicks)
        {
            leader.HeartbeatElapsed = 0;
            BroadcastHeartbeat(leader);
        }

        TickSnapshotSends(leader);
    }

    private void FlushGuided(LeaderState leader)
    {
        foreach (Progress progress in leader.Followers)
        {
            if (progress.State == ProgressState.Snapshot)
            {
                RequestSnapshotPiece(progress);
            }
        }

        if (!leader.Reads.IsUnderWay && leader.Reads.WaitingCount > 0 && HasCommittedInTerm)
        {
            leader.Reads.Begin(Log.CommitIndex, Now);
        }
    }

    // How far a follower is, the guide does not tell; what it applied, it has. One that has not applied where this log begins
    // is sent the snapshot: if its own log holds that already, it says so after the first piece.
    private void FollowProgress(HeartbeatResponse response)
    {
        if (State is not LeaderState leader || leader.Find(response.From) is not { State: not ProgressState.Snapshot } progress)
        {
            return;
        }

        if (response.AppliedIndex < Log.Start.Index)
        {
            BeginSnapshot(progress);
        }
        else if (progress.MatchedTo(LogIndex.Min(response.AppliedIndex, Log.CommitIndex)) && progress.State == ProgressState.Probe)
        {
            progress.BecomeReplicate();
        }
    }

    private void CommitAsLeader(LeaderState? leader, LogIndex reached)
    {
        for (LogIndex index = Log.CommitIndex.Next; leader is not null && index <= reached; index = index.Next)
        {
            LogEntry entry = Log.EntryAt(index);
            if (entry.Term == CurrentTerm)
            {
                leader.UncommittedBytes -= entry.SizeBytes;
            }
        }

        Check.That(leader is null || leader.UncommittedBytes >= 0, "uncommitted bytes are counted once", leader?.UncommittedBytes ?? 0, 0);
        Log.CommitTo(reached);
    }
}
