using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using RaftKv.Core;
using RaftKv.Core.Disk.Device;
using RaftKv.Core.Tests.Disk;
using RaftKv.Storage;

namespace RaftKv.Tests.Storage.DiskPath;

/// <summary>
/// Makes the system's calls and writes each down, in the order in which they took effect, so that the disk can be played
/// back up to any of them. Writes are cut short and calls interrupted now and then, as the system may; one call can be
/// made to fail. Any thread.
/// </summary>
internal sealed class RecordingCalls(ulong seed) : IFileCalls
{
    private const int Interrupted = 4;
    private const int IoError = 5;

    private readonly DeterministicRandom _random = new(seed);
    private readonly Lock _lock = new();
    private readonly List<Recorded> _records = [];
    private readonly Dictionary<SafeFileHandle, int> _files = [];
    private int _failedThread;

    /// <summary>The call that fails with an I/O error, counted from 1; 0 for none.</summary>
    public int FailAt { get; init; }

    /// <summary>Calls that changed something, or failed at it.</summary>
    public int CallCount { get; private set; }

    /// <summary>Calls of the thread whose call failed, after that: who stops makes none.</summary>
    public int CallsAfterFailure { get; private set; }

    /// <summary>How much was recorded when the call failed.</summary>
    public int RecordsAtFailure { get; private set; }

    /// <summary>What was recorded.</summary>
    public IReadOnlyList<Recorded> Records => _records;

    /// <summary>Something that the disk does not know: what was asked for, what was promised.</summary>
    public void Note(DiskPromise promise)
    {
        lock (_lock)
        {
            _records.Add(new Recorded(promise, null));
        }
    }

    public SafeFileHandle Create(string path)
    {
        lock (_lock)
        {
            Require("create");
            SafeFileHandle file = SystemFileCalls.Instance.Create(path);
            int id = _files[file] = _files.Count;
            Add(disk => disk.Files[id] = disk.Device.Create(NameOf(path), 0));
            return file;
        }
    }

    public SafeFileHandle Open(string path, bool isReadOnly)
    {
        lock (_lock)
        {
            SafeFileHandle file = SystemFileCalls.Instance.Open(path, isReadOnly);
            int id = _files[file] = _files.Count;
            Add(disk => disk.Files[id] = disk.Device.Open(NameOf(path), isReadOnly));
            return file;
        }
    }

    public nint Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset)
    {
        lock (_lock)
        {
            if (Fails() || IsInterrupted())
            {
                return -1;
            }

            byte[] taken = bytes[..(_random.Chance(100) ? _random.Next(1, bytes.Length + 1) : bytes.Length)].ToArray();
            nint count = SystemFileCalls.Instance.Write(file, taken, offset);
            Check.That(count == taken.Length, "the test's own disk takes what it is given", count, taken.Length);
            int id = _files[file];
            Add(disk => disk.Files[id].Write(offset, taken));
            return count;
        }
    }

    public int SetLength(SafeFileHandle file, long length) => Change(
        () => SystemFileCalls.Instance.SetLength(file, length), disk => disk.Files[_files[file]].SetLength(length));

    public void Allocate(SafeFileHandle file, long length)
    {
        // Neither bytes nor a promise.
    }

    // No promise, and so nothing to play back: a power cut takes it all the same.
    public int WriteBack(SafeFileHandle file, long awaited, long offset, long length)
    {
        lock (_lock)
        {
            return Fails() ? -1 : SystemFileCalls.Instance.WriteBack(file, awaited, offset, length);
        }
    }

    public int Sync(SafeFileHandle file, bool isDataOnly)
    {
        lock (_lock)
        {
            if (IsInterrupted())
            {
                return -1;
            }
        }

        return Change(
            () => SystemFileCalls.Instance.Sync(file, isDataOnly), disk => disk.Files[_files[file]].Sync());
    }

    public int Rename(string from, string to) => Change(
        () => SystemFileCalls.Instance.Rename(from, to), disk => disk.Device.Rename(NameOf(from), NameOf(to)));

    public int Delete(string path) => Change(
        () => SystemFileCalls.Instance.Delete(path), disk => disk.Device.Delete(NameOf(path)));

    public int SyncDirectory(string path) => Change(
        () => SystemFileCalls.Instance.SyncDirectory(path), static disk => disk.Device.SyncDirectory());

    private int Change(Func<int> call, Action<ReplayedDisk> replay)
    {
        lock (_lock)
        {
            if (Fails())
            {
                return -1;
            }

            int result = call();
            Check.That(result == 0, "the test's own disk works");
            Add(replay);
            return result;
        }
    }

    private bool Fails()
    {
        // Told once, as the kernel tells of a failed sync: whoever tries again is told that all is well.
        CallsAfterFailure += Environment.CurrentManagedThreadId == _failedThread ? 1 : 0;
        CallCount++;
        bool fails = CallCount == FailAt;
        if (fails)
        {
            _failedThread = Environment.CurrentManagedThreadId;
            RecordsAtFailure = _records.Count;
            Marshal.SetLastPInvokeError(IoError);
        }

        return fails;
    }

    private void Require(string call)
    {
        if (Fails())
        {
            throw new IOException($"{call}: Input/output error");
        }
    }

    private bool IsInterrupted()
    {
        bool isInterrupted = _random.Chance(50);
        if (isInterrupted)
        {
            Marshal.SetLastPInvokeError(Interrupted);
        }

        return isInterrupted;
    }

    private void Add(Action<ReplayedDisk> replay) => _records.Add(new Recorded(null, replay));

    private static string NameOf(string path) => Path.GetFileName(path);
}

/// <summary>One thing that happened: a call of the disk, or a promise of the writer.</summary>
internal sealed record Recorded(DiskPromise? Promise, Action<ReplayedDisk>? Replay);

/// <summary>What was asked of the disk, or said of it.</summary>
/// <param name="Asked">The newest state that was given to the writer.</param>
/// <param name="Kept">The newest state that was called durable.</param>
/// <param name="Snapshot">The newest snapshot that was called durable.</param>
internal sealed record DiskPromise(int Asked = 0, int Kept = 0, long Snapshot = 0);

/// <summary>The disk played back: what was called for so far, and what of it a power cut may take.</summary>
internal sealed class ReplayedDisk
{
    public CrashDevice Device { get; } = new();

    public Dictionary<int, IStorageFile> Files { get; } = [];
}
