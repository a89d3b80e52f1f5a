using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Amazon.S3.Model;
using RaftKv.Core.Disk.Device;
using RaftKv.Core.Disk.Snapshots;
using RaftKv.Core.Replica;

namespace RaftKv.Backups.Targets;

/// <summary>
/// Backups in an object store that speaks S3. A file counts as whole when its digest stands beside it, which is put there
/// after the object was read back: an upload that was cut, or an object that another writer has replaced, is never taken for
/// a backup. The layout is that of a directory, so that a copy of one is the other.
/// </summary>
internal sealed class S3Target(S3Address address, S3Limits limits) : IBackupTarget
{
    /// <summary>What objects are stored as.</summary>
    internal const string ContentType = "application/octet-stream";

    // Names that a list may hold: about 200 MB of memory. A prefix with more is no place for backups.
    private const int MaxListed = 500_000;

    // A backup's head is the members of a cluster at most.
    private const int HeadBytes = 64 * 1024;
    private const int CopyBytes = 256 * 1024;
    private const int MaxDigestBytes = 4096;

    // A body that broke is gone on with where it broke, so often without a byte of progress.
    private const int MaxBrokenReads = 3;

    private readonly S3Calls _calls = new(address, limits);

    /// <inheritdoc/>
    public string Shown => address.ToString();

    /// <inheritdoc/>
    public string Locate(string name) => address.Locate(name);

    /// <inheritdoc/>
    public async Task<List<StoredFile>> ListAsync(CancellationToken cancellationToken)
    {
        List<S3Object> objects = [];
        HashSet<string> digests = [];
        string? next = null;
        do
        {
            ListObjectsV2Response page = await _calls.AskAsync(
                "listing", (client, stop) => client.ListObjectsV2Async(
                    new ListObjectsV2Request
                    {
                        BucketName = address.Bucket,
                        Prefix = address.KeyOf(BackupFiles.Prefix),
                        ContinuationToken = next,
                    },
                    stop),
                cancellationToken).ConfigureAwait(false);
            foreach (S3Object found in page.S3Objects ?? [])
            {
                string name = NameOf(found.Key);
                if (BackupFiles.IsOne(name))
                {
                    objects.Add(found);
                }
                else if (name.EndsWith(BackupWriter.DigestSuffix, StringComparison.Ordinal))
                {
                    digests.Add(name[..^BackupWriter.DigestSuffix.Length]);
                }
            }

            if (objects.Count + digests.Count > MaxListed)
            {
                throw new IOException($"{address} holds more than {MaxListed} objects. Give backups a prefix of their own.");
            }

            next = page.IsTruncated == true ? page.NextContinuationToken : null;
        }
        while (next is not null);
        return
        [
            .. objects.Select(found => new StoredFile(
                NameOf(found.Key), found.Size ?? 0, digests.Contains(NameOf(found.Key)), StoredAt(found))),
        ];
    }

    /// <inheritdoc/>
    public async Task<string?> DigestOfAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            byte[] line = await HeadOfAsync(name + BackupWriter.DigestSuffix, MaxDigestBytes, cancellationToken).ConfigureAwait(false);
            return BackupFiles.DigestIn(Encoding.ASCII.GetString(line));
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public async Task<WrittenBackup> WriteAsync(BackupUpload file, CancellationToken cancellationToken)
    {
        // What was noted of an earlier file of this name is not true of this one.
        await DeleteKeyAsync(file.Name + BackupWriter.DigestSuffix, cancellationToken).ConfigureAwait(false);
        WrittenBackup written = await new S3Upload(_calls, address.Bucket, address.KeyOf(file.Name))
            .RunAsync(file, cancellationToken).ConfigureAwait(false);
        WrittenBackup stored = await ReadThroughAsync(file.Name, Stream.Null, cancellationToken).ConfigureAwait(false);
        if (stored != written)
        {
            throw new StorageCorruptException(
                Locate(file.Name), 0, $"{written.Bytes} bytes with SHA-256 {written.Sha256} were stored, and {stored.Bytes} bytes with"
                + $" {stored.Sha256} came back. It does not count as a backup.");
        }

        byte[] line = Encoding.ASCII.GetBytes($"{written.Sha256}  {file.Name}\n");
        await PutAsync(
            _calls, address.Bucket, address.KeyOf(file.Name + BackupWriter.DigestSuffix), line, line.Length, cancellationToken)
            .ConfigureAwait(false);
        return written;
    }

