using System.Security.Cryptography;
using System.Text;
using RaftKv.Core.Disk.Device;
using RaftKv.Core.Disk.Snapshots;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Store;
using static RaftKv.Core.Tests.Disk.WalBench;

namespace RaftKv.Core.Tests.Disk;

/// <summary>A backup is whole under its name, with its digest beside it, or is not there, wherever its writer is stopped.</summary>
public sealed class BackupWriterTests
{
    private const string Name = "b.snap";
    private static readonly Membership Members = new([Self]);
    private static readonly MvccStore Store = ReplicaDiskTests.StoreAt(40);

    [Fact]
    public void A_backup_is_written_with_the_digest_that_sha256sum_takes()
    {
        var device = new CrashDevice();
        List<long> told = [];
        WrittenBackup written = Write(device, told.Add);
        Assert.Equal([Name, Name + ".sha256"], device.List());
        Assert.Equal((device[Name].Length, told[^1]), (written.Bytes, written.Bytes));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(device[Name])), written.Sha256);
        Assert.Equal($"{written.Sha256}  {Name}\n", Encoding.ASCII.GetString(device[Name + ".sha256"]));
        using IStorageFile file = device.Open(Name, isReadOnly: true);
        LoadedSnapshot loaded = SnapshotLoader.Load(file, Name);
        Assert.True(BackupFile.IsBackup(loaded.Info));
        Assert.Equal(Store.View.StateHash, loaded.Store.View.StateHash);
    }

    [Fact]
    public void Stopped_at_any_operation_there_is_a_whole_backup_or_none_and_the_next_one_succeeds()
    {
        var calm = new CrashDevice();
        Write(calm);
        for (int failAt = 1; failAt <= calm.OperationCount; failAt++)
        {
            var device = new CrashDevice { FailAt = failAt };
            Assert.Throws<StorageFailedException>(() => Write(device));
            var random = new DeterministicRandom((ulong)failAt);
            for (int draw = 0; draw < 4; draw++)
            {
                CrashDevice disk = draw == 3 ? device.AfterKill() : device.AfterPowerCut(random, draw * 400);
                if (disk.List().Contains(Name))
                {
                    RequireWhole(disk);
                }

                Write(disk);
                RequireWhole(disk.AfterPowerCut(random, chance: 0));
            }
        }
    }

    [Fact]
    public void What_is_read_back_otherwise_than_it_was_written_never_gets_the_name()
    {
        var device = new CrashDevice();
        Assert.Throws<StorageCorruptException>(() => BackupWriter.Write(
            device, Name, "t.tmp", Frames().Skip(1), BackupWriter.VerifySnapshot));
        Assert.DoesNotContain(Name, device.List());
    }

    [Fact]
    public void A_backup_with_any_byte_wrong_or_cut_anywhere_is_refused()
    {
        byte[] whole = [.. Frames().SelectMany(static piece => piece.ToArray())];
        var random = new DeterministicRandom(7);
        for (int i = 0; i < whole.Length; i += i < 300 ? 1 : random.Next(1, 40))
        {
            byte[] damaged = [.. whole];
            damaged[i] ^= (byte)(1 << random.Next(8));
            RequireRefused(damaged);
            RequireRefused(whole[..i]);
        }

        RequireRefused([.. whole, 0]);
    }

    private static void RequireRefused(byte[] bytes)
    {
        var device = new CrashDevice();
        using IStorageFile file = device.Create(Name, 0);
        file.Write(0, bytes);
        Assert.Throws<StorageCorruptException>(() => SnapshotLoader.Load(file, Name));
    }

    private static void RequireWhole(CrashDevice disk)
    {
        using IStorageFile file = disk.Open(Name, isReadOnly: true);
        SnapshotLoader.Load(file, Name);
        Assert.Equal(
            $"{Convert.ToHexStringLower(SHA256.HashData(disk[Name]))}  {Name}\n", Encoding.ASCII.GetString(disk[Name + ".sha256"]));
    }

    // The blocks' buffer is used again: each piece is copied before the next is asked for.
    private static IEnumerable<ReadOnlyMemory<byte>> Frames() =>
        BackupFile.FramesOf(Cluster, Store.View, Members).Select(static piece => (ReadOnlyMemory<byte>)piece.ToArray());

    private static WrittenBackup Write(CrashDevice device, Action<long>? progress = null) =>
        BackupWriter.Write(device, Name, "t.tmp", Frames(), BackupWriter.VerifySnapshot, progress);
}
