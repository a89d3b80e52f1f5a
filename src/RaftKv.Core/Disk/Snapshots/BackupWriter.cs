using System.Security.Cryptography;
using System.Text;
using RaftKv.Core.Disk.Device;

namespace RaftKv.Core.Disk.Snapshots;

/// <summary>What stands in a backup directory after a file was written.</summary>
/// <param name="Sha256">Digest of the whole file, in hex: what <c>sha256sum</c> says.</param>
public readonly record struct WrittenBackup(long Bytes, string Sha256);

/// <summary>
/// Writes a file of a backup so that it is whole under its name, or is not there, wherever the writer is stopped: a temporary
/// name, a sync, the file read back, the digest beside it, a rename, a sync of the directory.
/// </summary>
public static class BackupWriter
{
    /// <summary>Ending of the file beside a backup that <c>sha256sum -c</c> takes.</summary>
    public const string DigestSuffix = ".sha256";

    /// <summary>Writes it. Whatever throws leaves nothing under the final name.</summary>
    /// <param name="temporary">A name that means nothing, and is this writer's own.</param>
    /// <param name="pieces">The file's bytes, each piece valid until the next one.</param>
    /// <param name="verify">Reads the file back from its start; throws when it is not what it should be.</param>
    /// <param name="progress">Told of the bytes written so far; null for nobody.</param>
    public static WrittenBackup Write(
        IStorageDevice device, string name, string temporary, IEnumerable<ReadOnlyMemory<byte>> pieces,
        Action<IStorageFile, string> verify, Action<long>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(pieces);
        ArgumentNullException.ThrowIfNull(verify);
        Clear(device, temporary);
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long length = 0;
        using (IStorageFile file = device.Create(temporary, 0))
        {
            foreach (ReadOnlyMemory<byte> piece in pieces)
            {
                file.Write(length, piece.Span);
                digest.AppendData(piece.Span);
                length += piece.Length;
                progress?.Invoke(length);
            }

            file.Sync();
            verify(file, temporary);
        }

        string sum = Convert.ToHexStringLower(digest.GetHashAndReset());
        WriteDigest(device, name, temporary, sum);
        device.Rename(temporary, name);
        device.SyncDirectory();
        return new WrittenBackup(length, sum);
    }

    /// <summary>Reads a snapshot file back; for <see cref="Write"/>.</summary>
    public static void VerifySnapshot(IStorageFile file, string name) => SnapshotFile.Verify(file, name);

    // Durable before the file has its name: one without a digest is never seen.
    private static void WriteDigest(IStorageDevice device, string name, string temporary, string sum)
    {
        string scratch = temporary + DigestSuffix;
        Clear(device, scratch);
        using (IStorageFile file = device.Create(scratch, 0))
        {
            file.Write(0, Encoding.ASCII.GetBytes($"{sum}  {name}\n"));
            file.Sync();
        }

        device.Rename(scratch, name + DigestSuffix);
        device.SyncDirectory();
    }

    private static void Clear(IStorageDevice device, string name)
    {
        if (device.List().Contains(name))
        {
            device.Delete(name);
        }
    }
}
