using RaftKv.Core.Identity;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Raft.Messages;
using RaftKv.Core.Raft.Roles;

namespace RaftKv.Core.Raft;

public sealed partial class RaftCore
{
    /// <summary>
    /// Appends a client's entry on the leader. Null when this node may not: no leader, handing over, or too many bytes
    /// uncommitted or in the log (<paramref name="isOverloaded"/>), in which case nothing happened.
    /// </summary>
    public EntryId? Propose(ReadOnlyMemory<byte> payload, out bool isOverloaded)
    {
        isOverloaded = false;
        if (State is not LeaderState leader || !leader.TransferTarget.IsNone)
        {
            return null;
        }

        // One entry always fits, however large, so that a limit below one entry's size can't block for ever.
        bool isFull = leader.UncommittedBytes > 0 && leader.UncommittedBytes + payload.Length > _options.MaxUncommittedBytes;
        if (isFull || !HasLogRoom(payload.Length + LogEntry.OverheadBytes))
        {
            isOverloaded = true;
            return null;
        }

        return AppendEntry(leader, EntryKind.Command, payload);
    }

    /// <summary>
    /// Sends every follower what it may get now. Called once after a batch of inputs, so that a batch of proposals
    /// makes one message.
    /// </summary>
    public void FlushReplication()
    {
        if (State is not LeaderState leader)
        {
            return;
        }

        if (_options.IsGuided)
        {
            FlushGuided(leader);
            return;
        }

        ContinueMembership(leader);
        foreach (Progress progress in leader.Followers)
        {
            SendAppends(progress);
            SendCommitNotice(progress);
        }

        BeginReadRound(leader);
    }

    private EntryId AppendEntry(LeaderState leader, EntryKind kind, ReadOnlyMemory<byte> payload)
    {
        var entry = new LogEntry(new EntryId(CurrentTerm, Log.LastEntry.Index.Next), kind, payload);
        AppendToLog(entry);
        leader.AppendTimes.Appended(entry.Index, Now);
        leader.UncommittedBytes += entry.SizeBytes;
        if (_members.Appended(entry))
        {
            FollowMembership(leader);
        }

        return entry.Id;
    }

    private void SendAppends(Progress progress)
    {
        if (progress.State == ProgressState.Snapshot)
        {
            RequestSnapshotPiece(progress);
            return;
        }

        while (MaySendAppend(progress))
        {
            LogIndex previous = progress.NextIndex + -1;
            if (Log.TermAt(previous) is not { } previousTerm)
            {
                // What it needs next is compacted away.
                BeginSnapshot(progress);
                return;
            }

            IReadOnlyList<LogEntry> entries = Log.Slice(progress.NextIndex, _options.MaxAppendBytes);
            if (entries.Count == 0 && progress.State == ProgressState.Replicate)
            {
                return;
            }

            SendWhenDurable(new AppendRequest(
                Self, progress.Node, CurrentTerm, new EntryId(previousTerm, previous), entries, Log.CommitIndex));
            progress.SentCommitIndex = Log.CommitIndex;
            if (progress.State == ProgressState.Probe)
            {
                progress.IsProbeSent = true;
                return;
            }

            progress.Sent(entries[^1].Index, SizeOf(entries));
        }
    }

    private bool MaySendAppend(Progress progress) => progress.State == ProgressState.Probe
        ? !progress.IsProbeSent
        : progress.InflightCount < _options.MaxInflightAppends && progress.NextIndex <= Log.LastEntry.Index
            && (progress.InflightCount == 0 || progress.InflightBytes < _options.MaxInflightBytes);

    private static long SizeOf(IReadOnlyList<LogEntry> entries)
    {
        long bytes = 0;
        for (int i = 0; i < entries.Count; i++)
        {
            bytes += entries[i].SizeBytes;
        }

        return bytes;
    }

    /// <summary>
    /// A follower with nothing else to get still learns the new commit index at once: its own clients wait for it.
    /// </summary>
    private void SendCommitNotice(Progress progress)
    {
        LogIndex commit = LogIndex.Min(progress.MatchIndex, Log.CommitIndex);
        if (progress.State == ProgressState.Replicate && commit > progress.SentCommitIndex)
        {
            progress.SentCommitIndex = commit;
            SendWhenDurable(new CommitNotice(Self, progress.Node, CurrentTerm, commit, AllAppliedIndex)
            {
                Generation = Membership.Generation,
            });
        }
    }

