namespace RaftKv.Transport;

/// <summary>Lets one sentence a minute through: a peer that stays away must not fill the log. Any thread.</summary>
internal sealed class LogLimiter(TimeProvider time)
{
    private static readonly long NeverLogged = long.MinValue;
    private long _lastTimestamp = NeverLogged;

    /// <summary>True when the sentence may be logged now; then the next minute is silent.</summary>
    public bool MayLog()
    {
        long now = time.GetTimestamp();
        long last = Volatile.Read(ref _lastTimestamp);
        if (last != NeverLogged && time.GetElapsedTime(last, now) < TimeSpan.FromMinutes(1))
        {
            return false;
        }

        return Interlocked.CompareExchange(ref _lastTimestamp, now, last) == last;
    }

    /// <summary>The matter is settled: the next sentence is news again.</summary>
    public void Reset() => Volatile.Write(ref _lastTimestamp, NeverLogged);
}
