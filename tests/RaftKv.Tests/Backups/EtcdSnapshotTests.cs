using System.Buffers.Binary;
using System.Diagnostics;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using RaftKv.Backups;
using RaftKv.Bolt;
using RaftKv.Core;
using RaftKv.Core.Disk.Device;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Gates;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Tree;
using RaftKv.Doors.Etcd.Maintenance.Bolt;
using RaftKv.Tests.Storage;
using RaftKv.Tests.Support;

namespace RaftKv.Tests.Backups;

/// <summary>
/// What is written for etcd is read again as it was; a real etcd's own snapshots are read by the tests of conformance. Damage is
/// refused: where the file has a digest, of each byte.
/// </summary>
public sealed class EtcdSnapshotTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(60)]
    public void A_store_comes_back_from_its_export_with_revisions_history_and_leases(int compactedPercent)
    {
        using var temporary = new TemporaryDirectory();
        MvccStore store = Busy(400, compactedPercent);
        StoreView expected = store.View;
        string file = Export(temporary, expected);
        StoreView actual = EtcdSnapshot.Load(file).Store.View;
        Assert.Equal((expected.Revision, expected.CompactedRevision), (actual.Revision, actual.CompactedRevision));
        Assert.Equal(
            expected.ListLeases(LeaseId.None, 100).Select(static lease => (lease.Id, lease.TtlMs, lease.KeyCount)),
            actual.ListLeases(LeaseId.None, 100).Select(static lease => (lease.Id, lease.TtlMs, lease.KeyCount)));
        for (long at = Math.Max(2, expected.CompactedRevision.Value); at <= expected.Revision.Value; at += 3)
        {
            Assert.Equal(At(expected, at), At(actual, at));
        }
    }

    [Fact]
    public void A_file_with_any_byte_wrong_or_cut_short_is_refused()
    {
        using var temporary = new TemporaryDirectory();
        string file = Export(temporary, Busy(30, 0).View);
        byte[] whole = File.ReadAllBytes(file);
        var random = new Random(3);
        for (int i = 0; i < 300; i++)
        {
            byte[] damaged = [.. whole];
            damaged[random.Next(whole.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(file, i % 5 == 0 ? whole[..random.Next(whole.Length)] : damaged);
            if (i % 5 == 0 && File.ReadAllBytes(file).Length % 512 == 32)
            {
                continue;
            }

            // Cut at a page and without a digest a file may be whole by chance; then it is read, or refused, and never breaks.
            Exception? refused = Record.Exception(() => EtcdSnapshot.Load(file));
            Assert.True(refused is StorageCorruptException || (refused is null && i % 5 == 0), refused?.ToString());
        }
    }

    /// <summary>CRC-32C of the buckets' names and all they hold: as etcdctl 3.4 does it, and etcdutl since.</summary>
    [CommandFact("etcdctl")]
    public async Task Etcds_tool_finds_the_digest_the_revision_and_the_number_of_keys_that_our_reader_finds()
    {
        using var temporary = new TemporaryDirectory();
        string file = Export(temporary, Busy(200, 30).View);
        var start = new ProcessStartInfo("etcdctl", ["snapshot", "status", file, "-w", "json"]) { RedirectStandardOutput = true };
        start.Environment["ETCDCTL_API"] = "3";
        using Process etcdctl = Process.Start(start)!;
        JsonElement found = JsonElement.Parse(await etcdctl.StandardOutput.ReadToEndAsync());
        await etcdctl.WaitForExitAsync();
        (uint digest, long revision, int keyCount) = StatusOf(file);
        Assert.Equal(
            (digest, revision, keyCount),
            (found.GetProperty("hash").GetUInt32(), found.GetProperty("revision").GetInt64(), found.GetProperty("totalKey").GetInt32()));
        Assert.Equal(new FileInfo(file).Length - SHA256.HashSizeInBytes, found.GetProperty("totalSize").GetInt64());
    }

    private static (uint Digest, long Revision, int KeyCount) StatusOf(string file)
    {
        var bolt = new BoltReader(File.ReadAllBytes(file).AsMemory(..^SHA256.HashSizeInBytes));
        uint digest = uint.MaxValue;
        (long revision, int keyCount) = (0, 0);
        string[] buckets =
        [
            "alarm", "auth", "authRoles", "authUsers", "cluster", "key", "lease", "members", "members_removed", "meta",
        ];
        foreach (string bucket in buckets)
        {
            byte[] name = Encoding.ASCII.GetBytes(bucket);
            digest = Add(digest, name);
            foreach ((ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> value) in bolt.Bucket(name))
            {
                digest = Add(Add(digest, key.Span), value.Span);
                revision = bucket == "key" ? BinaryPrimitives.ReadInt64BigEndian(key.Span) : revision;
                keyCount++;
            }
        }

        return (~digest, revision, keyCount);
    }

    private static uint Add(uint digest, ReadOnlySpan<byte> bytes)
    {
        foreach (byte next in bytes)
        {
            digest = BitOperations.Crc32C(digest, next);
        }

        return digest;
    }

    private static IEnumerable<(string, string, long, long, long, long)> At(StoreView view, long revision)
    {
        RangeResult read = view.Range(new RangeRequest { Keys = KeyRange.All, Revision = new Revision(revision) });
        Assert.Equal(ReadStatus.Ok, read.Status);
        return read.Pairs.Select(static pair => (
            Encoding.UTF8.GetString(pair.Key.Span), Convert.ToHexString(pair.Value.Span), pair.CreateRevision.Value,
            pair.ModRevision.Value, pair.Version, pair.Lease.Value));
    }

    private static MvccStore Busy(int steps, int compactedPercent)
    {
        var random = new Random(steps + compactedPercent);
        MvccStore store = new();
        store.Found(new LogIndex(1), GateTable.ThisBuild.Newest);
        Apply(store, new GrantLeaseCommand(new LeaseId(7), 5_000_000));
        for (int i = 0; i < steps; i++)
        {
            byte[] key = Encoding.ASCII.GetBytes($"k{random.Next(30)}");
            Apply(store, random.Next(6) == 0
                ? new MutateCommand(new DeleteRangeOp(KeyRange.Single(key)))
                : new MutateCommand(new PutOp(key, new byte[random.Next(6000)], random.Next(5) == 0 ? new LeaseId(7) : LeaseId.None)));
        }

        if (compactedPercent > 0)
        {
            Apply(store, new CompactCommand(new Revision(store.Publish().Revision.Value * compactedPercent / 100)));
        }

        store.Publish();
        return store;
    }

    private static void Apply(MvccStore store, KvCommand command) =>
        store.Apply(store.AppliedIndex.Next, KvCommandCodec.Encode(command));

    private static string Export(TemporaryDirectory temporary, StoreView view)
    {
        byte[] pages = [.. new EtcdDatabase(view).Pages().SelectMany(static page => page)];
        string file = temporary.File("s.db");
        File.WriteAllBytes(file, [.. pages, .. SHA256.HashData(pages)]);
        return file;
    }
}
