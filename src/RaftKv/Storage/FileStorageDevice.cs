using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using RaftKv.Core.Disk.Device;

namespace RaftKv.Storage;

/// <summary>
/// A directory of a real disk. Linux is the home; macOS syncs with F_FULLFSYNC, Windows with FlushFileBuffers. The
/// first failure of any call is final: from then on every call is refused, on any thread, because after a failed write
/// or sync nobody knows what the disk holds.
/// </summary>
public sealed class FileStorageDevice : IStorageDevice
{
    private const int ZeroChunkBytes = 1024 * 1024;

    private volatile string? _failure;

    /// <summary>Stands for a directory that exists.</summary>
    public FileStorageDevice(string directory)
    {
        Directory = Path.GetFullPath(directory);
    }

    /// <summary>Full path of the directory.</summary>
    public string Directory { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> List() => Guarded("list", ".", () =>
    {
        var names = new List<string>();
        foreach (string path in System.IO.Directory.EnumerateFiles(Directory))
        {
            names.Add(Path.GetFileName(path));
        }

        names.Sort(StringComparer.Ordinal);
        return names;
    });

    /// <inheritdoc/>
    public IStorageFile Create(string name, long zeroedBytes)
    {
        SafeFileHandle handle = Guarded(
            "create", name,
            () => File.OpenHandle(PathOf(name), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete));
        var file = new DiskFile(this, name, handle);
        if (zeroedBytes > 0)
        {
            file.FillWithZeros(zeroedBytes);
        }

        return file;
    }

    /// <inheritdoc/>
    public IStorageFile Open(string name, bool isReadOnly)
    {
        FileAccess access = isReadOnly ? FileAccess.Read : FileAccess.ReadWrite;
        return new DiskFile(
            this, name,
            Guarded("open", name, () => File.OpenHandle(PathOf(name), FileMode.Open, access, FileShare.ReadWrite | FileShare.Delete)));
    }

    /// <inheritdoc/>
    public void Rename(string from, string to)
    {
        if (OperatingSystem.IsWindows())
        {
            Guarded("rename", from, () => File.Move(PathOf(from), PathOf(to), overwrite: true));
            return;
        }

        CheckUsable("rename", from);
        Require(LibC.Rename(PathOf(from), PathOf(to)), "rename", from);
    }

    /// <inheritdoc/>
    public void Delete(string name)
    {
        if (OperatingSystem.IsWindows())
        {
            Guarded("delete", name, () => File.Delete(PathOf(name)));
            return;
        }

        CheckUsable("delete", name);
        Require(LibC.Unlink(PathOf(name)), "delete", name);
    }

    /// <inheritdoc/>
    public void SyncDirectory()
    {
        CheckUsable("fsync", ".");
        if (OperatingSystem.IsWindows())
        {
            // NTFS keeps names in its own log; there is no call for a directory.
            return;
        }

        int descriptor = LibC.Open(Directory, LibC.ReadOnly | LibC.CloseOnExec);
        Require(descriptor, "open", ".");
        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        Require(SyncRetryingInterrupts(handle, isDataOnly: false), "fsync", ".");
    }

    /// <summary>Remembers the failure and throws it. Never returns.</summary>
    internal StorageFailedException Fail(string operation, string name, string reason, Exception? inner = null)
    {
        string message = $"{operation} of {PathOf(name)} failed: {reason}. The node stops, because what the disk holds now is not known.";
        _failure ??= message;
        return new StorageFailedException(message, inner);
    }

    private static int SyncRetryingInterrupts(SafeFileHandle handle, bool isDataOnly)
    {
        int result;
        do
        {
            // A signal is no failure of the disk: the pages are still dirty. Any other error is final (see the class).
            result = SyncOnce(handle, isDataOnly);
        }
        while (result != 0 && Marshal.GetLastPInvokeError() == LibC.Interrupted);

        return result;
    }

    private static int SyncOnce(SafeFileHandle handle, bool isDataOnly)
    {
        if (OperatingSystem.IsMacOS())
        {
            // fsync on macOS leaves the data in the drive's cache. Not every file system knows F_FULLFSYNC.
            return LibC.Control(handle, LibC.FullFsync) == 0 ? 0 : LibC.Sync(handle);
        }

        return isDataOnly ? LibC.SyncData(handle) : LibC.Sync(handle);
    }

    private string PathOf(string name) => Path.Combine(Directory, name);

    private void CheckUsable(string operation, string name)
    {
        if (_failure is { } failure)
        {
            throw new StorageFailedException($"{operation} of {PathOf(name)} is refused after an earlier failure: {failure}");
        }
    }

    private void Require(int result, string operation, string name)
    {
        if (result < 0)
        {
            throw Fail(operation, name, LastError());
        }
    }

    private void Guarded(string operation, string name, Action action) => Guarded(operation, name, () =>
    {
        action();
        return true;
    });

    private T Guarded<T>(string operation, string name, Func<T> action)
    {
        CheckUsable(operation, name);
        try
        {
            return action();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Fail(operation, name, error.Message, error);
        }
    }

    private static string LastError() => ErrorText(Marshal.GetLastPInvokeError());

    private static string ErrorText(int error) => $"{Marshal.GetPInvokeErrorMessage(error)} (errno {error})";

    private sealed class DiskFile(FileStorageDevice device, string name, SafeFileHandle handle) : IStorageFile
    {
        public long Length => device.Guarded("fstat", name, () => RandomAccess.GetLength(handle));

        public int Read(long offset, Span<byte> buffer)
        {
            device.CheckUsable("read", name);
            try
            {
                return RandomAccess.Read(handle, buffer, offset);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw device.Fail("read", name, error.Message, error);
            }
        }

        public unsafe void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            device.CheckUsable("write", name);
            if (OperatingSystem.IsWindows())
            {
                WriteManaged(offset, bytes);
                return;
            }

            fixed (byte* start = bytes)
            {
                int done = 0;
                while (done < bytes.Length)
                {
                    nint count = LibC.WriteAt(handle, start + done, (nuint)(bytes.Length - done), offset + done);
                    if (count > 0)
                    {
                        done += (int)count;
                    }
                    else if (count == 0 || Marshal.GetLastPInvokeError() != LibC.Interrupted)
                    {
                        throw device.Fail("write", name, count == 0 ? "no byte was taken" : LastError());
                    }
                }
            }
        }

        public void SetLength(long length)
        {
            device.CheckUsable("truncate", name);
            if (OperatingSystem.IsWindows())
            {
                device.Guarded("truncate", name, () => RandomAccess.SetLength(handle, length));
                return;
            }

            device.Require(LibC.SetLength(handle, length), "truncate", name);
        }

        public void Sync() => Sync(isDataOnly: true);

        /// <summary>Blocks are allocated and written, so that a later fdatasync has no metadata to write.</summary>
        public void FillWithZeros(long length)
        {
            device.CheckUsable("allocate", name);
            if (OperatingSystem.IsLinux())
            {
                // Contiguous if the file system can. Its refusal is no failure: the zeros that follow allocate too, and
                // find a full disk.
                _ = LibC.Allocate(handle, 0, length);
            }

            byte[] zeros = new byte[Math.Min(ZeroChunkBytes, length)];
            for (long offset = 0; offset < length; offset += zeros.Length)
            {
                Write(offset, zeros.AsSpan(0, (int)Math.Min(zeros.Length, length - offset)));
            }

            Sync(isDataOnly: false);
        }

        public void Dispose() => handle.Dispose();

        private void Sync(bool isDataOnly)
        {
            string operation = isDataOnly ? "fdatasync" : "fsync";
            device.CheckUsable(operation, name);
            if (OperatingSystem.IsWindows())
            {
                device.Guarded(operation, name, () => RandomAccess.FlushToDisk(handle));
                return;
            }

            device.Require(SyncRetryingInterrupts(handle, isDataOnly), operation, name);
        }

        private void WriteManaged(long offset, ReadOnlySpan<byte> bytes)
        {
            try
            {
                RandomAccess.Write(handle, bytes, offset);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw device.Fail("write", name, error.Message, error);
            }
        }
    }
}
