using RaftKv.Core.Disk.Device;

namespace RaftKv.Core.Disk.Snapshots;

/// <summary>
/// An open snapshot file, read in pieces for a follower. Stays readable when the file is deleted meanwhile (POSIX).
/// </summary>
public sealed class SnapshotReader : IDisposable
{
    private readonly IStorageFile _file;

    internal SnapshotReader(EntryId snapshot, IStorageFile file)
    {
        Snapshot = snapshot;
        _file = file;
        TotalBytes = file.Length;
    }

    /// <summary>Last entry of the snapshot.</summary>
    public EntryId Snapshot { get; }

    /// <summary>Length of the file.</summary>
    public long TotalBytes { get; }

    /// <summary>
    /// Reads at most <paramref name="maxBytes"/> from an offset into a new array; shorter only at the end, empty beyond
    /// it.
    /// </summary>
    public byte[] ReadChunk(long offset, int maxBytes)
    {
        Check.That(offset >= 0 && maxBytes > 0, "a chunk has a place and a size", offset, maxBytes);
        byte[] chunk = new byte[(int)Math.Clamp(TotalBytes - offset, 0, maxBytes)];
        int done = 0;
        while (done < chunk.Length)
        {
            int count = _file.Read(offset + done, chunk.AsSpan(done));
            if (count == 0)
            {
                throw new StorageFailedException(
                    $"read of snapshot {Snapshot} at {offset + done}: the file ended before its length of {TotalBytes}");
            }

            done += count;
        }

        return chunk;
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();
}
