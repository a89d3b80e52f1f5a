using System.Text;
using RaftKv.Backups;
using RaftKv.Backups.Targets;
using RaftKv.Core;
using RaftKv.Core.Disk.Device;
using RaftKv.Core.Disk.Snapshots;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Replica;
using RaftKv.Core.Replica.Proposals;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Gates;
using RaftKv.Storage;
using RaftKv.Tests.Storage;

namespace RaftKv.Tests.Backups;

/// <summary>
/// A restore along the archived log: the state at a point is the one that a store has which applied the same entries, whatever
/// backup it began with and however the log was cut; and nothing is restored over a gap, past a point or from damaged bytes.
/// </summary>
public sealed class ArchiveTests
{
    internal const ulong Cluster = 0xC1;
    internal static readonly DateTimeOffset Epoch = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Each_revision_is_reached_from_any_backup_before_it_and_is_the_state_after_its_entry(int seed)
    {
        using var temporary = new TemporaryDirectory();
        var random = new Random(seed);
        List<LogEntry> log = MakeLog(random, 160);
        int[] backups = [5, 40, 41, 120];
        foreach (int at in backups)
        {
            WriteBackup(temporary.Path, StoreAt(log, at));
        }

        for (int first = 3; first < log.Count;)
        {
            int last = Math.Min(log.Count - 1, first + random.Next(1, 25));
            WriteArchive(temporary.Path, log[first..(last + 1)]);

            // Now and then two leaders have archived the same entries.
            first = random.Next(4) == 0 ? Math.Max(first + 1, last - 2) : last + 1;
        }

        MvccStore end = StoreAt(log, log.Count);
        var expected = new SortedDictionary<long, (ulong Hash, long Index)>();
        MvccStore model = new();
        foreach (LogEntry entry in log)
        {
            LogReplay.Apply(model, entry);
            StoreView view = model.Publish();
            expected.TryAdd(view.Revision.Value, (view.StateHash, view.AppliedIndex.Value));
        }

        long oldest = StoreAt(log, backups[0]).View.Revision.Value;
        foreach ((long revision, (ulong hash, long index)) in expected.Where(pair => pair.Key > oldest))
        {
            SavedState restored = await LoadAsync(temporary.Path, null, new RestorePoint(new Revision(revision), null));
            Assert.Equal(revision, restored.Store.View.Revision.Value);

            // A backup may be of a later entry of the same revision.
            if (restored.Store.AppliedIndex.Value == index)
            {
                Assert.Equal(hash, restored.Store.View.StateHash);
            }
            else
            {
                Assert.Contains((int)restored.Store.AppliedIndex.Value, backups);
                Assert.Equal(StoreAt(log, (int)restored.Store.AppliedIndex.Value).View.StateHash, restored.Store.View.StateHash);
            }
        }

        SavedState all = await LoadAsync(temporary.Path, null, RestorePoint.End);
        Assert.Equal(end.View.StateHash, all.Store.View.StateHash);
    }

