using RaftKv.Core.Disk.Device;
using RaftKv.Core.Disk.Log;
using RaftKv.Core.Disk.Snapshots;
using RaftKv.Core.Raft.Log;

namespace RaftKv.Core.Disk;

/// <summary>
/// Everything in a stopped node's directory, verified and unchanged: what <see cref="ReplicaDisk.Open"/> would find.
/// </summary>
/// <param name="Log">The log as it was read; null when there is none.</param>
/// <param name="Snapshots">All snapshots, the newest last.</param>
/// <param name="HardState">What a start would begin with.</param>
/// <param name="LogStart">The entry before the log's first one.</param>
/// <param name="LastEntry">The log's last entry.</param>
public sealed record DiskInspection(
    WalContents? Log, IReadOnlyList<LoadedSnapshot> Snapshots, HardState HardState, EntryId LogStart, EntryId LastEntry)
{
    /// <summary>The log as a start would begin with it, after <see cref="LogStart"/>.</summary>
    public IReadOnlyList<LogEntry> Entries { get; private init; } = [];

    /// <summary>
    /// Verifies all snapshots, the log, and that the two fit together. Throws <see cref="StorageCorruptException"/> at
    /// the first damage.
    /// </summary>
    /// <param name="observer">Is shown each log record; null for none.</param>
    public static DiskInspection Run(IStorageDevice device, ulong clusterId, NodeId node, Action<WalRecordSeen>? observer = null)
    {
        var snapshots = new List<LoadedSnapshot>();
        foreach (string name in device.List())
        {
            if (SnapshotFormat.TryParseFileName(name, out EntryId last))
            {
                snapshots.Add(SnapshotLoader.Load(device, last, clusterId));
            }
        }

        LoadedSnapshot? newest = snapshots.Count == 0 ? null : snapshots[^1];
        WalContents? contents = WalRecovery.Read(device, clusterId, node, out _, observer);
        if (contents is null)
        {
            return newest is null
                ? new DiskInspection(null, snapshots, default, EntryId.Zero, EntryId.Zero)
                : throw new StorageCorruptException(WalFormat.SegmentName(1), 0, "there is a snapshot, and the write-ahead log is gone.");
        }

        RecoveredLog log = RecoveredLog.Reconcile(contents, newest?.Info);
        EntryId end = log.Entries.Count == 0 ? log.Start : log.Entries[^1].Id;
        return new DiskInspection(contents, snapshots, log.HardState, log.Start, end) { Entries = log.Entries };
    }
}
