using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Amazon.Runtime;
using RaftKv.Backups;
using RaftKv.Backups.Targets;
using RaftKv.Core;
using RaftKv.Core.Disk.Device;
using RaftKv.Core.Disk.Snapshots;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Store;
using RaftKv.Tests.Storage;

namespace RaftKv.Tests.Backups;

/// <summary>
/// Backups in an object store that fails in every way it can: what is taken for a backup is whole and what was written, or it
/// is not taken for one; what fails is told in a sentence, and can be done again.
/// </summary>
public sealed class S3TargetTests : IAsyncLifetime
{
    private const int LongBytes = (2 * S3Upload.MinPartBytes) + 12_345;
    private static readonly string Name = new BackupName(ArchiveTests.Cluster, 7, ArchiveTests.Epoch).File;

    private readonly TemporaryDirectory _scratch = new();
    private ObjectStoreDouble _store = null!;

    public async Task InitializeAsync() => _store = await ObjectStoreDouble.StartAsync();

    public async Task DisposeAsync()
    {
        await _store.DisposeAsync();
        _scratch.Dispose();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(S3Upload.MinPartBytes)]
    [InlineData(LongBytes)]
    public async Task What_is_written_is_listed_as_whole_and_comes_back_with_its_digest(int length)
    {
        using S3Target target = Open();
        byte[] bytes = BytesOf(length);
        long told = 0;
        WrittenBackup written = await target.WriteAsync(UploadOf(bytes) with { Progress = so => told = so }, default);

        string digest = Convert.ToHexStringLower(SHA256.HashData(bytes));
        Assert.Equal(new WrittenBackup(length, digest), written);
        Assert.Equal(length, told);
        StoredFile file = Assert.Single(await target.ListAsync(default));
        Assert.Equal((Name, (long)length, true), (file.Name, file.Bytes, file.IsWhole));
        Assert.Equal(digest, await target.DigestOfAsync(Name, default));
        Assert.Equal(bytes, await FetchAsync(target));
        Assert.Equal(0, _store.OpenUploads);
        Assert.Empty(Directory.EnumerateFiles(_scratch.Path));

        await target.DeleteAsync(Name, default);
        await target.DeleteAsync(Name, default);
        Assert.Empty(_store.Keys());
        await Assert.ThrowsAsync<FileNotFoundException>(() => target.FetchAsync(Name, _scratch.Path, default));
    }

