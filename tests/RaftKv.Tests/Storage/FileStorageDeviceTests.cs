using RaftKv.Core;
using RaftKv.Core.Disk;
using RaftKv.Core.Disk.Device;
using RaftKv.Core.Disk.Log;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Replica;
using RaftKv.Storage;

namespace RaftKv.Tests.Storage;

/// <summary>The real disk behind the core's storage seam.</summary>
public sealed class FileStorageDeviceTests
{
    [Fact]
    public void A_created_file_is_zeroed_and_keeps_what_is_written()
    {
        using var directory = new TemporaryDirectory();
        var device = new FileStorageDevice(directory.Path);
        using (IStorageFile file = device.Create("a", 3 * 1024 * 1024 + 5))
        {
            Assert.Equal(3 * 1024 * 1024 + 5, file.Length);
            file.Write(1000, "hello"u8);
            file.Sync();
        }

        byte[] bytes = File.ReadAllBytes(directory.File("a"));
        Assert.Equal("hello"u8, bytes.AsSpan(1000, 5));
        Assert.Equal(-1, bytes.AsSpan(1005).IndexOfAnyExcept((byte)0));
        using IStorageFile again = device.Open("a", isReadOnly: true);
        byte[] buffer = new byte[8];
        Assert.Equal(8, again.Read(999, buffer));
        Assert.Equal(5, again.Read(again.Length - 5, buffer));
        Assert.Equal(0, again.Read(again.Length, buffer));
    }

    [Fact]
    public void Names_are_listed_in_ordinal_order_and_renames_replace()
    {
        using var directory = new TemporaryDirectory();
        var device = new FileStorageDevice(directory.Path);
        device.Create("b", 1).Dispose();
        device.Create("B", 2).Dispose();
        device.Create("a", 3).Dispose();
        Assert.Equal(["B", "a", "b"], device.List());

        device.Rename("a", "b");
        device.Delete("B");
        device.SyncDirectory();

        Assert.Equal(["b"], device.List());
        Assert.Equal(3, new FileInfo(directory.File("b")).Length);
    }

    [Fact]
    public void A_file_grows_and_shrinks()
    {
        using var directory = new TemporaryDirectory();
        using IStorageFile file = new FileStorageDevice(directory.Path).Create("a", 0);
        file.Write(10, "x"u8);
        Assert.Equal(11, file.Length);
        file.SetLength(4);
        Assert.Equal(4, file.Length);
    }

    [Fact]
    public void A_long_file_goes_out_as_it_is_written_and_little_is_left_to_its_sync()
    {
        const int Piece = 64 * 1024;
        using var directory = new TemporaryDirectory();
        var calls = new WriteBackCalls();
        using IStorageFile file = new FileStorageDevice(directory.Path, calls).Create("a", 0);
        for (int i = 0; i < 100; i++)
        {
            file.Write(i * Piece, new byte[Piece]);
        }

        Assert.Equal(6, calls.Ranges.Count);
        Assert.Equal((long.MaxValue, 0, 1 << 20), calls.Ranges[0]);
        Assert.All(calls.Ranges.Zip(calls.Ranges.Skip(1)), static pair =>
            Assert.Equal((pair.First.Offset, pair.First.Offset + pair.First.Length, 1 << 20), pair.Second));
    }

    [Theory]
    [InlineData(LibC.NoSuchCall, false)]
    [InlineData(LibC.InvalidArgument, false)]
    [InlineData(5, true)] // EIO
    [InlineData(28, true)] // ENOSPC
    public void A_failure_that_is_told_early_is_final_and_a_call_that_is_not_known_is_none(int error, bool isFailure)
    {
        using var directory = new TemporaryDirectory();
        var device = new FileStorageDevice(directory.Path, new WriteBackCalls { Error = error });
        using IStorageFile file = device.Create("a", 0);

        Exception? told = Record.Exception(() => file.Write(0, new byte[2 << 20]));

        Assert.Equal(isFailure, told is StorageFailedException);
        Assert.Equal(isFailure, Record.Exception(file.Sync) is StorageFailedException);
    }

