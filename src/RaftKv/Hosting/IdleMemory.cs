namespace RaftKv.Hosting;

/// <summary>
/// Decides when memory that a burst has taken is given back: once the node has been quiet for a while, and once more
/// later, since pools let go of their buffers only some time after a collection. Pure; <see cref="MemoryReturn"/> brings
/// the looks.
/// </summary>
/// <remarks>
/// Quiet means that little is allocated: the collector runs by itself only when something is, so that it is exactly a
/// quiet process that would keep what it has for ever.
/// </remarks>
internal sealed class IdleMemory
{
    /// <summary>Quiet looks before the first return, and again before the second.</summary>
    public const int QuietLooks = 3;

    /// <summary>Allocated in all before a return is worth a collection.</summary>
    public const long WorthwhileBytes = 32L << 20;

    /// <summary>Allocated between two looks by a node that is called quiet whatever it did before.</summary>
    public const long QuietBytes = 8L << 20;

    private const int ReturnsPerBurst = 2;

    private long _lastAllocated;
    private long _allocatedAtReturn;
    private long _peakDelta;
    private int _quietCount;
    private int _idleCount;
    private int _returnsLeft;
    private bool _isStopOwed;

    /// <summary>
    /// So little has been allocated for a while that nobody would notice a stop. Where that is not so, what it would give back has to
    /// wait: see <see cref="Look"/>.
    /// </summary>
    public bool MayStop => _idleCount >= QuietLooks;

    /// <summary>
    /// Looks once; true when memory is to be given back now. A return that came while there was steady load is followed by one more,
    /// once there is none.
    /// </summary>
    /// <param name="allocatedBytes">Allocated since the start of the process; never falls.</param>
    public bool Look(long allocatedBytes)
    {
        long delta = allocatedBytes - _lastAllocated;
        _lastAllocated = allocatedBytes;
        _peakDelta = Math.Max(_peakDelta, delta);
        if (allocatedBytes - _allocatedAtReturn >= WorthwhileBytes)
        {
            _returnsLeft = ReturnsPerBurst;
        }

        // Also quiet: an eighth of what the burst took, or a node with a little steady load would never give anything back.
        bool isQuiet = delta <= Math.Max(QuietBytes, _peakDelta / 8);
        _quietCount = isQuiet ? _quietCount + 1 : 0;
        _idleCount = delta <= QuietBytes ? _idleCount + 1 : 0;
        if (_quietCount < QuietLooks || (_returnsLeft == 0 && !(_isStopOwed && MayStop)))
        {
            return false;
        }

        _quietCount = 0;
        _returnsLeft = Math.Max(0, _returnsLeft - 1);
        _isStopOwed = !MayStop;
        _allocatedAtReturn = allocatedBytes;
        _peakDelta = delta;
        return true;
    }
}
