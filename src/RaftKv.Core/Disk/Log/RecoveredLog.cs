using RaftKv.Core.Disk.Device;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Replica;

namespace RaftKv.Core.Disk.Log;

/// <summary>The log as it stands beside the newest snapshot.</summary>
/// <param name="NewStart">Where the log restarts, when that must be written down; null when the log stays as it
/// is.</param>
internal sealed record RecoveredLog(HardState HardState, EntryId Start, IReadOnlyList<LogEntry> Entries, EntryId? NewStart)
{
    /// <summary>
    /// Joins log and snapshot. The log holds the snapshot's last entry: it stays (Raft 7, rule 6 of figure 13). It does
    /// not: a crash came between the install and the record of it, and the log restarts at the snapshot (rule 7). It
    /// starts behind the snapshot: refused.
    /// </summary>
    public static RecoveredLog Reconcile(WalContents contents, SnapshotInfo? snapshot)
    {
        EntryId last = snapshot?.LastEntry ?? EntryId.Zero;
        if (contents.LogStart.Index > last.Index)
        {
            throw Gap(contents, last);
        }

        if (snapshot is null || TermAt(contents, last.Index) == last.Term)
        {
            return new RecoveredLog(contents.HardState, contents.LogStart, contents.Entries, NewStart: null);
        }

        // The snapshot became durable on its own thread, perhaps before the term in which it was sent. A node whose
        // term is below its own last entry's would be a contradiction; no vote can have been given in a term that is
        // not durable.
        HardState state = contents.HardState;
        if (state.Term < last.Term)
        {
            state = state with { Term = last.Term, VotedFor = NodeId.None };
        }

        state = state with { CommitIndex = LogIndex.Max(state.CommitIndex, last.Index) };
        return new RecoveredLog(state, last, [], NewStart: last);
    }

    private static Term? TermAt(WalContents contents, LogIndex index)
    {
        if (index == contents.LogStart.Index)
        {
            return contents.LogStart.Term;
        }

        return index <= contents.LastEntry.Index ? contents.Entries[(int)(index - contents.LogStart.Index) - 1].Term : null;
    }

    private static StorageCorruptException Gap(WalContents contents, EntryId last)
    {
        string cause = contents.MissingSequence > 0
            ? $"{WalFormat.SegmentName(contents.MissingSequence)} is missing"
            : "older segments, or the snapshot, are missing";
        string have = last == EntryId.Zero ? "there is no snapshot" : $"the newest snapshot ends at {last}";
        return new StorageCorruptException(
            contents.Segments[0].Name, 0,
            $"the log starts after {contents.LogStart}, and {have}: {cause}. Put the file back, or remove the member from the cluster,"
            + " empty its data directory and add it as a new member.");
    }
}
