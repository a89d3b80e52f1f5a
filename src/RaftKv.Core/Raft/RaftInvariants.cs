using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Roles;

namespace RaftKv.Core.Raft;

/// <summary>
/// What must hold in one node at every moment: one English line, one check. The cheap part runs after every batch of
/// inputs, in production too; <see cref="CheckAll"/> walks the log and runs in tests and simulation. What must hold
/// between nodes is checked by the simulator, which sees them all.
/// </summary>
public static class RaftInvariants
{
    /// <summary>Constant time. Throws <see cref="InvariantViolationException"/>.</summary>
    public static void CheckCheap(RaftCore raft)
    {
        RaftLog log = raft.Log;
        Check.That(log.Start.Index <= log.CommitIndex, "start <= commitIndex", log.Start.Index.Value, log.CommitIndex.Value);
        Check.That(log.CommitIndex <= log.LastEntry.Index, "commitIndex <= lastIndex", log.CommitIndex.Value, log.LastEntry.Index.Value);
        Check.That(log.PersistedIndex <= log.HandedIndex, "persistedIndex <= handedIndex", log.PersistedIndex.Value, log.HandedIndex.Value);
        Check.That(log.HandedIndex <= log.LastEntry.Index, "handedIndex <= lastIndex", log.HandedIndex.Value, log.LastEntry.Index.Value);
        Check.That(log.LastEntry.Term <= raft.CurrentTerm, "no entry is of a later term", log.LastEntry.Term.Value, raft.CurrentTerm.Value);
        Check.That(
            log.Start.Index <= raft.Snapshot.Index || raft.Snapshot.Index == LogIndex.Zero && log.Start.Index == LogIndex.Zero,
            "what is compacted is in a snapshot", log.Start.Index.Value, raft.Snapshot.Index.Value);
        Check.That(raft.Role != Role.Leader || raft.VotedFor == raft.Self, "a leader voted for itself in its term");
        Check.That(
            raft.Heard.Term <= raft.CurrentTerm, "no leader of a later term was heard", raft.Heard.Term.Value, raft.CurrentTerm.Value);
        Check.That(raft.Role != Role.Candidate || raft.VotedFor == raft.Self, "a candidate voted for itself in its term");

        // The entry may be in a snapshot already, which tells no terms.
        Check.That(
            raft.Role != Role.Leader || raft.Membership.IsVoter(raft.Self)
                || log.TermAt(raft.MembershipIndex) is not { } begun || begun == raft.CurrentTerm,
            "a leader is a voter, or was one when it began its own removal");
        Check.That(
            raft.MembershipIndex <= log.LastEntry.Index, "no membership outlives its entry", raft.MembershipIndex.Value,
            log.LastEntry.Index.Value);
    }

    /// <summary>Linear in the log. Throws <see cref="InvariantViolationException"/>.</summary>
    public static void CheckAll(RaftCore raft)
    {
        CheckCheap(raft);
        CheckEntries(raft.Log);
        if (raft.State is LeaderState leader)
        {
            CheckFollowers(leader, raft.Log);
        }
    }

    /// <summary>
    /// What is held stays within its bound in bytes (Q1). Constant time, but for the followers. For the simulator: a node
    /// that held a little too much would be no safer for stopping.
    /// </summary>
    /// <param name="largestBytes">Largest entry that there can be, its overhead included.</param>
    public static void CheckBounds(RaftCore raft, long largestBytes)
    {
        long most = raft.MostLogBytes(largestBytes);
        Check.That(raft.Log.Bytes <= most, "the log in memory stays within its bound", raft.Log.Bytes, most);
        long mostUnsynced = raft.MostUnsyncedBytes(largestBytes);
        Check.That(raft.UnsyncedBytes <= mostUnsynced, "what waits for the disk stays within its bound", raft.UnsyncedBytes, mostUnsynced);
        if (raft.State is not LeaderState leader)
        {
            return;
        }

        long mostInflight = raft.MostInflightBytes(largestBytes);
        foreach (Progress progress in leader.Followers)
        {
            Check.That(
                progress.InflightBytes <= mostInflight, "what is under way to a follower stays within its bound",
                progress.InflightBytes, mostInflight);
        }
    }

    /// <summary>Entries are contiguous, their terms never fall, and their bytes are counted right.</summary>
    public static void CheckEntries(RaftLog log)
    {
        EntryId previous = log.Start;
        long bytes = 0;
        for (LogIndex index = log.FirstIndex; index <= log.LastEntry.Index; index = index.Next)
        {
            EntryId id = log.EntryAt(index).Id;
            Check.That(id.Index == previous.Index.Next, "entries are contiguous", id.Index.Value, previous.Index.Value);
            Check.That(id.Term >= previous.Term, "terms never fall along the log", id.Term.Value, previous.Term.Value);
            previous = id;
            bytes += log.EntryAt(index).SizeBytes;
        }

        Check.That(bytes == log.Bytes, "the log counts its bytes right", bytes, log.Bytes);
    }

    private static void CheckFollowers(LeaderState leader, RaftLog log)
    {
        foreach (Progress progress in leader.Followers)
        {
            Check.That(progress.MatchIndex < progress.NextIndex, "matchIndex < nextIndex", progress.MatchIndex.Value, progress.NextIndex.Value);
            Check.That(progress.MatchIndex <= log.LastEntry.Index, "matchIndex <= lastIndex", progress.MatchIndex.Value, log.LastEntry.Index.Value);
            Check.That(progress.NextIndex <= log.LastEntry.Index.Next, "nextIndex <= lastIndex + 1", progress.NextIndex.Value, log.LastEntry.Index.Value);
            Check.That((progress.State == ProgressState.Snapshot) == (progress.Sending is not null), "a snapshot is sent exactly in its state");
        }

        Check.That(leader.UncommittedBytes >= 0, "uncommittedBytes >= 0", leader.UncommittedBytes, 0);
    }
}