    [Fact]
    public void What_is_synced_often_is_left_to_its_syncs()
    {
        using var directory = new TemporaryDirectory();
        var calls = new WriteBackCalls();
        using IStorageFile file = new FileStorageDevice(directory.Path, calls).Create("a", 0);
        for (int i = 0; i < 50; i++)
        {
            file.Write(i * 100_000, new byte[100_000]);
            file.Sync();
        }

        Assert.Empty(calls.Ranges);
    }

    [Fact]
    public void The_first_failure_is_named_and_final()
    {
        using var directory = new TemporaryDirectory();
        var device = new FileStorageDevice(directory.Path);
        using IStorageFile good = device.Create("good", 0);

        StorageFailedException failed = Assert.Throws<StorageFailedException>(() => device.Delete("missing"));
        StorageFailedException refused = Assert.Throws<StorageFailedException>(() => good.Write(0, "x"u8));

        Assert.Contains("delete of " + directory.File("missing"), failed.Message, StringComparison.Ordinal);
        Assert.Contains("refused after an earlier failure", refused.Message, StringComparison.Ordinal);
        Assert.Throws<StorageFailedException>(() => good.Sync());
        Assert.Throws<StorageFailedException>(() => device.List());
        Assert.Equal(0, new FileInfo(directory.File("good")).Length);
    }

    [Fact]
    public void A_full_disk_fails_with_its_errno_and_a_failed_sync_too()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        using var directory = new TemporaryDirectory();
        File.CreateSymbolicLink(directory.File("full"), "/dev/full");
        var device = new FileStorageDevice(directory.Path);
        using IStorageFile full = device.Open("full", isReadOnly: false);

        StorageFailedException write = Assert.Throws<StorageFailedException>(() => full.Write(0, "x"u8));

        Assert.Contains("write of", write.Message, StringComparison.Ordinal);
        Assert.Contains("(errno 28)", write.Message, StringComparison.Ordinal);

        // fdatasync of a device that knows no sync is EINVAL, which .NET's own flush takes for success.
        using IStorageFile unsyncable = new FileStorageDevice(directory.Path).Open("full", isReadOnly: false);
        StorageFailedException sync = Assert.Throws<StorageFailedException>(() => unsyncable.Sync());
        Assert.Contains("fdatasync of", sync.Message, StringComparison.Ordinal);
        Assert.Contains("(errno 22)", sync.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_log_on_real_files_comes_back_after_rolls_recycling_and_restarts()
    {
        using var directory = new TemporaryDirectory();
        var options = new WalOptions { SegmentBytes = 64 * 1024 };
        var node = new NodeId(7);
        long last = 0;
        for (int start = 0; start < 3; start++)
        {
            (ReplicaDisk disk, RecoveredState recovered) = ReplicaDisk.Open(new FileStorageDevice(directory.Path), options, clusterId: 9, node);
            Assert.Equal(last, recovered.Entries.Count);
            Assert.All(recovered.Entries, entry => Assert.True(entry.Payload.Span.SequenceEqual(PayloadOf(entry.Index.Value))));
            for (int batch = 1; batch <= 50; batch++)
            {
                disk.Append(new PersistBatch(batch, null, [Next(ref last), Next(ref last)], null));
                Assert.Equal(batch, disk.Sync());
                if (batch == 25)
                {
                    disk.PrepareNextSegment();
                }
            }

            disk.Close();
        }

        Assert.True(Directory.GetFiles(directory.Path, "wal-*.log").Length > 3);
    }

    private static LogEntry Next(ref long last)
    {
        last++;
        return new LogEntry(new EntryId(new Term(1), new LogIndex(last)), EntryKind.Command, PayloadOf(last));
    }

    private static byte[] PayloadOf(long index) => [.. Enumerable.Range(0, 1500).Select(i => (byte)(i * index))];
}
