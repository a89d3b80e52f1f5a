using RaftKv.Core.Disk;
using RaftKv.Core.Disk.Device;
using RaftKv.Core.Disk.Log;
using RaftKv.Core.Disk.Snapshots;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Replica;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using static RaftKv.Core.Tests.Disk.WalBench;

namespace RaftKv.Core.Tests.Disk;

/// <summary>Log, snapshots and store together: what a host gets back after a restart.</summary>
public sealed class ReplicaDiskTests
{
    private static readonly Membership Members = new([Self, new NodeId(0xB2), new NodeId(0xC3)], learners: [new NodeId(0xD4)]);

    [Fact]
    public void A_fresh_disk_gives_the_state_of_a_node_that_never_ran()
    {
        RecoveredState recovered = Open(new CrashDevice(), out ReplicaDisk disk);

        Assert.Equal(default, recovered.HardState);
        Assert.Null(recovered.Snapshot);
        Assert.Empty(recovered.Entries);
        Assert.Equal(EntryId.Zero, recovered.LogStart);
        disk.Close();
    }

    [Fact]
    public void Log_and_newest_snapshot_come_back_together()
    {
        var device = new CrashDevice();
        Open(device, out ReplicaDisk disk);
        disk.Append(new PersistBatch(1, null, [.. Range(1, 10)], State(1, 0xA1, 8)));
        Assert.Equal(1, disk.Sync());
        MvccStore store = StoreAt(6);
        long bytes = disk.WriteSnapshot(new SnapshotInfo(Id(1, 6), Members), store.View);
        disk.Close();

        RecoveredState recovered = Open(device, out _);

        Assert.Equal(State(1, 0xA1, 8), recovered.HardState);
        Assert.Equal(Id(1, 6), recovered.Snapshot!.LastEntry);
        Assert.Equal(Members.Learners, recovered.Snapshot.Membership.Learners);
        Assert.Equal(bytes, recovered.SnapshotBytes);
        Assert.Equal(store.View.StateHash, recovered.Store.View.StateHash);
        AssertEntries(Range(1, 10), recovered.Entries);
    }

    [Fact]
    public void A_snapshot_travels_in_pieces_and_is_installed_with_the_same_state()
    {
        Open(new CrashDevice(), out ReplicaDisk leader);
        MvccStore store = StoreAt(50);
        var info = new SnapshotInfo(Id(2, 50), Members);
        long bytes = leader.WriteSnapshot(info, store.View);
        var device = new CrashDevice();
        Open(device, out ReplicaDisk follower);
        follower.Append(new PersistBatch(1, null, [.. Range(1, 3)], State(1, 0, 0)));
        follower.Sync();

        InstallOutcome outcome = Send(leader, follower, info, 100);
        follower.Append(new PersistBatch(2, info.LastEntry, [Entry(2, 51)], State(2, 0, 50)));
        follower.Sync();

        Assert.True(outcome.IsInstalled);
        Assert.Equal(bytes, outcome.FileBytes);
        Assert.Equal(store.View.StateHash, outcome.Store!.View.StateHash);
        RecoveredState recovered = Open(device, out _);
        Assert.Equal(info.LastEntry, recovered.LogStart);
        AssertEntries([Entry(2, 51)], recovered.Entries);
        Assert.Equal(store.View.StateHash, recovered.Store.View.StateHash);
    }

    [Fact]
    public void A_crash_between_install_and_its_record_restarts_the_log_at_the_snapshot()
    {
        Open(new CrashDevice(), out ReplicaDisk leader);
        var info = new SnapshotInfo(Id(4, 50), Members);
        leader.WriteSnapshot(info, StoreAt(50).View);
        var device = new CrashDevice();
        Open(device, out ReplicaDisk follower);
        follower.Append(new PersistBatch(1, null, [.. Range(1, 60)], State(1, 7, 0)));
        follower.Sync();
        Send(leader, follower, info, 1000);

        RecoveredState recovered = Open(device, out ReplicaDisk disk);

        // Entry 50 of the log is of term 1, not 4: nothing of the log agrees with the snapshot.
        Assert.Equal(info.LastEntry, recovered.LogStart);
        Assert.Empty(recovered.Entries);
        Assert.Equal(State(4, 0, 50), recovered.HardState);
        disk.Append(new PersistBatch(1, null, [Entry(4, 51)], null));
        disk.Sync();
        AssertEntries([Entry(4, 51)], Open(device, out _).Entries);
    }

