using RaftKv.Core.Raft.Members;
using RaftKv.Core.Raft.Messages;
using RaftKv.Core.Raft.Roles;

namespace RaftKv.Core.Raft;

public sealed partial class RaftCore
{
    // The snapshot that the host is verifying and loading. Outlives a change of leader: the host will report on it
    // either way.
    private SnapshotReceive? _installing;

    /// <summary>True while a follower is being sent a snapshot and answers.</summary>
    public bool IsSendingSnapshot
    {
        get
        {
            if (State is LeaderState leader)
            {
                foreach (Progress progress in leader.Followers)
                {
                    if (progress.Sending is not null && IsHeard(progress))
                    {
                        return true;
                    }
                }
            }

            return false;
        }
    }

    /// <summary>True while a follower is being sent this snapshot, whether it answers or not.</summary>
    public bool IsSending(EntryId snapshot)
    {
        if (State is LeaderState leader)
        {
            foreach (Progress progress in leader.Followers)
            {
                if (progress.Sending?.Snapshot == snapshot)
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>
    /// A snapshot of our own is durable: entries up to <paramref name="compactTo"/> (at most its end) may go.
    /// </summary>
    public void SnapshotTaken(EntryId snapshot, LogIndex compactTo)
    {
        Check.That(compactTo <= snapshot.Index, "only what the snapshot covers is compacted", compactTo.Value, snapshot.Index.Value);
        if (snapshot.Index > Snapshot.Index)
        {
            Snapshot = snapshot;
            IsLogRoomWanted = false;
            Log.CompactTo(compactTo);
            _members.CompactTo(snapshot.Index);
        }
    }

    /// <summary>A piece of the snapshot file was read for a follower.</summary>
    public void SnapshotPieceLoaded(NodeId to, EntryId snapshot, long totalBytes, long offset, ReadOnlyMemory<byte> data, Membership membership)
    {
        if (FindSend(to, snapshot) is { } send && send.Offset == offset)
        {
            SendWhenDurable(new SnapshotChunk(Self, to, CurrentTerm, snapshot, membership, totalBytes, offset, data));
        }
    }

    /// <summary>That snapshot file is gone: a newer one took its place.</summary>
    public void SnapshotPieceMissing(NodeId to, EntryId snapshot)
    {
        if (FindSend(to, snapshot) is not null && State is LeaderState leader && leader.Find(to) is { } progress)
        {
            BeginSnapshot(progress);
        }
    }

    /// <summary>The incoming file of that snapshot now has this length.</summary>
    public void SnapshotPieceStored(EntryId snapshot, long length)
    {
        if (State is not FollowerState { Incoming: { } incoming } follower || incoming.Snapshot != snapshot || _installing is not null)
        {
            return;
        }

        if (length < incoming.TotalBytes)
        {
            SendWhenDurable(new SnapshotResponse(Self, follower.Leader, CurrentTerm, snapshot, length, IsInstalled: false));
            return;
        }

        _installing = incoming;
        Output.ToInstall = incoming;
    }

    /// <summary>
    /// The incoming snapshot is durable and loaded. True when the caller must take its store over; false when the log
    /// has overtaken it meanwhile, and the store is not needed.
    /// </summary>
    public bool SnapshotInstalled(EntryId snapshot)
    {
        Check.That(_installing is not null && _installing.Snapshot == snapshot, "the snapshot that is reported was being installed");
        SnapshotReceive installed = _installing;
        _installing = null;

        // The log may have overtaken the snapshot while it was loaded; then its suffix may be vouched for and must
        // stay.
        bool isNeeded = snapshot.Index > Log.CommitIndex && !Log.Contains(snapshot);
        if (snapshot.Index > Log.CommitIndex && !isNeeded)
        {
            Log.CommitTo(snapshot.Index);
        }

        if (isNeeded)
        {
            Log.ResetTo(snapshot);
            LimitInFlight(LogIndex.Zero);
            _members.ResetTo(snapshot.Index, installed.Membership);
            _allApplied = _allApplied.AfterChange(CurrentTerm);
            _pendingLogStart = snapshot;
        }

        if (snapshot.Index > Snapshot.Index)
        {
            Snapshot = snapshot;
            _members.CompactTo(snapshot.Index);
        }

        if (State is FollowerState follower)
        {
            follower.Incoming = null;
            ReportInstalled(follower.Leader, snapshot);
        }

        return isNeeded;
    }

    /// <summary>The incoming snapshot was bad and is dropped; the leader sends it again from its start.</summary>
    public void SnapshotRefused(EntryId snapshot)
    {
        _installing = null;
        if (State is FollowerState follower)
        {
            follower.Incoming = null;
            if (!follower.Leader.IsNone)
            {
                SendWhenDurable(new SnapshotResponse(Self, follower.Leader, CurrentTerm, snapshot, 0, IsInstalled: false));
            }
        }
    }

    private void BeginSnapshot(Progress progress)
    {
        Check.That(Snapshot.Index >= Log.Start.Index, "what is compacted is in a snapshot", Snapshot.Index.Value, Log.Start.Index.Value);
        progress.BecomeSnapshot(Snapshot);
        RequestSnapshotPiece(progress);
    }

    private void RequestSnapshotPiece(Progress progress)
    {
        if (progress.Sending is { Offset: 0 } unbegun && unbegun.Snapshot != Snapshot)
        {
            // Nothing of it is there yet: the newest saves the follower the way between.
            progress.BecomeSnapshot(Snapshot);
        }

        if (progress.Sending is { IsWaiting: false } send)
        {
            send.IsWaiting = true;
            send.SilentTicks = 0;
            Output.PiecesWanted.Add(new SnapshotPieceWanted(progress.Node, send.Snapshot, send.Offset));
        }
    }

    private void TickSnapshotSends(LeaderState leader)
    {
        foreach (Progress progress in leader.Followers)
        {
            // A lost piece or answer: ask again from the last known place. A node that is installing is silent for
            // longer; a repeat is harmless.
            if (progress.Sending is { } send && ++send.SilentTicks >= _options.ElectionTimeoutTicks)
            {
                send.SilentTicks = 0;
                send.IsWaiting = false;
            }
        }
    }

    private SnapshotSend? FindSend(NodeId to, EntryId snapshot) =>
        State is LeaderState leader && leader.Find(to) is { Sending: { } send } && send.Snapshot == snapshot ? send : null;

    private void HandleSnapshotChunk(SnapshotChunk chunk)
    {
        NoteLeaderContact(chunk);
        if (_installing is not null || State is not FollowerState follower)
        {
            return;
        }

        if (chunk.Snapshot.Index <= Log.CommitIndex || Log.Contains(chunk.Snapshot))
        {
            // The log already has all of it, and what the leader snapshotted is committed.
            if (chunk.Snapshot.Index > Log.CommitIndex)
            {
                Log.CommitTo(chunk.Snapshot.Index);
            }

            ReportInstalled(chunk.From, chunk.Snapshot);
            return;
        }

        if (follower.Incoming is null || follower.Incoming.Snapshot != chunk.Snapshot)
        {
            follower.Incoming = new SnapshotReceive(chunk.Snapshot, chunk.Membership, chunk.TotalBytes);
        }

        Output.PiecesReceived.Add(new SnapshotPieceReceived(follower.Incoming, chunk.Offset, chunk.Data));
    }

    private void HandleSnapshotResponse(SnapshotResponse response)
    {
        if (State is not LeaderState leader || leader.Find(response.From) is not { } progress)
        {
            return;
        }

        NoteFollowerContact(progress);
        if (FindSend(response.From, response.Snapshot) is not { } send)
        {
            return;
        }

        if (response.IsInstalled)
        {
            bool isNews = progress.MatchedTo(response.Snapshot.Index);
            progress.BecomeProbe(progress.MatchIndex.Next);
            if (isNews)
            {
                AdvanceCommit(leader);
                ContinueTransfer(leader, progress);
            }

            return;
        }

        send.Offset = response.NextOffset;
        send.IsWaiting = false;
        send.SilentTicks = 0;
    }

    private void ReportInstalled(NodeId leader, EntryId snapshot)
    {
        if (!leader.IsNone)
        {
            SendWhenAllDurable(new SnapshotResponse(Self, leader, CurrentTerm, snapshot, 0, IsInstalled: true));
        }
    }
}