    [Fact]
    public async Task A_moment_is_the_state_before_the_first_entry_that_was_stamped_later()
    {
        using var temporary = new TemporaryDirectory();
        List<LogEntry> log = MakeLog(new Random(9), 60);
        WriteBackup(temporary.Path, StoreAt(log, 1));
        WriteArchive(temporary.Path, log[1..]);
        for (int i = 10; i < 60; i += 7)
        {
            DateTimeOffset moment = Epoch.AddSeconds(i);
            SavedState restored = await LoadAsync(temporary.Path, null, new RestorePoint(null, moment));
            Assert.Equal(StampedUpTo(log, moment), restored.Store.AppliedIndex.Value);
        }

        DataDirectoryException early = await Assert.ThrowsAsync<DataDirectoryException>(
            () => LoadAsync(temporary.Path, null, new RestorePoint(null, Epoch.AddSeconds(-1))));
        Assert.Contains("is from before", early.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_restored_over_a_gap_and_the_sentence_says_what_is_missing()
    {
        using var temporary = new TemporaryDirectory();
        List<LogEntry> log = MakeLog(new Random(3), 90);
        WriteBackup(temporary.Path, StoreAt(log, 10));
        WriteArchive(temporary.Path, log[10..30]);
        WriteArchive(temporary.Path, log[31..90]);
        long before = StoreAt(log, 30).View.Revision.Value;
        long after = StoreAt(log, 90).View.Revision.Value;
        Assert.Equal(
            before, (await LoadAsync(temporary.Path, null, new RestorePoint(new Revision(before), null))).Store.View.Revision.Value);
        foreach (RestorePoint point in (RestorePoint[])[new(new Revision(after), null), new(null, Epoch.AddSeconds(80))])
        {
            DataDirectoryException refused = await Assert.ThrowsAsync<DataDirectoryException>(() => LoadAsync(temporary.Path, null, point));
            Assert.Contains("entries 31 to 31 of the log are missing", refused.Message, StringComparison.Ordinal);
        }

        DataDirectoryException beyond = await Assert.ThrowsAsync<DataDirectoryException>(
            () => LoadAsync(temporary.Path, null, new RestorePoint(new Revision(after + 1), null)));
        Assert.Contains("not " + (after + 1), beyond.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_piece_with_any_byte_wrong_or_missing_is_refused_and_so_is_one_under_another_name()
    {
        using var temporary = new TemporaryDirectory();
        List<LogEntry> log = MakeLog(new Random(4), 12);
        WriteBackup(temporary.Path, StoreAt(log, 2));
        string piece = WriteArchive(temporary.Path, log[2..]);
        byte[] whole = File.ReadAllBytes(piece);
        var random = new Random(5);
        for (int i = 0; i < whole.Length; i++)
        {
            byte[] damaged = [.. whole];
            damaged[i] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(piece, i % 3 == 0 ? whole[..i] : damaged);
            await Assert.ThrowsAsync<StorageCorruptException>(() => LoadAsync(temporary.Path, null, RestorePoint.End));
        }

        File.WriteAllBytes(Path.Combine(temporary.Path, ArchiveName.Of(new ArchiveSpan(Cluster, new(3), new(11)))), whole);
        File.Delete(piece);
        await Assert.ThrowsAsync<StorageCorruptException>(() => LoadAsync(temporary.Path, null, RestorePoint.End));
    }

    [Fact]
    public async Task What_lies_before_the_oldest_kept_backup_goes_and_nothing_else()
    {
        using var temporary = new TemporaryDirectory();
        List<LogEntry> log = MakeLog(new Random(6), 90);
        foreach (int at in (int[])[10, 40, 70])
        {
            WriteBackup(temporary.Path, StoreAt(log, at));
        }

        WriteArchive(temporary.Path, log[10..30]);
        WriteArchive(temporary.Path, log[30..45]);
        WriteArchive(temporary.Path, log[45..90]);
        var shelf = new BackupShelf(new DirectoryTarget(temporary.Path), TimeProvider.System);
        await shelf.RetainAsync(clusterId: 0xBAD, keep: 1, CancellationToken.None);
        Assert.Equal(3, (await shelf.ListAsync(Cluster, CancellationToken.None)).Count);
        await shelf.RetainAsync(Cluster, keep: 2, CancellationToken.None);
        List<ShelvedBackup> kept = await shelf.ListAsync(Cluster, CancellationToken.None);
        Assert.Equal(2, kept.Count);
        Assert.Equal(2, Directory.EnumerateFiles(temporary.Path, "*.rlog").Count());
        Assert.Equal(
            StoreAt(log, 90).View.StateHash,
            (await LoadAsync(temporary.Path, kept[0].Name.File, RestorePoint.End)).Store.View.StateHash);
    }

    // Each entry is stamped with its own second, the log's index.
    internal static List<LogEntry> MakeLog(Random random, int count)
    {
        List<LogEntry> log = [new LogEntry(Id(1), EntryKind.Noop, Founding.PayloadOf(GateTable.ThisBuild.Newest))];
        for (int i = 2; i <= count; i++)
        {
            log.Add(random.Next(12) switch
            {
                0 => new LogEntry(Id(i), EntryKind.Noop, default),
                1 => new LogEntry(Id(i), EntryKind.Membership, MembershipCodec.Encode(new Membership([new NodeId(1)]))),
                _ => new LogEntry(Id(i), EntryKind.Command, Envelope(i, CommandOf(random))),
            });
        }

        return log;
    }

    private static KvCommand CommandOf(Random random)
    {
        byte[] key = Encoding.ASCII.GetBytes($"k{random.Next(8)}");
        return random.Next(8) switch
        {
            0 => new MutateCommand(new DeleteRangeOp(KeyRange.Single(key))),
            1 => new GrantLeaseCommand(new LeaseId(random.Next(1, 5)), 10_000),
            2 => new RevokeLeaseCommand(new LeaseId(random.Next(1, 5))),
            3 => new MutateCommand(new PutOp(key, new byte[20], new LeaseId(random.Next(1, 5)))),
            4 => new CompactSliceCommand(),
            _ => new MutateCommand(new PutOp(key, BitConverter.GetBytes(random.Next()))),
        };
    }

    private static byte[] Envelope(int index, KvCommand command)
    {
        byte[] envelope = KvCommandCodec.Encode(command, CommandEnvelope.HeaderBytes);
        CommandEnvelope.Write(envelope, new NodeId(1), 7, index);
        CommandEnvelope.Stamp(envelope, Epoch.AddSeconds(index).ToUnixTimeMilliseconds());
        return envelope;
    }

    // Entries that tell no time come with the one before them.
    private static long StampedUpTo(List<LogEntry> log, DateTimeOffset moment) =>
        log.TakeWhile(entry => CommandEnvelope.StampIn(entry.Payload.Span) <= moment.ToUnixTimeMilliseconds()).Last().Index.Value;

    internal static MvccStore StoreAt(List<LogEntry> log, int count)
    {
        MvccStore store = new();
        foreach (LogEntry entry in log.Take(count))
        {
            LogReplay.Apply(store, entry);
        }

        store.Publish();
        return store;
    }

    private static Task<SavedState> LoadAsync(string directory, string? backup, RestorePoint point) =>
        ArchiveSource.LoadAsync(new DirectoryTarget(directory), backup, point, directory, CancellationToken.None);

    private static EntryId Id(int index) => new(new Term(1 + (index / 50)), new LogIndex(index));

    private static void WriteBackup(string directory, MvccStore store)
    {
        var name = new BackupName(Cluster, store.View.Revision.Value, Epoch.AddSeconds(store.AppliedIndex.Value));
        BackupWriter.Write(
            new FileStorageDevice(directory), name.File, "b.tmp", BackupFile.FramesOf(Cluster, store.View, new Membership([new NodeId(1)])),
            BackupWriter.VerifySnapshot);
    }

    private static string WriteArchive(string directory, IReadOnlyList<LogEntry> entries)
    {
        string name = ArchiveName.Of(new ArchiveSpan(Cluster, entries[0].Index, entries[^1].Index));
        BackupWriter.Write(
            new FileStorageDevice(directory), name, "a.tmp", ArchiveFile.FramesOf(Cluster, entries), ArchiveFile.Verify);
        return Path.Combine(directory, name);
    }
}
