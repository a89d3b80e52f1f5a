namespace RaftKv.Core.Disk.Device;

/// <summary>
/// One directory of a disk. Synchronous. Different files, and the directory itself, may be used by different threads at
/// once; one open file by one thread at a time. Any failure throws <see cref="StorageFailedException"/>, after which
/// the device must not be used again: the node stops (a retried fsync may lie about the lost pages).
/// </summary>
public interface IStorageDevice
{
    /// <summary>Names of the files in the directory, sorted ordinally.</summary>
    IReadOnlyList<string> List();

    /// <summary>
    /// Creates a file of this length, filled with zeros on disk, or an empty one when the length is 0. The name must be
    /// new.
    /// </summary>
    IStorageFile Create(string name, long zeroedBytes);

    /// <summary>Opens a file that exists.</summary>
    IStorageFile Open(string name, bool isReadOnly);

    /// <summary>Renames, replacing; durable only after <see cref="SyncDirectory"/>.</summary>
    void Rename(string from, string to);

    /// <summary>Removes a file; durable only after <see cref="SyncDirectory"/>.</summary>
    void Delete(string name);

    /// <summary>Makes creations, renames and deletions durable.</summary>
    void SyncDirectory();
}

/// <summary>
/// An open file. Writes become durable with <see cref="Sync"/>; before that a crash may keep any part of them.
/// </summary>
public interface IStorageFile : IDisposable
{
    /// <summary>Length in bytes.</summary>
    long Length { get; }

    /// <summary>Reads at most the span's length from the offset; the count read, 0 at the end.</summary>
    int Read(long offset, Span<byte> buffer);

    /// <summary>Writes all bytes at the offset, growing the file when needed.</summary>
    void Write(long offset, ReadOnlySpan<byte> bytes);

    /// <summary>Cuts or grows the file.</summary>
    void SetLength(long length);

    /// <summary>Returns when all written bytes, and the length, are durable (fdatasync).</summary>
    void Sync();
}

/// <summary>The disk failed; the node must stop and not try again.</summary>
public sealed class StorageFailedException : Exception
{
    /// <summary>Makes the exception; the message names operation, file and the system's error.</summary>
    public StorageFailedException(string message, Exception? inner = null) : base(message, inner)
    {
    }
}

/// <summary>The disk holds bytes that this node did not write, or not in this order: it refuses to start.</summary>
public sealed class StorageCorruptException : Exception
{
    /// <summary>Makes the exception; the message says file, offset, what was found and what to do.</summary>
    public StorageCorruptException(string file, long offset, string message)
        : base($"{file} at offset {offset}: {message}")
    {
        File = file;
        Offset = offset;
    }

    /// <summary>Name of the file.</summary>
    public string File { get; }

    /// <summary>Where in the file.</summary>
    public long Offset { get; }
}
