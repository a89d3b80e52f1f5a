namespace RaftKv.Storage;

/// <summary>
/// Looks every second whether the data directory's disk has room for what a full store must still do: take the log's
/// entries of deletions and compactions, and a snapshot. Told to the leader, which raises an alarm long before a write fails.
/// </summary>
/// <remarks>A thread of the pool writes the verdict; any thread reads it.</remarks>
internal sealed class DiskWatch : IDisposable
{
    private static readonly TimeSpan _period = TimeSpan.FromSeconds(1);

    private readonly Func<long> _freeBytes;
    private readonly Func<long> _storeBytes;
    private readonly long _reserveBytes;
    private readonly ITimer _timer;
    private volatile bool _isLow;

    /// <param name="freeBytes">Free bytes of the disk for this process.</param>
    /// <param name="storeBytes">What the store costs: about the size of its snapshot.</param>
    public DiskWatch(Func<long> freeBytes, Func<long> storeBytes, long reserveBytes, TimeProvider time)
    {
        _freeBytes = freeBytes;
        _storeBytes = storeBytes;
        _reserveBytes = reserveBytes;
        Look();
        _timer = time.CreateTimer(_ => Look(), state: null, _period, _period);
    }

    /// <summary>True while there is too little room.</summary>
    public bool IsLow => _isLow;

    /// <summary>Free bytes when it was looked last.</summary>
    public long FreeBytes { get; private set; }

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
            FreeBytes = _freeBytes();
            _isLow = IsLowAt(_isLow, FreeBytes, _storeBytes(), _reserveBytes);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Nothing is known, so nothing is said; a disk that is gone stops the node at its next write.
        }
    }
}
