using RaftKv.Engine;

namespace RaftKv.Storage;

/// <summary>
/// Looks every second whether the data directory's disk has room for what a full store must still do: take the log's
/// entries of deletions and compactions, and a snapshot. Told to the leader, which raises an alarm long before a write fails.
/// </summary>
/// <remarks>A thread of the pool writes the verdict; any thread reads it.</remarks>
internal sealed class DiskWatch : IDisposable
{
    private static readonly TimeSpan _period = TimeSpan.FromSeconds(1);

    private readonly string _directory;
    private readonly Func<string, long> _freeBytes;
    private readonly Func<long> _storeBytes;
    private readonly long _reserveBytes;
    private readonly ITimer _timer;
    private volatile Picture _picture;

    /// <param name="directory">The data directory.</param>
    /// <param name="freeBytes">Free bytes of its disk for this process.</param>
    /// <param name="storeBytes">What the store costs: about the size of its snapshot.</param>
    public DiskWatch(string directory, Func<string, long> freeBytes, Func<long> storeBytes, long reserveBytes, TimeProvider time)
    {
        _directory = directory;
        _picture = new Picture(new DiskUse(0, 0, reserveBytes, IsLow: false));
        _freeBytes = freeBytes;
        _storeBytes = storeBytes;
        _reserveBytes = reserveBytes;
        Look();
        _timer = time.CreateTimer(_ => Look(), state: null, _period, _period);
    }

    /// <summary>What was seen last.</summary>
    public DiskUse Use => _picture.Use;

    /// <summary>
    /// The rule: low when a snapshot of the whole store and the reserve do not fit; no longer low when a quarter more does.
    /// </summary>
    public static bool IsLowAt(bool wasLow, long freeBytes, long storeBytes, long reserveBytes)
    {
        long needed = reserveBytes > (long.MaxValue / 2) - storeBytes ? long.MaxValue / 2 : reserveBytes + storeBytes;
        return freeBytes < (wasLow ? needed + (needed / 4) : needed);
    }

    /// <summary>Free bytes of the disk on which a directory is (statvfs on Linux).</summary>
    public static long FreeBytesOf(string directory) => new DriveInfo(Path.GetFullPath(directory)).AvailableFreeSpace;

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        try
        {
            long free = _freeBytes(_directory);
            bool isLow = IsLowAt(_picture.Use.IsLow, free, _storeBytes(), _reserveBytes);
            _picture = new Picture(new DiskUse(UsedBytesOf(_directory), free, _reserveBytes, isLow)
            {
                KeptDamaged = DataDirectory.KeptIn(_directory).LastOrDefault(),
            });
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Nothing is known, so nothing is said; a disk that is gone stops the node at its next write.
        }
    }

    // A file may go between the two calls: it counts for nothing then.
    private static long UsedBytesOf(string directory)
    {
        long bytes = 0;
        foreach (FileInfo file in new DirectoryInfo(directory).EnumerateFiles("*", SearchOption.AllDirectories))
        {
            bytes += file.Exists ? file.Length : 0;
        }

        return bytes;
    }

    // A struct of several words can't be read whole by other threads; a reference can.
    private sealed record Picture(DiskUse Use);
}
