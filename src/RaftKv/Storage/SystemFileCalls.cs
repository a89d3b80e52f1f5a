using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace RaftKv.Storage;

/// <summary>
/// The system itself. Linux is the home; macOS syncs with F_FULLFSYNC, Windows with FlushFileBuffers. Each member is one
/// call and holds no decision.
/// </summary>
internal sealed class SystemFileCalls : IFileCalls
{
    /// <summary>The only one there is need of.</summary>
    public static readonly SystemFileCalls Instance = new();

    private SystemFileCalls()
    {
    }

    /// <inheritdoc/>
    public SafeFileHandle Create(string path) =>
        File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);

    /// <inheritdoc/>
    public SafeFileHandle Open(string path, bool isReadOnly) => File.OpenHandle(
        path, FileMode.Open, isReadOnly ? FileAccess.Read : FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);

    /// <inheritdoc/>
    public unsafe nint Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset)
    {
        if (OperatingSystem.IsWindows())
        {
            return WriteOnWindows(file, bytes, offset);
        }

        fixed (byte* start = bytes)
        {
            return LibC.WriteAt(file, start, (nuint)bytes.Length, offset);
        }
    }

    /// <inheritdoc/>
    public int SetLength(SafeFileHandle file, long length) =>
        OperatingSystem.IsWindows() ? OnWindows(() => RandomAccess.SetLength(file, length)) : LibC.SetLength(file, length);

    /// <inheritdoc/>
    public void Allocate(SafeFileHandle file, long length)
    {
        if (OperatingSystem.IsLinux())
        {
            _ = LibC.Allocate(file, 0, length);
        }
    }

    /// <inheritdoc/>
    public int Sync(SafeFileHandle file, bool isDataOnly)
    {
        if (OperatingSystem.IsWindows())
        {
            return OnWindows(() => RandomAccess.FlushToDisk(file));
        }

        if (OperatingSystem.IsMacOS())
        {
            // fsync on macOS leaves the data in the drive's cache. Not every file system knows F_FULLFSYNC.
            return LibC.Control(file, LibC.FullFsync) == 0 ? 0 : LibC.Sync(file);
        }

        return isDataOnly ? LibC.SyncData(file) : LibC.Sync(file);
    }

    /// <inheritdoc/>
    public int Rename(string from, string to) =>
        OperatingSystem.IsWindows() ? OnWindows(() => File.Move(from, to, overwrite: true)) : LibC.Rename(from, to);

    /// <inheritdoc/>
    public int Delete(string path) => OperatingSystem.IsWindows() ? OnWindows(() => File.Delete(path)) : LibC.Unlink(path);

    /// <inheritdoc/>
    public int SyncDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            // NTFS keeps names in its own log; there is no call for a directory.
            return 0;
        }

        int descriptor = LibC.Open(path, LibC.ReadOnly | LibC.CloseOnExec);
        if (descriptor < 0)
        {
            return descriptor;
        }

        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        int result = Sync(handle, isDataOnly: false);

        // The close, too, is a call that sets the error.
        int error = Marshal.GetLastPInvokeError();
        handle.Dispose();
        Marshal.SetLastPInvokeError(error);
        return result;
    }

    private static nint WriteOnWindows(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset)
    {
        try
        {
            RandomAccess.Write(file, bytes, offset);
            return bytes.Length;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Failed(error);
        }
    }

    private static int OnWindows(Action call)
    {
        try
        {
            call();
            return 0;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Failed(error);
        }
    }

    // The low half of the result is the system's own number.
    private static int Failed(Exception error)
    {
        Marshal.SetLastPInvokeError(error.HResult & 0xFFFF);
        return -1;
    }
}