    /// <inheritdoc/>
    public async Task<FetchedFile> FetchAsync(string name, string scratch, CancellationToken cancellationToken)
    {
        string? noted = await DigestOfAsync(name, cancellationToken).ConfigureAwait(false);
        var copy = new FetchedFile(Path.Combine(scratch, name + TemporaryFiles.Suffix), IsCopy: true);
        try
        {
            WrittenBackup came;
            await using (var file = new FileStream(copy.Path, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                came = await ReadThroughAsync(name, file, cancellationToken).ConfigureAwait(false);
            }

            return noted is null || noted == came.Sha256
                ? copy
                : throw new StorageCorruptException(
                    Locate(name), 0, $"its SHA-256 is {came.Sha256}, and {noted} was noted when it was stored.");
        }
        catch
        {
            copy.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task<SnapshotInfo> ReadInfoAsync(string name, CancellationToken cancellationToken)
    {
        using var head = new MemoryFile(await HeadOfAsync(name, HeadBytes, cancellationToken).ConfigureAwait(false));
        return SnapshotFile.ReadInfo(head, name);
    }

    /// <inheritdoc/>
    public async Task DeleteAsync(string name, CancellationToken cancellationToken)
    {
        await DeleteKeyAsync(name + BackupWriter.DigestSuffix, cancellationToken).ConfigureAwait(false);
        await DeleteKeyAsync(name, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose() => _calls.Dispose();

    /// <summary>Puts an object in one call; it is there as a whole, or as before.</summary>
    internal static Task PutAsync(
        S3Calls calls, string bucket, string key, byte[] bytes, int count, CancellationToken cancellationToken) => calls.AskAsync(
        $"upload of {key}",
        (client, stop) => client.PutObjectAsync(
            new PutObjectRequest
            {
                BucketName = bucket,
                Key = key,
                ContentType = ContentType,
                InputStream = new MemoryStream(bytes, 0, count, writable: false),
                UseChunkEncoding = false,
            },
            stop),
        cancellationToken);

    private string NameOf(string key) => address.Prefix.Length == 0 ? key : key[(address.Prefix.Length + 1)..];

    private static DateTimeOffset StoredAt(S3Object found) =>
        found.LastModified is { } moment ? new DateTimeOffset(moment.ToUniversalTime()) : DateTimeOffset.MinValue;

    // Some stores say of what is not there that it is not, others that it is gone now.
    private async Task DeleteKeyAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            await _calls.AskAsync(
                $"deleting {name}",
                (client, stop) => client.DeleteObjectAsync(
                    new DeleteObjectRequest { BucketName = address.Bucket, Key = address.KeyOf(name) }, stop),
                cancellationToken).ConfigureAwait(false);
        }
        catch (FileNotFoundException)
        {
            // It is gone.
        }
    }

    private Task<GetObjectResponse> GetAsync(string name, ByteRange? range, string? etag, CancellationToken cancellationToken) =>
        _calls.AskAsync(
            $"download of {name}",
            (client, stop) => client.GetObjectAsync(
                new GetObjectRequest { BucketName = address.Bucket, Key = address.KeyOf(name), ByteRange = range, EtagToMatch = etag },
                stop),
            cancellationToken);

    private async Task<byte[]> HeadOfAsync(string name, int bytes, CancellationToken cancellationToken)
    {
        using GetObjectResponse answer = await GetAsync(name, new ByteRange(0, bytes - 1), null, cancellationToken).ConfigureAwait(false);
        byte[] head = new byte[bytes];
        int used = 0;
        int count;
        while (used < bytes && (count = await ReadAsync(name, answer, head.AsMemory(used), cancellationToken).ConfigureAwait(false)) > 0)
        {
            used += count;
        }

        return head[..used];
    }

    private Task<int> ReadAsync(string name, GetObjectResponse answer, Memory<byte> buffer, CancellationToken cancellationToken) =>
        _calls.AskAsync($"download of {name}", (_, stop) => answer.ResponseStream.ReadAsync(buffer, stop).AsTask(), cancellationToken);

    // All of an object, into a stream; what it was.
    private async Task<WrittenBackup> ReadThroughAsync(string name, Stream sink, CancellationToken cancellationToken)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[CopyBytes];
        long at = 0;
        long? total = null;
        string? etag = null;
        for (int broken = 0; total is null || at < total;)
        {
            using GetObjectResponse answer = await GetAsync(
                name, at == 0 ? null : new ByteRange(at, total!.Value - 1), etag, cancellationToken).ConfigureAwait(false);
            total ??= answer.ContentLength;
            etag ??= answer.ETag;
            try
            {
                int count;
                while ((count = await ReadAsync(name, answer, buffer, cancellationToken).ConfigureAwait(false)) > 0)
                {
                    digest.AppendData(buffer, 0, count);
                    await sink.WriteAsync(buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
                    at += count;
                    broken = 0;
                }

                if (at < total)
                {
                    throw new IOException(string.Create(
                        CultureInfo.InvariantCulture, $"{Locate(name)} broke off at byte {at} of {total}."));
                }
            }
            catch (IOException) when (++broken < MaxBrokenReads && !cancellationToken.IsCancellationRequested)
            {
                // Gone on with where it broke, if it is still the same object.
            }
        }

        return new WrittenBackup(at, Convert.ToHexStringLower(digest.GetHashAndReset()));
    }
}
