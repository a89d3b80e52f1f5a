using RaftKv.Core.Disk.Device;
using RaftKv.Core.Replica;

namespace RaftKv.Core.Disk.Snapshots;

/// <summary>
/// The one snapshot file being received. It lives as long as the process: after a restart the transfer starts anew,
/// since nothing of it was synced. Owned by the snapshot thread.
/// </summary>
public sealed class IncomingSnapshot : IDisposable
{
    private readonly IStorageDevice _device;
    private IStorageFile? _file;
    private SnapshotInfo? _info;
    private long _totalBytes;
    private long _length;

    /// <summary>Makes it for a directory; creates nothing yet.</summary>
    public IncomingSnapshot(IStorageDevice device) => _device = device;

    /// <summary>Name of the file of a snapshot while it comes in.</summary>
    public static string FileName(EntryId last) => SnapshotFormat.FileName(last) + ".part" + TemporaryFiles.Suffix;

    /// <summary>
    /// Puts a piece into the file and returns the file's length. A piece that starts behind the end is not stored, so
    /// that there is never a gap; what is there already is not written again. Another snapshot, or another length of
    /// it, drops the old file.
    /// </summary>
    public long Store(SnapshotChunkToStore chunk)
    {
        Check.That(chunk.Offset >= 0 && chunk.TotalBytes > 0, "a chunk has a place in a file", chunk.Offset, chunk.TotalBytes);
        if (_info is null || !SnapshotFormat.IsSame(_info, chunk.Info) || _totalBytes != chunk.TotalBytes)
        {
            Begin(chunk.Info, chunk.TotalBytes);
        }

        long end = chunk.Offset + chunk.Data.Length;
        if (chunk.Offset > _length || end <= _length || end > _totalBytes)
        {
            return _length;
        }

        _file!.Write(_length, chunk.Data.Span[(int)(_length - chunk.Offset)..]);
        _length = end;
        return _length;
    }

    /// <summary>The file, when it is the one named and whole; null otherwise. It stays this object's.</summary>
    public IStorageFile? WholeFile(SnapshotInfo info) =>
        _info is not null && SnapshotFormat.IsSame(_info, info) && _length == _totalBytes ? _file : null;

    /// <summary>Deletes the file.</summary>
    public void Drop()
    {
        if (_info is not null)
        {
            _file!.Dispose();
            _device.Delete(FileName(_info.LastEntry));
            Forget();
        }
    }

    /// <summary>The file has been renamed: close it and begin anew.</summary>
    public void Release()
    {
        _file?.Dispose();
        Forget();
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file?.Dispose();

    private void Begin(SnapshotInfo info, long totalBytes)
    {
        Drop();
        _file = _device.Create(FileName(info.LastEntry), 0);
        _info = info;
        _totalBytes = totalBytes;
        _length = 0;
    }

    private void Forget()
    {
        _file = null;
        _info = null;
        _length = 0;
        _totalBytes = 0;
    }
}
