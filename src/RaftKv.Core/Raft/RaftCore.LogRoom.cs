using RaftKv.Core.Raft.Messages;

namespace RaftKv.Core.Raft;

/// <remarks>
/// The log in memory is bounded in bytes (Q1). Only a snapshot makes room, and it can cover only what is committed; so
/// entries are turned away only while something is committed that no snapshot has. Then the snapshot that the refusal
/// asks for makes room, whatever else stands still.
/// </remarks>
public sealed partial class RaftCore
{
    /// <summary>
    /// Entries were turned away since the last snapshot, for want of room: the next one is due as soon as it can cover
    /// anything.
    /// </summary>
    public bool IsLogRoomWanted { get; private set; }

    /// <summary>
    /// The most that the log may hold: what the leader took up to the limit, what a follower took of it while its
    /// knowledge of the commit lagged, and one message and one entry more, since one always fits.
    /// </summary>
    /// <param name="largestBytes">Largest entry that there can be.</param>
    public long MostLogBytes(long largestBytes) => _options.MaxLogBytes >= long.MaxValue / 4
        ? long.MaxValue
        : (2 * _options.MaxLogBytes) + (_options.MaxLogBytes / 4) + _options.MaxAppendBytes + (2 * largestBytes);

    /// <summary>The most that may be under way to one follower: the limit is looked at before a message is made.</summary>
    public long MostInflightBytes(long largestBytes) => _options.MaxInflightBytes >= long.MaxValue / 4
        ? long.MaxValue
        : _options.MaxInflightBytes + _options.MaxAppendBytes + largestBytes;

    /// <summary>
    /// The most that may be on its way to the disk: the bound is looked at before an entry or a message is taken, and what
    /// dead leaders left is taken once.
    /// </summary>
    /// <param name="largestBytes">Largest entry that there can be.</param>
    public long MostUnsyncedBytes(long largestBytes) => _options.MaxUnsyncedBytes >= long.MaxValue / 4
        ? long.MaxValue
        : _options.MaxUnsyncedBytes + _options.MaxAppendBytes + (2 * largestBytes);

    /// <summary>
    /// The disk has as much to do as may wait for it. It never stops for good without ending the node, so that what is turned
    /// away finds room by itself: no snapshot is needed.
    /// </summary>
    private bool IsDiskBehind => UnsyncedBytes >= _options.MaxUnsyncedBytes;

    /// <summary>The leader's question: is there room for one more?</summary>
    /// <remarks>
    /// Danger: 1. Nothing beyond the snapshot is in the log. 2. One entry is larger than the room that is left. 3. It is
    /// refused, and since nothing is to be snapshotted, for ever. So an entry that follows a snapshot is always taken.
    /// </remarks>
    private bool HasLogRoom(int entryBytes)
    {
        if (IsDiskBehind)
        {
            return false;
        }

        if (Log.Bytes + entryBytes <= _options.MaxLogBytes || Log.LastEntry.Index <= Snapshot.Index)
        {
            return true;
        }

        IsLogRoomWanted = true;
        return false;
    }

    /// <summary>
    /// The follower's: are the entries of a message dropped, as if it had been lost? Asked once the entry before them is
    /// known to agree.
    /// </summary>
    /// <remarks>
    /// Danger: 1. A follower's log is full of entries that nobody committed, since their leader died. 2. The next leader
    /// can commit them only with an entry of its own term, which must be appended first. 3. Were that dropped for want of
    /// room, nothing could ever commit. So nothing is dropped unless its own snapshot can make room. See
    /// A_follower_full_of_uncommitted_entries_takes_what_commits_them.
    /// </remarks>
    private bool MustDropForRoom(AppendRequest request)
    {
        if (IsDiskBehind && request.Entries.Count > 0)
        {
            return true;
        }

        LogIndex agreed = LogIndex.Min(request.CommitIndex, request.Previous.Index);
        LogIndex commit = LogIndex.Max(Log.CommitIndex, agreed);
        if (request.Entries.Count == 0 || Log.Bytes < _options.MaxLogBytes || commit <= Snapshot.Index)
        {
            return false;
        }

        // What it says of the commit is taken all the same: that is what a snapshot can cover.
        Log.CommitTo(commit);
        IsLogRoomWanted = true;
        return true;
    }
}
