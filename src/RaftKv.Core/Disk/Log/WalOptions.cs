using RaftKv.Core.Disk.Snapshots;
using RaftKv.Core.Store.Gates;

namespace RaftKv.Core.Disk.Log;

/// <summary>Settings of a node's disk. Checked once, when the disk is opened.</summary>
public sealed record WalOptions
{
    /// <summary>What the build knows; a snapshot that needs more is refused.</summary>
    public GateTable Gates { get; init; } = GateTable.ThisBuild;

    /// <summary>Smallest allowed <see cref="SegmentBytes"/>.</summary>
    public const long MinSegmentBytes = WalFormat.PageBytes;

    /// <summary>Largest allowed <see cref="SegmentBytes"/>: a segment is read as one buffer at start.</summary>
    public const long MaxSegmentBytes = 1L << 30;

    /// <summary>
    /// Length of a WAL segment, a multiple of 4096. A group that does not fit gets a longer segment of its own.
    /// </summary>
    public long SegmentBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>Most bytes of entries that a start keeps of those that the newest snapshot covers.</summary>
    public long TrailingBytes { get; init; } = long.MaxValue;

    /// <summary>Uncompressed bytes of one block of a snapshot file.</summary>
    public int SnapshotBlockBytes { get; init; } = 64 * 1024;

    /// <summary>Use the files of deleted segments again, so that a steady state zeroes no new ones.</summary>
    public bool IsRecycling { get; init; } = true;

    /// <summary>
    /// The host knows that this node has run before: a directory without a log is then refused, because a node that
    /// forgot its vote and its acknowledged entries must not come back under its old id.
    /// </summary>
    public bool IsLogExpected { get; init; }

    /// <summary>What is wrong with these settings, in sentences; empty when nothing is.</summary>
    public IEnumerable<string> Validate()
    {
        if (SegmentBytes is < MinSegmentBytes or > MaxSegmentBytes || SegmentBytes % WalFormat.PageBytes != 0)
        {
            yield return
                $"SegmentBytes is {SegmentBytes}; it must be a multiple of {WalFormat.PageBytes} from {MinSegmentBytes} to {MaxSegmentBytes}.";
        }

        if (SnapshotBlockBytes is < 64 or > SnapshotFormat.MaxBlockBytes)
        {
            yield return $"SnapshotBlockBytes is {SnapshotBlockBytes}; it must be from 64 to {SnapshotFormat.MaxBlockBytes}.";
        }
    }
}
