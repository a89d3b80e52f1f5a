using RaftKv.Core.Disk.Device;
using RaftKv.Core.Disk.Log;
using RaftKv.Core.Disk.Snapshots;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Replica;

namespace RaftKv.Core.Disk;

/// <summary>
/// The disk of a node whose cluster begins with a state instead of with nothing: a snapshot, and an empty log behind it.
/// </summary>
public static class DiskFounding
{
    /// <summary>The term that every such cluster begins in: its log is new, and so are its members.</summary>
    public static Term FirstTerm => new(1);

    /// <summary>
    /// Makes the directory anew, durably. Only before the node has ever run on it: everything that is there is deleted, and
    /// an interrupted founding is begun again. Afterwards <see cref="ReplicaDisk.Open"/> opens it.
    /// </summary>
    /// <param name="info">The founders, and the entry that the state counts as; its term is <see cref="FirstTerm"/>.</param>
    /// <param name="blocks">The state, see <see cref="Store.Snapshot.StoreSnapshot"/>.</param>
    public static void Begin(
        IStorageDevice device, WalOptions options, ulong clusterId, NodeId node, SnapshotInfo info,
        IEnumerable<ReadOnlyMemory<byte>> blocks)
    {
        Check.That(info.LastEntry.Term == FirstTerm, "a founded log begins in the first term", info.LastEntry.Term.Value, 1);
        Check.That(info.Membership.IsVoter(node), "a founder votes");
        foreach (string name in device.List())
        {
            device.Delete(name);
        }

        // The snapshot first: a log that starts behind nothing would be refused, and a snapshot without a log is begun again.
        string temporary = SnapshotFormat.FileName(info.LastEntry) + TemporaryFiles.Suffix;
        SnapshotFile.Write(device, temporary, clusterId, info, blocks);
        device.Rename(temporary, SnapshotFormat.FileName(info.LastEntry));
        device.SyncDirectory();
        using WriteAheadLog log = WriteAheadLog.Create(device, options, clusterId, node);
        var state = new HardState(info.LastEntry.Term, NodeId.None, info.LastEntry.Index);
        log.Append(new PersistBatch(1, info.LastEntry, [], state));
        log.Close();
        device.SyncDirectory();
    }
}
