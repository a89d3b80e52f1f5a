using System.Buffers;
using System.Security.Cryptography;
using Amazon.S3;
using Amazon.S3.Model;
using RaftKv.Core.Disk.Snapshots;

namespace RaftKv.Backups.Targets;

/// <summary>
/// Streams pieces into an object, a part in memory at a time. The store makes an object of them when all are there, and
/// not before; parts of an upload that failed are given back.
/// </summary>
internal sealed class S3Upload(S3Calls calls, string bucket, string key)
{
    /// <summary>Bytes of a part, when the file is not too long for parts of this size: at least 5 MiB but for the last one.</summary>
    internal const int MinPartBytes = 8 * 1024 * 1024;

    // An upload has at most 10,000 parts; the length is estimated.
    private const int PartsMeant = 2_000;
    private static readonly TimeSpan GiveUpPatience = TimeSpan.FromSeconds(5);

    private readonly List<PartETag> _parts = [];
    private string? _uploadId;

    /// <summary>Sends all of it. Throws as <see cref="S3Calls.AskAsync"/>; then there is no object, or the one of before.</summary>
    public async Task<WrittenBackup> RunAsync(BackupUpload file, CancellationToken cancellationToken)
    {
        int partBytes = (int)Math.Clamp(file.EstimatedBytes / PartsMeant, MinPartBytes, Array.MaxLength);
        byte[] part = ArrayPool<byte>.Shared.Rent(partBytes);
        try
        {
            return await RunAsync(file, part.AsMemory(0, partBytes), part, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await GiveUpAsync().ConfigureAwait(false);
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(part);
        }
    }

    private async Task<WrittenBackup> RunAsync(
        BackupUpload file, Memory<byte> part, byte[] array, CancellationToken cancellationToken)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long length = 0;
        int used = 0;
        foreach (ReadOnlyMemory<byte> piece in file.Pieces)
        {
            digest.AppendData(piece.Span);
            for (ReadOnlyMemory<byte> rest = piece; rest.Length > 0;)
            {
                if (used == part.Length)
                {
                    await SendPartAsync(array, used, cancellationToken).ConfigureAwait(false);
                    length += used;
                    used = 0;
                    file.Progress?.Invoke(length);
                }

                int count = Math.Min(rest.Length, part.Length - used);
                rest[..count].CopyTo(part[used..]);
                used += count;
                rest = rest[count..];
            }
        }

        await FinishAsync(array, used, cancellationToken).ConfigureAwait(false);
        file.Progress?.Invoke(length + used);
        return new WrittenBackup(length + used, Convert.ToHexStringLower(digest.GetHashAndReset()));
    }

    private async Task SendPartAsync(byte[] part, int used, CancellationToken cancellationToken)
    {
        _uploadId ??= (await calls.AskAsync(
            $"beginning an upload of {key}",
            (client, stop) => client.InitiateMultipartUploadAsync(
                new InitiateMultipartUploadRequest { BucketName = bucket, Key = key, ContentType = S3Target.ContentType }, stop),
            cancellationToken).ConfigureAwait(false)).UploadId;
        int number = _parts.Count + 1;
        UploadPartResponse answer = await calls.AskAsync(
            $"upload of part {number} of {key}",
            (client, stop) => client.UploadPartAsync(
                new UploadPartRequest
                {
                    BucketName = bucket,
                    Key = key,
                    UploadId = _uploadId,
                    PartNumber = number,
                    PartSize = used,
                    InputStream = new MemoryStream(part, 0, used, writable: false),
                    UseChunkEncoding = false,
                },
                stop),
            cancellationToken).ConfigureAwait(false);
        _parts.Add(new PartETag(number, answer.ETag));
    }

    // What fits into one part is put in one call.
    private async Task FinishAsync(byte[] part, int used, CancellationToken cancellationToken)
    {
        if (_uploadId is null)
        {
            await S3Target.PutAsync(calls, bucket, key, part, used, cancellationToken).ConfigureAwait(false);
            return;
        }

        await SendPartAsync(part, used, cancellationToken).ConfigureAwait(false);
        await calls.AskAsync(
            $"completing the upload of {key}",
            (client, stop) => client.CompleteMultipartUploadAsync(
                new CompleteMultipartUploadRequest { BucketName = bucket, Key = key, UploadId = _uploadId, PartETags = _parts }, stop),
            cancellationToken).ConfigureAwait(false);
        _uploadId = null;
    }

    // Whoever was cancelled has a moment for it, too. What stays is no object, and goes by the bucket's own rule.
    private async Task GiveUpAsync()
    {
        if (_uploadId is null)
        {
            return;
        }

        using var moment = new CancellationTokenSource(GiveUpPatience);
        try
        {
            await calls.AskAsync(
                $"giving up the upload of {key}",
                (client, stop) => client.AbortMultipartUploadAsync(
                    new AbortMultipartUploadRequest { BucketName = bucket, Key = key, UploadId = _uploadId }, stop),
                moment.Token).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or OperationCanceledException)
        {
            // The first failure is the one to tell.
        }
    }
}
