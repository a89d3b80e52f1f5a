using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using RaftKv.Storage;

namespace RaftKv.Tests.Storage;

/// <summary>The system's calls, and a list of what was begun to be written back.</summary>
internal sealed class WriteBackCalls : IFileCalls
{
    public List<(long Awaited, long Offset, long Length)> Ranges { get; } = [];

    /// <summary>The system's number of the failure of each; 0 for none.</summary>
    public int Error { get; init; }

    public SafeFileHandle Create(string path) => SystemFileCalls.Instance.Create(path);

    public SafeFileHandle Open(string path, bool isReadOnly) => SystemFileCalls.Instance.Open(path, isReadOnly);

    public nint Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset) =>
        SystemFileCalls.Instance.Write(file, bytes, offset);

    public int SetLength(SafeFileHandle file, long length) => SystemFileCalls.Instance.SetLength(file, length);

    public void Allocate(SafeFileHandle file, long length) => SystemFileCalls.Instance.Allocate(file, length);

    public int WriteBack(SafeFileHandle file, long awaited, long offset, long length)
    {
        Ranges.Add((awaited, offset, length));
        Marshal.SetLastPInvokeError(Error);
        return Error != 0 ? -1 : SystemFileCalls.Instance.WriteBack(file, awaited, offset, length);
    }

    public int Sync(SafeFileHandle file, bool isDataOnly) => SystemFileCalls.Instance.Sync(file, isDataOnly);

    public int Rename(string from, string to) => SystemFileCalls.Instance.Rename(from, to);

    public int Delete(string path) => SystemFileCalls.Instance.Delete(path);

    public int SyncDirectory(string path) => SystemFileCalls.Instance.SyncDirectory(path);
}
