namespace RaftKv.Transport;

/// <summary>
/// Lets one sentence a minute through: a peer that stays away must not fill the log. What settles itself within the patience
/// is not told at all. Any thread.
/// </summary>
/// <param name="patience">How long the matter must last before it is told.</param>
internal sealed class LogLimiter(TimeProvider time, TimeSpan patience = default)
{
    private const long None = long.MinValue;
    private long _lastTimestamp = None;
    private long _beganAt = None;

    /// <summary>True when the sentence may be logged now; then the next minute is silent.</summary>
    public bool MayLog()
    {
        long now = time.GetTimestamp();
        long began = Interlocked.CompareExchange(ref _beganAt, now, None);
        if (patience > TimeSpan.Zero && (began == None || time.GetElapsedTime(began, now) < patience))
        {
            return false;
        }

        long last = Volatile.Read(ref _lastTimestamp);
        if (last != None && time.GetElapsedTime(last, now) < TimeSpan.FromMinutes(1))
        {
            return false;
        }

        return Interlocked.CompareExchange(ref _lastTimestamp, now, last) == last;
    }

    /// <summary>The matter is settled: the next sentence is news again.</summary>
    public void Reset()
    {
        Volatile.Write(ref _lastTimestamp, None);
        Volatile.Write(ref _beganAt, None);
    }
}
