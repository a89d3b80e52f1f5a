using System.Security.Cryptography;
using Amazon.Runtime;
using Amazon.S3.Model;
using RaftKv.Backups.Targets;
using RaftKv.Core.Disk.Snapshots;
using RaftKv.Tests.Storage;

namespace RaftKv.Tests.Backups;

/// <summary>
/// Object stores that others wrote take what this one's double takes: bodies and parts, reads of a range and under a condition, lists
/// of several pages, prefixes of any characters; and what they refuse is told in a sentence. Each test starts the store anew. Whole
/// nodes against them are tests/ObjectStores/trial.sh.
/// </summary>
public sealed class RealStoreTests : IDisposable
{
    private const int LongBytes = (2 * S3Upload.MinPartBytes) + 12_345;
    private const string Strange = "raft kv/ü+&=%~(x)'!*#:,;@$";

    private readonly TemporaryDirectory _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [RealStoreFact(RealStore.RadosGateway)]
    public async Task A_gateway_of_ceph_takes_all_that_backups_ask_of_it()
    {
        await using RealStore store = await RealStore.StartAsync(RealStore.RadosGateway);
        await CheckAsync(store);
    }

    [RealStoreFact(RealStore.Swift)]
    public async Task Swift_takes_all_that_backups_ask_of_it()
    {
        await using RealStore store = await RealStore.StartAsync(RealStore.Swift);
        await CheckAsync(store);
    }

    private async Task CheckAsync(RealStore store)
    {
        await CheckFilesAsync(store);
        await CheckPartsAsync(store);
        await CheckPagesAsync(store);
        await CheckRefusalsAsync(store);
    }

    private async Task CheckFilesAsync(RealStore store)
    {
        foreach ((string prefix, int length) in ((string, int)[])[("", 0), ("c1", 100), ("c1", LongBytes), (Strange, LongBytes)])
        {
            using S3Target target = Open(store, prefix);
            byte[] bytes = BytesOf(length);
            WrittenBackup written = await target.WriteAsync(UploadOf(NameOf(7), bytes), default);

            Assert.Equal(new WrittenBackup(length, Convert.ToHexStringLower(SHA256.HashData(bytes))), written);
            StoredFile file = Assert.Single(await target.ListAsync(default));
            Assert.Equal((NameOf(7), (long)length, true), (file.Name, file.Bytes, file.IsWhole));
            Assert.InRange(file.Stored, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1));
            Assert.Equal(written.Sha256, await target.DigestOfAsync(NameOf(7), default));
            Assert.Equal(bytes, await FetchAsync(target));
            await target.DeleteAsync(NameOf(7), default);
            await target.DeleteAsync(NameOf(7), default);
            Assert.Empty(await target.ListAsync(default));
            Assert.Null(await target.DigestOfAsync(NameOf(7), default));
            await Assert.ThrowsAsync<FileNotFoundException>(() => target.FetchAsync(NameOf(7), _scratch.Path, default));
        }

