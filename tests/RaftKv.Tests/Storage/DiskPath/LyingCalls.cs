using Microsoft.Win32.SafeHandles;
using RaftKv.Storage;

namespace RaftKv.Tests.Storage.DiskPath;

/// <summary>A sabotage of the device: something is called done that was never asked of the disk.</summary>
public enum DiskLie
{
    /// <summary>None.</summary>
    None,

    /// <summary>Two of three syncs of files are left out.</summary>
    TwoOfThreeSyncsSkipped,

    /// <summary>Files are never synced.</summary>
    NoFileSync,

    /// <summary>The directory is never synced.</summary>
    NoDirectorySync,

    /// <summary>A write that was cut short counts as whole.</summary>
    ShortWriteIsWhole,

    /// <summary>A batch is called durable when it is handed over.</summary>
    AcknowledgedBeforeTheSync,
}

/// <summary>Sits between a device and the recorder, and lies to the device.</summary>
internal sealed class LyingCalls(IFileCalls inner, DiskLie lie) : IFileCalls
{
    private int _syncCount;

    public SafeFileHandle Create(string path) => inner.Create(path);

    public SafeFileHandle Open(string path, bool isReadOnly) => inner.Open(path, isReadOnly);

    public nint Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset)
    {
        nint count = inner.Write(file, bytes, offset);
        return count > 0 && lie == DiskLie.ShortWriteIsWhole ? bytes.Length : count;
    }

    public int SetLength(SafeFileHandle file, long length) => inner.SetLength(file, length);

    public void Allocate(SafeFileHandle file, long length) => inner.Allocate(file, length);

    public int WriteBack(SafeFileHandle file, long awaited, long offset, long length) =>
        inner.WriteBack(file, awaited, offset, length);

    public int Sync(SafeFileHandle file, bool isDataOnly) => lie switch
    {
        DiskLie.NoFileSync => 0,
        DiskLie.TwoOfThreeSyncsSkipped when Interlocked.Increment(ref _syncCount) % 3 != 0 => 0,
        _ => inner.Sync(file, isDataOnly),
    };

    public int Rename(string from, string to) => inner.Rename(from, to);

    public int Delete(string path) => inner.Delete(path);

    public int SyncDirectory(string path) => lie == DiskLie.NoDirectorySync ? 0 : inner.SyncDirectory(path);
}