    [Fact]
    public async Task A_store_that_misses_what_it_is_to_delete_takes_backups_all_the_same()
    {
        using S3Target target = Open();
        _store.MissesWhatItDeletes = true;
        byte[] bytes = BytesOf(100);
        await target.WriteAsync(UploadOf(bytes), default);
        Assert.Equal(bytes, await FetchAsync(target));

        await target.DeleteAsync(Name, default);
        await target.DeleteAsync(Name, default);
        Assert.Empty(_store.Keys());

        // A bucket that is not there is another thing.
        using var lost = new S3Target(Address("nobodys"), LimitsOf(Key));
        Assert.Contains(
            "NoSuchBucket", (await Assert.ThrowsAsync<IOException>(() => lost.DeleteAsync(Name, default))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_long_file_is_never_in_memory_as_a_whole()
    {
        using S3Target target = Open();
        long made = 0;
        ConcurrentBag<long> ahead = [];
        _store.Fault = line =>
        {
            if (line.Contains("partNumber=", StringComparison.Ordinal))
            {
                int part = int.Parse(line.Split("partNumber=")[1].Split('&')[0]);
                ahead.Add(Interlocked.Read(ref made) - ((part - 1L) * S3Upload.MinPartBytes));
            }

            return StoreFault.None;
        };
        await target.WriteAsync(
            UploadOf([]) with
            {
                Pieces = Enumerable.Range(0, 5 * 128).Select(_ =>
                {
                    Interlocked.Add(ref made, 64 * 1024);
                    return (ReadOnlyMemory<byte>)new byte[64 * 1024];
                }),
            },
            default);

        Assert.Equal(5, ahead.Count);
        Assert.All(ahead, static bytes => Assert.InRange(bytes, 1, S3Upload.MinPartBytes + (64 * 1024)));
    }

    [Theory]
    [InlineData(StoreFault.Refuse)]
    [InlineData(StoreFault.Cut)]
    [InlineData(StoreFault.LoseAnswer)]
    public async Task A_store_that_fails_at_any_request_and_after_it_has_no_half_backup_and_the_next_one_is_whole(object kind)
    {
        var fault = (StoreFault)kind;
        using S3Target target = Open();
        byte[] bytes = BytesOf(LongBytes);
        int failures = 0;
        for (int from = 0; failures == from; from++)
        {
            int asked = 0;
            int first = from;
            bool isWritten = true;
            _store.Fault = _ => Interlocked.Increment(ref asked) > first ? fault : StoreFault.None;
            try
            {
                await target.WriteAsync(UploadOf(bytes), default);
            }
            catch (IOException failure)
            {
                failures++;
                isWritten = false;
                Assert.StartsWith("s3://backups/c1", failure.Message, StringComparison.Ordinal);
            }

            _store.Fault = static _ => StoreFault.None;
            foreach (StoredFile file in await target.ListAsync(default))
            {
                // The last request may have done what it was sent for.
                Assert.True(isWritten || !file.IsWhole || fault == StoreFault.LoseAnswer);
                Assert.Equal(file.IsWhole ? bytes : null, file.IsWhole ? await FetchAsync(target) : null);
            }
        }

        // Deletion, beginning, three parts, completion, reading back, the digest.
        Assert.Equal(8, failures);
        Assert.Equal(bytes, await FetchAsync(target));
    }

    [Fact]
    public async Task A_failure_that_passes_is_asked_again_and_nobody_notices()
    {
        using S3Target target = Open(retries: 3);
        ConcurrentDictionary<string, int> seen = new();
        _store.Fault = line => seen.AddOrUpdate(line, 1, static (_, count) => count + 1) == 1 ? StoreFault.Refuse : StoreFault.None;
        byte[] bytes = BytesOf(1000);
        await target.WriteAsync(UploadOf(bytes), default);

        Assert.Equal(bytes, await FetchAsync(target));
        IEnumerable<KeyValuePair<string, int>> puts = seen.Where(static pair => pair.Key.StartsWith("PUT", StringComparison.Ordinal));
        Assert.All(puts, static pair => Assert.Equal(2, pair.Value));
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(LongBytes)]
    public async Task What_comes_back_as_something_else_is_no_backup(int length)
    {
        using S3Target target = Open();
        _store.Fault = static line => line.StartsWith("PUT", StringComparison.Ordinal) && !line.Contains("sha256", StringComparison.Ordinal)
            ? StoreFault.Corrupt
            : StoreFault.None;
        await Assert.ThrowsAsync<StorageCorruptException>(() => target.WriteAsync(UploadOf(BytesOf(length)), default));

        Assert.False(Assert.Single(await target.ListAsync(default)).IsWhole);
        Assert.Null(await target.DigestOfAsync(Name, default));
    }

    [Fact]
    public async Task A_new_file_of_an_old_name_is_not_vouched_for_by_the_old_digest()
    {
        using S3Target target = Open();
        await target.WriteAsync(UploadOf(BytesOf(100)), default);
        _store.Fault = static line => line.StartsWith("GET", StringComparison.Ordinal) ? StoreFault.Refuse : StoreFault.None;
        await Assert.ThrowsAsync<IOException>(() => target.WriteAsync(UploadOf(BytesOf(200)), default));

        _store.Fault = static _ => StoreFault.None;
        Assert.False(Assert.Single(await target.ListAsync(default)).IsWhole);
    }

    [Fact]
    public async Task A_download_that_breaks_off_goes_on_where_it_broke_and_gives_up_when_nothing_more_comes()
    {
        using S3Target target = Open();
        byte[] bytes = BytesOf(3_000_000);
        await target.WriteAsync(UploadOf(bytes), default);
        int broken = 0;
        _store.Fault = line => !line.Contains("sha256", StringComparison.Ordinal) && Interlocked.Increment(ref broken) <= 4
            ? StoreFault.Cut
            : StoreFault.None;
        Assert.Equal(bytes, await FetchAsync(target));

        _store.Fault = static line => line.Contains("sha256", StringComparison.Ordinal) ? StoreFault.None : StoreFault.Refuse;
        await Assert.ThrowsAsync<IOException>(() => FetchAsync(target));
        Assert.Empty(Directory.EnumerateFiles(_scratch.Path));
    }

    [Fact]
    public async Task An_object_that_was_changed_since_is_damaged_whether_before_or_within_the_download()
    {
        using S3Target target = Open();
        byte[] bytes = BytesOf(1_000_000);
        await target.WriteAsync(UploadOf(bytes), default);
        byte[] other = [.. bytes];
        other[999_999] ^= 1;
        _store.Fault = line =>
        {
            if (line.Contains("sha256", StringComparison.Ordinal) || _store.Objects["c1/" + Name] == other)
            {
                return StoreFault.None;
            }

            _store.Objects["c1/" + Name] = other;
            return StoreFault.Cut;
        };

        // The cut answer is of the other one already: as a whole it is not what was noted.
        StorageCorruptException damaged = await Assert.ThrowsAsync<StorageCorruptException>(() => FetchAsync(target));
        Assert.Contains(Name, damaged.Message, StringComparison.Ordinal);

        // Half of one, and the rest is another's: refused by its tag.
        int asked = 0;
        _store.Fault = line =>
        {
            bool isNote = line.Contains("sha256", StringComparison.Ordinal);
            bool isRest = !isNote && Interlocked.Increment(ref asked) > 1;
            _store.Objects["c1/" + Name] = isRest ? bytes : other;
            return isNote || isRest ? StoreFault.None : StoreFault.Cut;
        };
        IOException mixed = await Assert.ThrowsAsync<IOException>(() => FetchAsync(target));
        Assert.Contains("412", mixed.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(_scratch.Path));
    }

    [Fact]
    public async Task A_list_comes_in_pages_and_tells_what_is_whole_and_nothing_of_other_names()
    {
        using S3Target target = Open();
        for (int i = 0; i < 5; i++)
        {
            await target.WriteAsync(UploadOf(BytesOf(10)) with { Name = NameOf(i) }, default);
        }

        _store.Objects.Remove($"c1/{NameOf(2)}.sha256");
        _store.Objects["c1/raftkv-readme"] = _store.Objects["c2/" + Name] = _store.Objects["c1/sub/" + Name] = [1];
        _store.PageLength = 2;
        List<StoredFile> files = await target.ListAsync(default);

        Assert.Equal(Enumerable.Range(0, 5).Select(NameOf), files.Select(static file => file.Name).Order(StringComparer.Ordinal));
        Assert.Equal([NameOf(2)], files.Where(static file => !file.IsWhole).Select(static file => file.Name));
    }

    [Fact]
    public async Task A_store_that_says_nothing_or_no_is_told_in_a_sentence_without_a_secret()
    {
        using S3Target slow = Open(patience: TimeSpan.FromMilliseconds(200));
        _store.Fault = static _ => StoreFault.Stall;
        IOException late = await Assert.ThrowsAsync<IOException>(() => slow.WriteAsync(UploadOf(BytesOf(10)), default));
        Assert.Contains("no answer within", late.Message, StringComparison.Ordinal);

        _store.Fault = static _ => StoreFault.Deny;
        using S3Target denied = Open();
        IOException curt = await Assert.ThrowsAsync<IOException>(() => denied.ListAsync(default));
        Assert.EndsWith("listing failed: 403 AccessDenied", curt.Message, StringComparison.Ordinal);

        _store.Fault = static _ => StoreFault.None;
        using var stranger = new S3Target(Address(), LimitsOf(new BasicAWSCredentials("AKSOMEBODYELSE", ObjectStoreDouble.SecretKey)));
        IOException refused = await Assert.ThrowsAsync<IOException>(() => stranger.ListAsync(default));
        Assert.Contains("403 InvalidAccessKeyId", refused.Message, StringComparison.Ordinal);
        using var lost = new S3Target(Address("nobodys"), LimitsOf(Key));
        IOException none = await Assert.ThrowsAsync<IOException>(() => lost.ListAsync(default));
        Assert.Contains("NoSuchBucket", none.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(ObjectStoreDouble.SecretKey, late.Message + refused.Message + none.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_whose_certificate_is_not_believed_is_told_so()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=nobody", key, HashAlgorithmName.SHA256);
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        await using ObjectStoreDouble stranger = await ObjectStoreDouble.StartAsync(certificate);
        using var target = new S3Target(new S3Address(ObjectStoreDouble.Bucket, "c1", new Uri(stranger.Endpoint), null), LimitsOf(Key));
        IOException refused = await Assert.ThrowsAsync<IOException>(() => target.ListAsync(default));
        Assert.Contains("certificate is invalid", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("inner exception", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_stops_waiting_is_not_kept_and_leaves_no_upload_behind()
    {
        using S3Target target = Open();
        using var stop = new CancellationTokenSource();
        _store.Fault = line =>
        {
            if (!line.Contains("partNumber=2", StringComparison.Ordinal))
            {
                return StoreFault.None;
            }

            stop.Cancel();
            return StoreFault.Stall;
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => target.WriteAsync(UploadOf(BytesOf(LongBytes)), stop.Token));
        Assert.Equal(0, _store.OpenUploads);
        Assert.Empty(_store.Keys());
    }

    [Fact]
    public async Task Of_a_cluster_the_newest_stay_and_old_leftovers_go_and_nothing_of_another_one()
    {
        using S3Target target = Open();
        List<LogEntry> log = ArchiveTests.MakeLog(new Random(6), 90);
        foreach (int at in (int[])[10, 40, 70])
        {
            await WriteBackupAsync(target, ArchiveTests.StoreAt(log, at));
        }

        await WriteArchiveAsync(target, log[10..30]);
        await WriteArchiveAsync(target, log[30..45]);
        await WriteArchiveAsync(target, log[45..90]);
        string foreign = new BackupName(0xBAD, 1, ArchiveTests.Epoch).File;
        string leftover = new BackupName(ArchiveTests.Cluster, 1, ArchiveTests.Epoch).File;
        _store.Objects["c1/" + foreign] = _store.Objects["c1/" + leftover] = [1];
        var early = new BackupShelf(target, new FixedTime(new(2026, 1, 1, 23, 0, 0, TimeSpan.Zero)));
        await early.RetainAsync(ArchiveTests.Cluster, 2, default);
        Assert.Contains("c1/" + leftover, _store.Keys());
        var shelf = new BackupShelf(target, new FixedTime(new(2026, 1, 2, 1, 0, 0, TimeSpan.Zero)));
        await shelf.RetainAsync(ArchiveTests.Cluster, 2, default);

        Assert.Equal([true, false], new[] { foreign, leftover }.Select(name => _store.Keys().Contains("c1/" + name)));
        List<ShelvedBackup> kept = await shelf.ListAsync(ArchiveTests.Cluster, default);
        Assert.Equal(2, kept.Count);
        Assert.All(kept, static backup => Assert.NotNull(backup.Sha256));
        Assert.Equal(2, _store.Keys().Count(static key => key.EndsWith(".rlog", StringComparison.Ordinal)));
        Assert.Equal(90, (await shelf.ArchivedEndAsync(ArchiveTests.Cluster, default))!.Value.Value);
        SavedState all = await ArchiveSource.LoadAsync(target, kept[0].Name.File, RestorePoint.End, _scratch.Path, default);
        Assert.Equal(ArchiveTests.StoreAt(log, 90).View.StateHash, all.Store.View.StateHash);
    }

    [Fact]
    public async Task A_restore_reaches_any_point_and_what_is_not_whole_is_a_gap()
    {
        using S3Target target = Open();
        List<LogEntry> log = ArchiveTests.MakeLog(new Random(8), 60);
        await WriteBackupAsync(target, ArchiveTests.StoreAt(log, 10));
        await WriteArchiveAsync(target, log[10..35]);
        await WriteArchiveAsync(target, log[35..60]);
        foreach (int at in (int[])[10, 30, 50])
        {
            Revision revision = ArchiveTests.StoreAt(log, at).View.Revision;
            SavedState there = await ArchiveSource.LoadAsync(target, null, new RestorePoint(revision, null), _scratch.Path, default);
            Assert.Equal(revision, there.Store.View.Revision);
        }

        SavedState all = await ArchiveSource.LoadAsync(target, null, RestorePoint.End, _scratch.Path, default);
        Assert.Equal(ArchiveTests.StoreAt(log, 60).View.StateHash, all.Store.View.StateHash);
        string half = _store.Keys().First(static key => key.EndsWith(".rlog.sha256", StringComparison.Ordinal));
        _store.Objects.Remove(half);
        SavedState less = await ArchiveSource.LoadAsync(target, null, RestorePoint.End, _scratch.Path, default);
        Assert.Equal(10, less.Store.AppliedIndex.Value);
        Assert.Empty(Directory.EnumerateFiles(_scratch.Path));
    }

    private static AWSCredentials Key => new BasicAWSCredentials(ObjectStoreDouble.AccessKey, ObjectStoreDouble.SecretKey);

    private static S3Limits LimitsOf(AWSCredentials who) => new(TimeSpan.FromSeconds(60), Retries: 0, who);

    private static string NameOf(int i) => new BackupName(ArchiveTests.Cluster, 7 + i, ArchiveTests.Epoch).File;

    private static byte[] BytesOf(int length)
    {
        byte[] bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    private static BackupUpload UploadOf(byte[] bytes) =>
        new(Name, "n1", bytes.Chunk(100_000).Select(static piece => (ReadOnlyMemory<byte>)piece), static (_, _) => { }, bytes.Length);

    private static Task WriteBackupAsync(S3Target target, MvccStore store) => target.WriteAsync(
        new BackupUpload(
            new BackupName(
                ArchiveTests.Cluster, store.View.Revision.Value, ArchiveTests.Epoch.AddSeconds(store.AppliedIndex.Value)).File,
            "n1", BackupFile.FramesOf(ArchiveTests.Cluster, store.View, new Membership([new NodeId(1)])),
            BackupWriter.VerifySnapshot, 0),
        default);

    private static Task WriteArchiveAsync(S3Target target, IReadOnlyList<LogEntry> entries) => target.WriteAsync(
        new BackupUpload(
            ArchiveName.Of(new ArchiveSpan(ArchiveTests.Cluster, entries[0].Index, entries[^1].Index)), "n1",
            ArchiveFile.FramesOf(ArchiveTests.Cluster, entries), ArchiveFile.Verify, 0),
        default);

    private S3Address Address(string bucket = ObjectStoreDouble.Bucket) => new(bucket, "c1", new Uri(_store.Endpoint), null);

    private S3Target Open(int retries = 0, TimeSpan? patience = null) =>
        new(Address(), new S3Limits(patience ?? TimeSpan.FromSeconds(60), retries, Key));

    private async Task<byte[]> FetchAsync(S3Target target)
    {
        using FetchedFile file = await target.FetchAsync(Name, _scratch.Path, default);
        return await File.ReadAllBytesAsync(file.Path);
    }

    private sealed class FixedTime(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
