using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using RaftKv.Core.Disk.Device;

namespace RaftKv.Storage;

/// <summary>
/// A directory of a real disk. The first failure of any call is final: from then on every call is refused, on any
/// thread, because after a failed write or sync nobody knows what the disk holds.
/// </summary>
public sealed class FileStorageDevice : IStorageDevice
{
    private const int ZeroChunkBytes = 1024 * 1024;

    // A long file that is left to its one sync is hundreds of megabytes in the disk's queue at once, and the syncs of the log
    // wait behind them. So what was written goes out as it comes, in pieces that a disk takes in a few milliseconds, and at
    // most two at a time: its writer waits for the disk, and not the log.
    private const int WriteBackBytes = 1024 * 1024;

    private readonly IFileCalls _calls;
    private volatile string? _failure;

    /// <summary>Stands for a directory that exists.</summary>
    public FileStorageDevice(string directory)
        : this(directory, SystemFileCalls.Instance)
    {
    }

    /// <summary>The same over calls of a test's.</summary>
    internal FileStorageDevice(string directory, IFileCalls calls)
    {
        Directory = Path.GetFullPath(directory);
        _calls = calls;
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
        SafeFileHandle handle = Guarded("create", name, () => _calls.Create(PathOf(name)));
        var file = new DiskFile(this, name, handle);
        if (zeroedBytes > 0)
        {
            file.FillWithZeros(zeroedBytes);
        }

        return file;
    }

    /// <inheritdoc/>
    public IStorageFile Open(string name, bool isReadOnly) =>
        new DiskFile(this, name, Guarded("open", name, () => _calls.Open(PathOf(name), isReadOnly)));

    /// <inheritdoc/>
    public void Rename(string from, string to)
    {
        CheckUsable("rename", from);
        Require(_calls.Rename(PathOf(from), PathOf(to)), "rename", from);
    }

    /// <inheritdoc/>
    public void Delete(string name)
    {
        CheckUsable("delete", name);
        Require(_calls.Delete(PathOf(name)), "delete", name);
    }

    /// <inheritdoc/>
    public void SyncDirectory()
    {
        CheckUsable("fsync", ".");
        Require(RetryingInterrupts(() => _calls.SyncDirectory(Directory)), "fsync", ".");
    }

    /// <summary>Remembers the failure and throws it. Never returns.</summary>
    internal StorageFailedException Fail(string operation, string name, string reason, Exception? inner = null)
    {
        string message = $"{operation} of {PathOf(name)} failed: {reason}. The node stops, because what the disk holds now is not known.";
        _failure ??= message;
        return new StorageFailedException(message, inner);
    }

    // A signal is no failure of the disk: the pages are still dirty. Any other error is final (see the class).
    private static int RetryingInterrupts(Func<int> sync)
    {
        int result;
        do
        {
            result = sync();
        }
        while (result < 0 && Marshal.GetLastPInvokeError() == LibC.Interrupted);

        return result;
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
        // Where what was written since the last sync, or the last piece that goes out, begins, and how much it is.
        private long _heldFrom = long.MaxValue;
        private long _heldBytes;

        // Where the piece that goes out begins; behind the next one's beginning when there is none that has to be awaited.
        private long _leavingFrom = long.MaxValue;

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

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            device.CheckUsable("write", name);
            int done = 0;
            while (done < bytes.Length)
            {
                nint count = device._calls.Write(handle, bytes[done..], offset + done);
                if (count > 0)
                {
                    done += (int)count;
                }
                else if (count == 0 || Marshal.GetLastPInvokeError() != LibC.Interrupted)
                {
                    throw device.Fail("write", name, count == 0 ? "no byte was taken" : LastError());
                }
            }

            _heldFrom = Math.Min(_heldFrom, offset);
            _heldBytes += bytes.Length;
            if (_heldBytes >= WriteBackBytes)
            {
                WriteBack(offset + bytes.Length);
            }
        }

        public void SetLength(long length)
        {
            device.CheckUsable("truncate", name);
            device.Require(device._calls.SetLength(handle, length), "truncate", name);
        }

        public void Sync() => Sync(isDataOnly: true);

        /// <summary>Blocks are allocated and written, so that a later fdatasync has no metadata to write.</summary>
        public void FillWithZeros(long length)
        {
            device.CheckUsable("allocate", name);

            // Contiguous if the file system can. Its refusal is no failure: the zeros that follow allocate too, and find a
            // full disk.
            device._calls.Allocate(handle, length);
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
            device.Require(RetryingInterrupts(() => device._calls.Sync(handle, isDataOnly)), operation, name);
            (_heldFrom, _heldBytes, _leavingFrom) = (long.MaxValue, 0, long.MaxValue);
        }

        private void WriteBack(long end)
        {
            int result = device._calls.WriteBack(handle, _leavingFrom, _heldFrom, end - _heldFrom);

            // Who does not know the call refuses it, and the sync writes all. But a failed write is told here, and then not again.
            if (result < 0 && Marshal.GetLastPInvokeError()
                is not (LibC.Interrupted or LibC.InvalidArgument or LibC.IllegalSeek or LibC.NoSuchCall))
            {
                throw device.Fail("write-back", name, LastError());
            }

            (_heldFrom, _heldBytes, _leavingFrom) = (long.MaxValue, 0, _heldFrom);
        }
    }
}
