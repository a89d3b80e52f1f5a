using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace RaftKv.Storage;

/// <summary>
/// The C library's calls. Linux is the home; macOS syncs with F_FULLFSYNC. Each member is one call and holds no decision.
/// </summary>
internal sealed class PosixFileCalls : IFileCalls
{
    /// <inheritdoc/>
    public SafeFileHandle Create(string path) =>
        File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);

    /// <inheritdoc/>
    public SafeFileHandle Open(string path, bool isReadOnly) => File.OpenHandle(
        path, FileMode.Open, isReadOnly ? FileAccess.Read : FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);

    /// <inheritdoc/>
    public unsafe nint Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset)
    {
        fixed (byte* start = bytes)
        {
            return LibC.WriteAt(file, start, (nuint)bytes.Length, offset);
        }
    }

    /// <inheritdoc/>
    public int SetLength(SafeFileHandle file, long length) => LibC.SetLength(file, length);

    /// <inheritdoc/>
    public void Allocate(SafeFileHandle file, long length)
    {
        if (OperatingSystem.IsLinux())
        {
            _ = LibC.Allocate(file, 0, length);
        }
    }

    /// <inheritdoc/>
    public int WriteBack(SafeFileHandle file, long awaited, long offset, long length)
    {
        if (!OperatingSystem.IsLinux())
        {
            return 0;
        }

        int waited = awaited < offset ? LibC.SyncRange(file, awaited, offset - awaited, LibC.WaitBefore) : 0;
        return waited < 0 ? waited : LibC.SyncRange(file, offset, length, LibC.WriteBack);
    }

    /// <inheritdoc/>
    public int Sync(SafeFileHandle file, bool isDataOnly)
    {
        if (OperatingSystem.IsMacOS())
        {
            // fsync on macOS leaves the data in the drive's cache. Not every file system knows F_FULLFSYNC.
            return LibC.Control(file, LibC.FullFsync) == 0 ? 0 : LibC.Sync(file);
        }

        return isDataOnly ? LibC.SyncData(file) : LibC.Sync(file);
    }

    /// <inheritdoc/>
    public int Rename(string from, string to) => LibC.Rename(from, to);

    /// <inheritdoc/>
    public int Delete(string path) => LibC.Unlink(path);

    /// <inheritdoc/>
    public int SyncDirectory(string path)
    {
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
}
