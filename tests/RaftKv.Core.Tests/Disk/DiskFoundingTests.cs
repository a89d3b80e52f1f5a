using RaftKv.Core.Disk;
using RaftKv.Core.Disk.Device;
using RaftKv.Core.Disk.Snapshots;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Replica;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Snapshot;
using static RaftKv.Core.Tests.Disk.WalBench;

namespace RaftKv.Core.Tests.Disk;

/// <summary>The disk of a node whose cluster begins with a state: what it finds, and what a crash on the way leaves.</summary>
public sealed class DiskFoundingTests
{
    private static readonly Membership Founders = new([Self, new NodeId(0xB2)]);
    private static readonly MvccStore State40 = ReplicaDiskTests.StoreAt(40);

    [Fact]
    public void A_founded_disk_has_the_state_an_empty_log_behind_it_and_no_vote()
    {
        var device = new CrashDevice();
        Found(device);
        RecoveredState found = ReplicaDiskTests.Open(device, out ReplicaDisk disk);
        Assert.Equal(Id(1, 40), found.Snapshot!.LastEntry);
        Assert.True(Founders.IsSameAs(found.Snapshot.Membership));
        Assert.Equal(State40.View.StateHash, found.Store.View.StateHash);
        Assert.Equal((Id(1, 40), 0), (found.LogStart, found.Entries.Count));
        Assert.Equal(new HardState(new Term(1), NodeId.None, new LogIndex(40)), found.HardState);
        disk.Append(new PersistBatch(1, null, [Entry(2, 41)], new HardState(new Term(2), Self, new LogIndex(40))));
        disk.Sync();
        disk.Close();
        Assert.Equal(41, ReplicaDiskTests.Open(device, out _).Entries[^1].Index.Value);
    }

    [Fact]
    public void After_a_crash_at_any_operation_it_is_founded_again_and_after_its_end_nothing_is_lost()
    {
        var calm = new CrashDevice();
        Found(calm);
        for (int failAt = 1; failAt <= calm.OperationCount; failAt++)
        {
            var device = new CrashDevice { FailAt = failAt };
            Assert.Throws<StorageFailedException>(() => Found(device));
            var random = new DeterministicRandom((ulong)failAt);
            for (int draw = 0; draw < 4; draw++)
            {
                CrashDevice disk = draw == 3 ? device.AfterKill() : device.AfterPowerCut(random, draw * 400);
                Found(disk);
                RequireWhole(disk.AfterPowerCut(random, chance: 0));
            }
        }

        RequireWhole(calm.AfterPowerCut(new DeterministicRandom(1), chance: 0));
    }

    [Fact]
    public void A_backup_is_no_snapshot_that_a_node_starts_with()
    {
        var device = new CrashDevice();
        Found(device);
        SnapshotInfo info = BackupFile.InfoOf(State40.View, Founders);
        string name = SnapshotFormat.FileName(Id(9, 41));
        SnapshotFile.Write(device, name, Cluster, info, StoreSnapshot.Encode(State40.View, 4096));
        StorageCorruptException refused = Assert.Throws<StorageCorruptException>(() => ReplicaDiskTests.Open(device, out _));
        Assert.Contains("raftkv restore", refused.Message, StringComparison.Ordinal);
    }

    private static void Found(IStorageDevice device) => DiskFounding.Begin(
        device, Small, Cluster, Self, new SnapshotInfo(Id(1, 40), Founders),
        StoreSnapshot.Encode(State40.View, 256));

    private static void RequireWhole(IStorageDevice device)
    {
        RecoveredState found = ReplicaDiskTests.Open(device, out _);
        Assert.Equal((Id(1, 40), Id(1, 40)), (found.Snapshot!.LastEntry, found.LogStart));
        Assert.Equal(State40.View.StateHash, found.Store.View.StateHash);
    }
}
