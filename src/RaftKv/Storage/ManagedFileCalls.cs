using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace RaftKv.Storage;

/// <summary>
/// .NET's own calls, for Windows, where they end in FlushFileBuffers and its kin. They run anywhere, so that tests see
/// them where there is no Windows. Each member is one call, and says of a failure what the C library would.
/// </summary>
internal sealed class ManagedFileCalls : IFileCalls
{
    private const int FileNotFound = 2;
    private const int GeneralFailure = 31;

    /// <inheritdoc/>
    public SafeFileHandle Create(string path) =>
        File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);

    /// <inheritdoc/>
    public SafeFileHandle Open(string path, bool isReadOnly) => File.OpenHandle(
        path, FileMode.Open, isReadOnly ? FileAccess.Read : FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);

    /// <inheritdoc/>
    public nint Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset)
    {
        try
        {
            RandomAccess.Write(file, bytes, offset);
            return bytes.Length;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Failed(NumberOf(error));
        }
    }

    /// <inheritdoc/>
    public int SetLength(SafeFileHandle file, long length) => Try(() => RandomAccess.SetLength(file, length));

    /// <inheritdoc/>
    public void Allocate(SafeFileHandle file, long length)
    {
        // There is no such call; the zeros that follow allocate.
    }

    /// <inheritdoc/>
    public int WriteBack(SafeFileHandle file, long awaited, long offset, long length)
    {
        // There is no such call; the sync writes it all.
        return 0;
    }

    /// <inheritdoc/>
    public int Sync(SafeFileHandle file, bool isDataOnly) => Try(() => RandomAccess.FlushToDisk(file));

    /// <inheritdoc/>
    public int Rename(string from, string to) => Try(() => File.Move(from, to, overwrite: true));

    /// <inheritdoc/>
    public int Delete(string path)
    {
        // .NET takes a file that is not there for deleted.
        return File.Exists(path) ? Try(() => File.Delete(path)) : Failed(FileNotFound);
    }

    /// <inheritdoc/>
    public int SyncDirectory(string path)
    {
        // NTFS keeps names in its own log; there is no call for a directory.
        return 0;
    }

    /// <summary>The system's own number of a failure: the low half of the result that .NET gives.</summary>
    internal static int NumberOf(Exception error)
    {
        // Windows interrupts no call: its 4 is another failure, and no EINTR after which a sync may be tried again.
        int number = error.HResult & 0xFFFF;
        return number == LibC.Interrupted ? GeneralFailure : number;
    }

    private static int Try(Action call)
    {
        try
        {
            call();
            return 0;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Failed(NumberOf(error));
        }
    }

    private static int Failed(int number)
    {
        Marshal.SetLastPInvokeError(number);
        return -1;
    }
}
