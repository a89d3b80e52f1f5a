using RaftKv.Core.Disk.Device;

namespace RaftKv.Backups.Targets;

/// <summary>Bytes that were loaded, to be read as a file. Reads only: every other method throws.</summary>
internal sealed class MemoryFile(ReadOnlyMemory<byte> bytes) : IStorageFile
{
    /// <inheritdoc/>
    public long Length => bytes.Length;

    /// <inheritdoc/>
    public int Read(long offset, Span<byte> buffer)
    {
        int at = (int)Math.Min(offset, bytes.Length);
        int count = Math.Min(buffer.Length, bytes.Length - at);
        bytes.Span.Slice(at, count).CopyTo(buffer);
        return count;
    }

    /// <inheritdoc/>
    public void Write(long offset, ReadOnlySpan<byte> bytes) => throw new NotSupportedException();

    /// <inheritdoc/>
    public void SetLength(long length) => throw new NotSupportedException();

    /// <inheritdoc/>
    public void Sync() => throw new NotSupportedException();

    /// <summary>Holds nothing.</summary>
    public void Dispose()
    {
    }
}