    [Fact]
    public void A_snapshot_within_the_log_keeps_what_follows_it()
    {
        Open(new CrashDevice(), out ReplicaDisk leader);
        var info = new SnapshotInfo(Id(1, 5), Members);
        leader.WriteSnapshot(info, StoreAt(5).View);
        var device = new CrashDevice();
        Open(device, out ReplicaDisk follower);
        follower.Append(new PersistBatch(1, null, [.. Range(1, 9)], State(1, 0, 0)));
        follower.Sync();
        Send(leader, follower, info, 1000);

        AssertEntries(Range(1, 9), Open(device, out _).Entries);
    }

    [Fact]
    public void A_start_holds_only_so_many_bytes_of_what_the_snapshot_covers()
    {
        var device = new CrashDevice();
        Open(device, out ReplicaDisk disk);
        for (int i = 1; i <= 100; i++)
        {
            disk.Append(new PersistBatch(i, null, [Entry(1, i)], State(1, 0, i)));
            disk.Sync();
        }

        disk.WriteSnapshot(new SnapshotInfo(Id(1, 90), Members), StoreAt(90).View);
        disk.Close();
        long trailing = 3 * Entry(1, 90).SizeBytes;

        RecoveredState recovered = Open(device, out ReplicaDisk again, trailingBytes: trailing);

        Assert.Equal(Id(1, 87), recovered.LogStart);
        AssertEntries([.. Enumerable.Range(88, 13).Select(i => Entry(1, i))], recovered.Entries);
        again.Close();
        AssertEntries([.. Enumerable.Range(91, 10).Select(i => Entry(1, i))], Open(device, out _, trailingBytes: 0).Entries);
    }

    [Fact]
    public void A_later_leaders_entries_before_a_start_that_was_cut_are_taken_as_they_came()
    {
        // Entries of term 1 fill some segments, then a leader of term 2 replaces all from 41 on; the snapshot is of term 2.
        // What is let go of after the first segments belongs to a log that the later ones replace.
        var device = new CrashDevice();
        Open(device, out ReplicaDisk disk);
        int number = 0;
        for (int i = 1; disk.Segments.Count < 4; i++)
        {
            disk.Append(new PersistBatch(++number, null, [Entry(1, i)], State(1, 0, 40)));
            disk.Sync();
        }

        Assert.True(disk.Segments[^1].Base.Index.Value > 41);
        for (int i = 41; i <= 300; i++)
        {
            disk.Append(new PersistBatch(++number, null, [Entry(2, i)], State(2, 0, 40)));
            disk.Sync();
        }

        var info = new SnapshotInfo(Id(2, 280), Members);
        disk.WriteSnapshot(info, StoreAt(280).View);
        disk.Close();

        RecoveredState recovered = Open(device, out _, trailingBytes: 0);

        Assert.Equal(info.LastEntry, recovered.LogStart);
        AssertEntries([.. Enumerable.Range(281, 20).Select(i => Entry(2, i))], recovered.Entries);
    }

    [Fact]
    public void A_chunk_behind_the_end_is_not_stored_and_one_that_overlaps_adds_only_what_is_new()
    {
        Open(new CrashDevice(), out ReplicaDisk disk);
        var info = new SnapshotInfo(Id(1, 5), Members);
        byte[] file = [.. Enumerable.Range(0, 100).Select(i => (byte)i)];

        Assert.Equal(0, disk.StoreChunk(new SnapshotChunkToStore(info, 100, 10, file.AsMemory(10, 10))));
        Assert.Equal(20, disk.StoreChunk(new SnapshotChunkToStore(info, 100, 0, file.AsMemory(0, 20))));
        Assert.Equal(20, disk.StoreChunk(new SnapshotChunkToStore(info, 100, 5, file.AsMemory(5, 10))));
        Assert.Equal(30, disk.StoreChunk(new SnapshotChunkToStore(info, 100, 10, file.AsMemory(10, 20))));
        Assert.Equal(30, disk.StoreChunk(new SnapshotChunkToStore(info, 100, 31, file.AsMemory(31, 5))));
        Assert.Equal(30, disk.StoreChunk(new SnapshotChunkToStore(info, 100, 30, new byte[71])));
        Assert.Equal(7, disk.StoreChunk(new SnapshotChunkToStore(new SnapshotInfo(Id(2, 9), Members), 100, 0, file.AsMemory(0, 7))));
        Assert.Equal(0, disk.StoreChunk(new SnapshotChunkToStore(info, 100, 30, file.AsMemory(30, 10))));
    }