    private void BroadcastHeartbeat(LeaderState leader)
    {
        foreach (Progress progress in leader.Followers)
        {
            LogIndex commit = LogIndex.Min(progress.MatchIndex, Log.CommitIndex);
            progress.SentCommitIndex = LogIndex.Max(progress.SentCommitIndex, commit);
            SendWhenDurable(new Heartbeat(Self, progress.Node, CurrentTerm, commit, leader.Reads.Round)
            {
                SentAt = Now,
                AllAppliedIndex = AllAppliedIndex,
                Generation = Membership.Generation,
            });
        }
    }

    /// <summary>
    /// A pipeline that made no progress between two heartbeats has probably lost a message: find the place again and
    /// resend.
    /// A slow disk looks the same; the cost is one message a heartbeat.
    /// </summary>
    private void NoticeLostMessages(LeaderState leader)
    {
        foreach (Progress progress in leader.Followers)
        {
            bool isStuck = progress.MatchIndex == progress.MatchAtLastHeartbeat && progress.MatchIndex < Log.LastEntry.Index;
            progress.MatchAtLastHeartbeat = progress.MatchIndex;
            progress.IsProbeSent = false;
            if (isStuck && progress.State == ProgressState.Replicate && progress.InflightCount > 0)
            {
                progress.BecomeProbe(progress.MatchIndex.Next);
            }
        }
    }

    private void HandleAppendRequest(AppendRequest request)
    {
        NoteLeaderContact(request);
        LogIndex last = request.Previous.Index + request.Entries.Count;
        if (last < Log.CommitIndex || request.Previous.Index < Log.Start.Index)
        {
            // Late or repeated: what is committed here agrees with every leader (leader completeness, 5.4.3).
            Accept(request, Log.CommitIndex);
            return;
        }

        if (!Log.Contains(request.Previous))
        {
            LogIndex hint = Log.FindConflictHint(request.Previous.Index, request.Previous.Term);
            SendWhenDurable(new AppendRejected(
                Self, request.From, CurrentTerm, request.Previous.Index, new EntryId(Log.TermAt(hint) ?? Term.Zero, hint)));
            return;
        }

        if (MustDropForRoom(request))
        {
            return;
        }

        Merge(request.Entries);
        LogIndex commit = LogIndex.Min(request.CommitIndex, last);
        if (commit > Log.CommitIndex)
        {
            Log.CommitTo(commit);
        }

        Accept(request, last);
    }

    /// <summary>
    /// Raft 5.3: only an entry that contradicts ours truncates; a shorter or older message takes nothing away, since we
    /// may already have vouched for what is beyond it.
    /// </summary>
    private void Merge(IReadOnlyList<LogEntry> entries)
    {
        for (int i = 0; i < entries.Count; i++)
        {
            LogEntry entry = entries[i];
            if (Log.TermAt(entry.Index) is { } term)
            {
                if (term == entry.Term)
                {
                    continue;
                }

                TruncateLog(entry.Index);
            }

            AppendToLog(entry);
            if (_members.Appended(entry))
            {
                _allApplied = _allApplied.AfterChange(CurrentTerm);
            }
        }
    }

    private void Accept(AppendRequest request, LogIndex match) => SendWhenAllDurable(new AppendAccepted(
        Self, request.From, CurrentTerm, match));

    private void HandleAppendResponse(AppendResponse response)
    {
        if (State is not LeaderState leader || leader.Find(response.From) is not { } progress)
        {
            return;
        }

        NoteFollowerContact(progress);
        switch (response)
        {
            case AppendAccepted accepted:
                HandleAccepted(leader, progress, accepted.MatchIndex);
                break;
            case AppendRejected rejected:
                HandleRejected(progress, rejected);
                break;
            default:
                Check.Unreachable<bool>(response);
                break;
        }
    }

