namespace RaftKv.Core.Replica.Levels;

/// <summary>
/// Renews the proof of freshness in the background while bounded reads are asked for, so that they are served at once, and
/// for long: right after a cut the proof is at most a heartbeat old, whatever the readers' bound.
/// Readers that the proof satisfies ask for nothing: so it ends by itself, and the next reader that has to ask begins it
/// anew.
/// </summary>
/// <param name="heartbeatUs">The longest period.</param>
internal sealed class ProofRefresher(long heartbeatUs)
{
    /// <summary>How long after the last demand the proof is renewed.</summary>
    public const long MemoryUs = 10_000_000;

    /// <summary>The shortest period.</summary>
    public const long MinPeriodUs = 50_000;

    private MonotonicTime _windowStart;
    private MonotonicTime _lastDemand;
    private MonotonicTime _lastRefresh;
    private long _smallest = long.MaxValue;
    private long _smallestBefore = long.MaxValue;
    private bool _isOn;

    /// <summary>True while there was demand lately, so that the proof is renewed by time.</summary>
    public bool IsOn => _isOn;

    /// <summary>A reader with this bound had to ask for a barrier, which renews the proof too.</summary>
    public void NoteDemand(long boundUs, MonotonicTime now)
    {
        Check.That(boundUs > 0, "a demand has a bound", boundUs, 0);
        if (!_isOn || now - _windowStart > MemoryUs)
        {
            _smallestBefore = _isOn && now - _windowStart <= 2 * MemoryUs ? _smallest : long.MaxValue;
            _smallest = long.MaxValue;
            _windowStart = now;
        }

        _isOn = true;
        _smallest = Math.Min(_smallest, boundUs);
        _lastDemand = now;
        _lastRefresh = now;
    }

    /// <summary>True when the proof is to be renewed now; the caller does.</summary>
    public bool TakeDue(MonotonicTime now)
    {
        if (!_isOn)
        {
            return false;
        }

        if (now - _lastDemand > MemoryUs)
        {
            _isOn = false;
            _smallest = long.MaxValue;
            _smallestBefore = long.MaxValue;
            return false;
        }

        long period = Math.Max(MinPeriodUs, Math.Min(heartbeatUs, Math.Min(_smallest, _smallestBefore) / 2));
        if (now - _lastRefresh < period)
        {
            return false;
        }

        _lastRefresh = now;
        return true;
    }
}