    [Fact]
    public void An_incoming_snapshot_with_any_byte_wrong_is_refused_and_dropped()
    {
        var leaderDevice = new CrashDevice();
        Open(leaderDevice, out ReplicaDisk leader);
        var info = new SnapshotInfo(Id(2, 5), Members);
        leader.WriteSnapshot(info, StoreAt(5).View);
        byte[] file = leaderDevice[SnapshotFormat.FileName(info.LastEntry)];
        var device = new CrashDevice();
        Open(device, out ReplicaDisk follower);
        string[] before = [.. device.List()];

        for (int offset = 0; offset < file.Length; offset++)
        {
            byte[] damaged = (byte[])file.Clone();
            damaged[offset] ^= 0x10;
            follower.StoreChunk(new SnapshotChunkToStore(info, file.Length, 0, damaged));
            InstallOutcome outcome = follower.InstallIncoming(info);
            Assert.False(outcome.IsInstalled, $"offset {offset}");
            Assert.NotNull(outcome.Refusal);
            Assert.Equal(before, device.List());
        }

        follower.StoreChunk(new SnapshotChunkToStore(info, file.Length, 0, file.AsMemory(0, file.Length - 1)));
        Assert.Contains("not whole", follower.InstallIncoming(info).Refusal, StringComparison.Ordinal);
        follower.StoreChunk(new SnapshotChunkToStore(info, file.Length, 0, file));
        Assert.False(follower.InstallIncoming(info with { LastEntry = Id(2, 6) }).IsInstalled);
        follower.StoreChunk(new SnapshotChunkToStore(info, file.Length, 0, file));
        Assert.True(follower.InstallIncoming(info).IsInstalled);
    }