    private void HandleAccepted(LeaderState leader, Progress progress, LogIndex match)
    {
        Check.That(match <= Log.LastEntry.Index, "a follower matches only what the leader has", match.Value, Log.LastEntry.Index.Value);
        bool isNews = progress.MatchedTo(match);
        switch (progress.State)
        {
            case ProgressState.Probe:
                // Also without news: the answer proves that the logs agree here, and a repeated probe would only repeat
                // it.
                progress.BecomeReplicate();
                break;
            case ProgressState.Snapshot when isNews && progress.MatchIndex >= Log.Start.Index:
                progress.BecomeProbe(progress.MatchIndex.Next);
                break;
            default:
                break;
        }

        if (isNews)
        {
            AdvanceCommit(leader);
            ContinueTransfer(leader, progress);
        }
    }

    private void HandleRejected(Progress progress, AppendRejected response)
    {
        bool isStale = progress.State switch
        {
            ProgressState.Replicate => response.Previous <= progress.MatchIndex,
            ProgressState.Probe => progress.NextIndex + -1 != response.Previous,
            _ => true,
        };
        if (isStale)
        {
            return;
        }

        // The follower's log ends, or leaves ours, at its hint; ours may leave it earlier still, where terms are
        // higher.
        LogIndex agree = LogIndex.Min(response.Previous + -1, response.Hint.Index);
        if (response.Hint.Term > Term.Zero && agree > Log.Start.Index)
        {
            agree = Log.FindConflictHint(agree, response.Hint.Term);
        }

        progress.BecomeProbe(LogIndex.Max(agree, progress.MatchIndex).Next);
    }

    private void HandleHeartbeat(Heartbeat heartbeat)
    {
        NoteLeaderContact(heartbeat);
        HearCommit(heartbeat.CommitIndex, heartbeat.AllAppliedIndex, heartbeat.Generation);
        SendWhenDurable(new HeartbeatResponse(Self, heartbeat.From, CurrentTerm, heartbeat.ReadRound)
        {
            SentAt = heartbeat.SentAt,
            AppliedIndex = AppliedIndex,
            StateHash = AppliedHash,
            Facts = OwnFacts with { DelayTicks = OwnDelayTicks },
            Supported = _options.Supported,
            PatienceTicks = _options.ElectionTimeoutTicks,
        });
    }

    private void HandleCommitNotice(CommitNotice notice)
    {
        NoteLeaderContact(notice);
        HearCommit(notice.CommitIndex, notice.AllAppliedIndex, notice.Generation);
    }

    private void HearCommit(LogIndex commitIndex, LogIndex allAppliedIndex, long generation)
    {
        if (commitIndex > Log.CommitIndex)
        {
            // The leader tells at most what this node acknowledged to it. A log that ends before that has lost what was
            // durable, and in a way that its own files do not show: the disk forgot the last sync (docs/fault-model.md).
            if (commitIndex > Log.LastEntry.Index)
            {
                throw new MemberRefusedException(
                    $"The leader knows that this node acknowledged the log up to entry {commitIndex}, and it ends at"
                    + $" {Log.LastEntry.Index}: the disk lost a synced write, or an old copy of the data directory was put back."
                    + " The member must be replaced.");
            }

            Log.CommitTo(commitIndex);
        }

        _allApplied = _allApplied.Heard(CurrentTerm, generation, allAppliedIndex, Membership.Generation);
    }

    private void HandleHeartbeatResponse(HeartbeatResponse response)
    {
        if (State is not LeaderState leader || leader.Find(response.From) is not { } progress)
        {
            return;
        }

        NoteFollowerContact(progress);
        progress.Supported = response.Supported;
        progress.DelayTicks = response.Facts.DelayTicks;
        progress.AckedReadRound = Math.Max(progress.AckedReadRound, response.ReadRound);
        NoteHeartbeatAcknowledged(leader, progress, response);
        EndConfirmedReadRounds(leader);
    }

    private void AdvanceCommit(LeaderState leader)
    {
        if (_options.IsGuided)
        {
            return;
        }

        leader.SelfPersistedIndex = Log.PersistedIndex;
        var reached = new LogIndex(Quorum.HighestReached(Membership, leader));

        // Raft 5.4.2: only entries of the current term commit by counting; older ones commit with them. See
        // Paper_5_4_2, figure 8.
        if (reached <= Log.CommitIndex || Log.TermAt(reached) != CurrentTerm)
        {
            return;
        }

        CommitAsLeader(leader, reached);
    }

    private static void NoteFollowerContact(Progress progress)
    {
        progress.IsRecentlyActive = true;
        progress.SilentTicks = 0;
    }
}