        Assert.Empty(Directory.EnumerateFiles(_scratch.Path));
    }

    // What goes on where it broke is a range of the same object, or nothing.
    private static async Task CheckPartsAsync(RealStore store)
    {
        using S3Target target = Open(store, "parts");
        using var calls = new S3Calls(AddressOf(store, "parts"), LimitsOf(store.AccessKey, store.SecretKey));
        byte[] bytes = BytesOf(LongBytes);
        await target.WriteAsync(UploadOf(NameOf(1), bytes), default);
        var request = new GetObjectRequest { BucketName = store.Bucket, Key = $"parts/{NameOf(1)}" };
        using GetObjectResponse whole = await calls.AskAsync("get", (client, stop) => client.GetObjectAsync(request, stop), default);
        request.EtagToMatch = whole.ETag;
        request.ByteRange = new ByteRange(LongBytes - 100_000, LongBytes - 1);
        using GetObjectResponse rest = await calls.AskAsync("get", (client, stop) => client.GetObjectAsync(request, stop), default);
        using var came = new MemoryStream();
        await rest.ResponseStream.CopyToAsync(came);
        Assert.Equal(bytes[^100_000..], came.ToArray());

        await target.WriteAsync(UploadOf(NameOf(1), BytesOf(LongBytes + 1)), default);
        IOException other = await Assert.ThrowsAsync<IOException>(
            () => calls.AskAsync("get", (client, stop) => client.GetObjectAsync(request, stop), default));
        Assert.Contains("412", other.Message, StringComparison.Ordinal);

        // Whoever stops waiting leaves no parts behind.
        using var stop = new CancellationTokenSource();
        BackupUpload cut = UploadOf(NameOf(2), bytes) with { Progress = _ => stop.Cancel() };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => target.WriteAsync(cut, stop.Token));
        ListMultipartUploadsResponse open = await calls.AskAsync(
            "uploads",
            (client, cancel) => client.ListMultipartUploadsAsync(new ListMultipartUploadsRequest { BucketName = store.Bucket }, cancel),
            default);
        Assert.Empty(open.MultipartUploads ?? []);
    }

    // 1,002 objects: one more than a page.
    private static async Task CheckPagesAsync(RealStore store)
    {
        const int count = 501;
        using S3Target target = Open(store, "pages");
        using var calls = new S3Calls(AddressOf(store, "pages"), LimitsOf(store.AccessKey, store.SecretKey));
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) =>
        {
            foreach (string ending in (string[])["", ".sha256"])
            {
                await S3Target.PutAsync(calls, store.Bucket, $"pages/{NameOf(i)}{ending}", [1], 1, default);
            }
        });
        List<StoredFile> files = await target.ListAsync(default);

        Assert.Equal(Enumerable.Range(0, count).Select(NameOf), files.Select(static file => file.Name).Order(StringComparer.Ordinal));
        Assert.All(files, static file => Assert.True(file.IsWhole));
    }

    private static async Task CheckRefusalsAsync(RealStore store)
    {
        using var stranger = new S3Target(AddressOf(store, "c1"), LimitsOf("NOBODY", store.SecretKey));
        Assert.Contains(
            "403", (await Assert.ThrowsAsync<IOException>(() => stranger.ListAsync(default))).Message, StringComparison.Ordinal);
        using var liar = new S3Target(AddressOf(store, "c1"), LimitsOf(store.AccessKey, "not-the-secret"));
        IOException refused = await Assert.ThrowsAsync<IOException>(() => liar.WriteAsync(UploadOf(NameOf(1), BytesOf(10)), default));
        Assert.Contains("403 ", refused.Message, StringComparison.Ordinal);
        using var lost = new S3Target(AddressOf(store, "c1") with { Bucket = "nobodys" }, LimitsOf(store.AccessKey, store.SecretKey));
        Assert.Contains(
            "404 NoSuchBucket", (await Assert.ThrowsAsync<IOException>(() => lost.ListAsync(default))).Message, StringComparison.Ordinal);
        Assert.Contains(
            "404 NoSuchBucket",
            (await Assert.ThrowsAsync<IOException>(() => lost.WriteAsync(UploadOf(NameOf(1), BytesOf(10)), default))).Message,
            StringComparison.Ordinal);
    }

    private static S3Address AddressOf(RealStore store, string prefix) => new(store.Bucket, prefix, new Uri(store.Endpoint), null);

    private static S3Limits LimitsOf(string key, string secret) =>
        new(TimeSpan.FromMinutes(2), Retries: 3, new BasicAWSCredentials(key, secret));

    private static S3Target Open(RealStore store, string prefix) =>
        new(AddressOf(store, prefix), LimitsOf(store.AccessKey, store.SecretKey));

    private static string NameOf(int i) => new BackupName(ArchiveTests.Cluster, 7 + i, ArchiveTests.Epoch).File;

    private static byte[] BytesOf(int length)
    {
        byte[] bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    private static BackupUpload UploadOf(string name, byte[] bytes) =>
        new(name, "n1", bytes.Chunk(100_000).Select(static piece => (ReadOnlyMemory<byte>)piece), static (_, _) => { }, bytes.Length);

    private async Task<byte[]> FetchAsync(S3Target target)
    {
        using FetchedFile file = await target.FetchAsync(NameOf(7), _scratch.Path, default);
        return await File.ReadAllBytesAsync(file.Path);
    }
}
