using Microsoft.Win32.SafeHandles;

namespace RaftKv.Storage;

/// <summary>
/// What <see cref="FileStorageDevice"/> asks the system for when it changes something, call by call: the seam at which
/// tests see what really reaches the disk, and let a call fail. Results as the C library gives them: negative for a
/// failure, whose number is the last P/Invoke error, and nothing is tried again down here. Any thread.
/// </summary>
internal interface IFileCalls
{
    /// <summary>Creates a file whose name must be new.</summary>
    /// <exception cref="IOException">It can't.</exception>
    SafeFileHandle Create(string path);

    /// <summary>Opens a file that exists.</summary>
    /// <exception cref="IOException">It can't.</exception>
    SafeFileHandle Open(string path, bool isReadOnly);

    /// <summary>Writes at an offset; the count of bytes that were taken, which may be less.</summary>
    nint Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset);

    /// <summary>Cuts or grows a file.</summary>
    int SetLength(SafeFileHandle file, long length);

    /// <summary>Asks for blocks ahead. A refusal means nothing.</summary>
    void Allocate(SafeFileHandle file, long length);

    /// <summary>
    /// Has the system begin to write this part of the file to the disk, after a wait for the end of what it writes of the part
    /// before; no promise that anything is durable. A failure that it tells is not told again by the sync that follows.
    /// </summary>
    /// <param name="awaited">Where the part before begins; it ends where this one begins.</param>
    int WriteBack(SafeFileHandle file, long awaited, long offset, long length);

    /// <summary>Makes what was written durable, with the rest of the metadata when not only the data is asked for.</summary>
    int Sync(SafeFileHandle file, bool isDataOnly);

    /// <summary>Renames, replacing.</summary>
    int Rename(string from, string to);

    /// <summary>Removes a file.</summary>
    int Delete(string path);

    /// <summary>Makes the names in a directory durable.</summary>
    int SyncDirectory(string path);
}