    [Fact]
    public void A_snapshot_of_another_cluster_is_refused()
    {
        (ReplicaDisk stranger, _) = ReplicaDisk.Open(new CrashDevice(), Small, 0xC2, Self);
        var info = new SnapshotInfo(Id(2, 5), Members);
        stranger.WriteSnapshot(info, StoreAt(5).View);
        Open(new CrashDevice(), out ReplicaDisk follower);

        Assert.Contains("cluster 00000000000000c2", Send(stranger, follower, info, 1000).Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void A_newest_snapshot_with_any_byte_wrong_stops_the_node()
    {
        var device = new CrashDevice();
        Open(device, out ReplicaDisk disk);
        disk.Append(new PersistBatch(1, null, [.. Range(1, 9)], State(1, 0, 9)));
        disk.Sync();
        disk.WriteSnapshot(new SnapshotInfo(Id(1, 3), Members), StoreAt(3).View);
        disk.WriteSnapshot(new SnapshotInfo(Id(1, 5), Members), StoreAt(5).View);
        disk.Close();
        byte[] file = device[SnapshotFormat.FileName(Id(1, 5))];
        for (int offset = 0; offset < file.Length; offset++)
        {
            file[offset] ^= 0x04;
            StorageCorruptException refused = Assert.Throws<StorageCorruptException>(() => Open(device, out _));
            Assert.Equal(SnapshotFormat.FileName(Id(1, 5)), refused.File);
            file[offset] ^= 0x04;
        }

        Open(device, out _);
    }

    [Fact]
    public void A_snapshot_with_any_byte_wrong_is_not_sent()
    {
        var device = new CrashDevice();
        Open(device, out ReplicaDisk disk);
        disk.WriteSnapshot(new SnapshotInfo(Id(1, 5), Members), StoreAt(5).View);
        byte[] file = device[SnapshotFormat.FileName(Id(1, 5))];
        for (int offset = 0; offset < file.Length; offset++)
        {
            file[offset] ^= 0x04;
            StorageCorruptException refused = Assert.Throws<StorageCorruptException>(() => disk.OpenSnapshotForRead(Id(1, 5), offset: 0));
            Assert.Equal(SnapshotFormat.FileName(Id(1, 5)), refused.File);
            file[offset] ^= 0x04;
        }

        disk.OpenSnapshotForRead(Id(1, 5), offset: 0)!.Dispose();
    }

    [Fact]
    public void A_snapshot_that_is_being_sent_stays_until_nobody_has_asked_for_it_for_long()
    {
        var device = new CrashDevice();
        Open(device, out ReplicaDisk disk);
        disk.Append(new PersistBatch(1, null, [.. Range(1, 200)], State(1, 0, 200)));
        disk.Sync();
        disk.WriteSnapshot(new SnapshotInfo(Id(1, 10), Members), StoreAt(10).View);
        for (int i = 1; i <= 12; i++)
        {
            // A piece for each newer snapshot: the transfer is slow, and goes on.
            disk.OpenSnapshotForRead(Id(1, 10), offset: i)!.Dispose();
            WriteNewer(10 + i);
        }

        Assert.Equal(2, SnapshotsOn(device));
        for (int i = 13; i <= 20; i++)
        {
            WriteNewer(10 + i);
        }

        Assert.Equal(1, SnapshotsOn(device));
        Assert.Null(disk.OpenSnapshotForRead(Id(1, 10), offset: 0));

        void WriteNewer(int index)
        {
            disk.WriteSnapshot(new SnapshotInfo(Id(1, index), Members), StoreAt(index).View);
            disk.Compact(new LogIndex(5));
            disk.OpenSnapshotForRead(Id(9, 9), offset: 0)?.Dispose();
        }
    }

    private static int SnapshotsOn(CrashDevice device) => device.List().Count(static n => n.EndsWith(".snap", StringComparison.Ordinal));

    [Fact]
    public void Compaction_leaves_the_newest_snapshot_and_deletes_the_older_ones()
    {
        var device = new CrashDevice();
        Open(device, out ReplicaDisk disk);
        disk.Append(new PersistBatch(1, null, [.. Range(1, 40)], State(1, 0, 40)));
        disk.Sync();
        disk.WriteSnapshot(new SnapshotInfo(Id(1, 10), Members), StoreAt(10).View);
        disk.WriteSnapshot(new SnapshotInfo(Id(1, 20), Members), StoreAt(20).View);
        disk.Compact(new LogIndex(5));

        Assert.Null(disk.OpenSnapshotForRead(Id(1, 10), offset: 0));
        using SnapshotReader? newest = disk.OpenSnapshotForRead(Id(1, 20), offset: 0);
        Assert.NotNull(newest);
        Assert.Equal(newest.TotalBytes, newest.ReadChunk(0, int.MaxValue).Length);
        Assert.Empty(newest.ReadChunk(newest.TotalBytes, 10));
        Assert.Equal([SnapshotFormat.FileName(Id(1, 20))], device.List().Where(n => n.EndsWith(".snap", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_node_whose_log_is_gone_does_not_come_back_with_its_old_id()
    {
        var device = new CrashDevice();
        Open(device, out ReplicaDisk disk);
        disk.WriteSnapshot(new SnapshotInfo(Id(1, 3), Members), StoreAt(3).View);
        disk.Close();
        device.Lose(WalFormat.SegmentName(1));

        Assert.Throws<StorageCorruptException>(() => Open(device, out _));
        Assert.Throws<StorageCorruptException>(
            () => ReplicaDisk.Open(new CrashDevice(), Small with { IsLogExpected = true }, Cluster, Self));
    }

    [Fact]
    public void Options_that_make_no_sense_are_refused_with_a_sentence()
    {
        ArgumentException refused = Assert.Throws<ArgumentException>(
            () => ReplicaDisk.Open(new CrashDevice(), new WalOptions { SegmentBytes = 1000, SnapshotBlockBytes = 1 }, Cluster, Self));
        Assert.Contains("SegmentBytes is 1000", refused.Message, StringComparison.Ordinal);
        Assert.Contains("SnapshotBlockBytes is 1", refused.Message, StringComparison.Ordinal);
    }

    internal static RecoveredState Open(IStorageDevice device, out ReplicaDisk disk, long trailingBytes = long.MaxValue)
    {
        (disk, RecoveredState recovered) = ReplicaDisk.Open(device, Small with { TrailingBytes = trailingBytes }, Cluster, Self);
        return recovered;
    }

    internal static InstallOutcome Send(ReplicaDisk from, ReplicaDisk to, SnapshotInfo info, int chunkBytes)
    {
        using SnapshotReader reader = from.OpenSnapshotForRead(info.LastEntry, offset: 0)!;
        long length = 0;
        while (length < reader.TotalBytes)
        {
            length = to.StoreChunk(new SnapshotChunkToStore(info, reader.TotalBytes, length, reader.ReadChunk(length, chunkBytes)));
        }

        return to.InstallIncoming(info);
    }

    internal static MvccStore StoreAt(long index)
    {
        var store = new MvccStore();
        for (long i = 1; i <= index; i++)
        {
            byte[] key = [(byte)'k', (byte)(i % 20)];
            byte[] value = [.. Enumerable.Range(0, 30).Select(n => (byte)(n + i))];
            store.Apply(new LogIndex(i), KvCommandCodec.Encode(new MutateCommand(new PutOp(key, value))));
        }

        store.Publish();
        return store;
    }

    internal static IEnumerable<LogEntry> Range(long first, long last, long term = 1)
    {
        for (long i = first; i <= last; i++)
        {
            yield return Entry(term, i, 120);
        }
    }
}
