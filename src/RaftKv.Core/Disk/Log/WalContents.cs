using RaftKv.Core.Raft.Log;

namespace RaftKv.Core.Disk.Log;

/// <summary>What a WAL directory holds, as <see cref="WalRecovery"/> read it.</summary>
public sealed class WalContents
{
    /// <summary>Last durable term, vote and commit index.</summary>
    public HardState HardState { get; internal set; }

    /// <summary>The entry before the first of <see cref="Entries"/>.</summary>
    public EntryId LogStart { get; internal set; }

    /// <summary>Contiguous entries after <see cref="LogStart"/>.</summary>
    public List<LogEntry> Entries { get; } = [];

    /// <summary>The log's last entry; <see cref="LogStart"/> when there are no entries.</summary>
    public EntryId LastEntry => Entries.Count == 0 ? LogStart : Entries[^1].Id;

    /// <summary>Segments in use, ascending.</summary>
    public List<WalSegment> Segments { get; } = [];

    /// <summary>
    /// Files that hold nothing: prepared and never used, or deleted before a crash brought them back.
    /// </summary>
    public List<string> Leftovers { get; } = [];

    /// <summary>True when the last segment was sealed and its successor holds nothing yet.</summary>
    public bool IsLastSealed { get; internal set; }

    /// <summary>
    /// Where the write of the last whole group began in the last segment: at 0 when it came with the segment's header.
    /// </summary>
    public int LastGroupOffset { get; internal set; }

    /// <summary>End of the last whole group in the last segment.</summary>
    public int TailOffset { get; internal set; }

    /// <summary>Why reading stopped there; null after a seal.</summary>
    public string? TailReason { get; internal set; }

    /// <summary>Chain value at the tail.</summary>
    public uint TailChain { get; internal set; }

    /// <summary>Number of the last whole group.</summary>
    public ulong LastGroup { get; internal set; }

    /// <summary>First segment that is missing before the ones in use; 0 when none is.</summary>
    internal ulong MissingSequence { get; set; }

    /// <summary>
    /// Lets go of what the snapshot covers, asked after each segment, so that a start holds no more of the log than a
    /// running node does. The log then starts as if these entries' segments had been deleted already, of which a crash may
    /// have brought back any: an entry at or before that start may come again, of a later term.
    /// </summary>
    /// <returns>True when the start has moved.</returns>
    internal bool ForgetCovered(WalKept kept)
    {
        long coveredBytes = 0;
        int covered = 0;
        for (; covered < Entries.Count && Entries[covered].Index <= kept.SnapshotIndex; covered++)
        {
            coveredBytes += Entries[covered].SizeBytes;
        }

        int drop = 0;
        for (; drop < covered && coveredBytes > kept.TrailingBytes; drop++)
        {
            coveredBytes -= Entries[drop].SizeBytes;
        }

        if (drop > 0)
        {
            LogStart = Entries[drop - 1].Id;
            Entries.RemoveRange(0, drop);
        }

        return drop > 0;
    }
}

/// <summary>A segment in use.</summary>
/// <param name="FileBytes">Its length.</param>
/// <param name="Base">The log's last entry when it was begun.</param>
/// <param name="MaxIndex">Highest index that any record of it names; at least the base's.</param>
public readonly record struct WalSegment(ulong Sequence, long FileBytes, EntryId Base, LogIndex MaxIndex)
{
    /// <summary>Its file's name.</summary>
    public string Name => WalFormat.SegmentName(Sequence);
}

/// <summary>How much of the log recovery holds of what the newest snapshot covers.</summary>
/// <param name="SnapshotIndex">Last entry of the snapshot; zero for none.</param>
/// <param name="TrailingBytes">Most bytes of entries at or before it.</param>
public sealed record WalKept(LogIndex SnapshotIndex, long TrailingBytes)
{
    /// <summary>Everything that is there.</summary>
    public static WalKept All { get; } = new(LogIndex.Zero, long.MaxValue);
}
