namespace RaftKv.Core.Raft.Roles;

/// <summary>
/// When entries of this term were appended on the leader, coarsely: one sample per <see cref="SampleUs"/> at most. Tells
/// how long the oldest entry that a follower lacks has been waiting.
/// </summary>
public sealed class AppendTimes
{
    /// <summary>Entries appended within so many microseconds share a time, the earliest.</summary>
    public const long SampleUs = 10_000;

    // A ring: 40 s and more of steady writing. A follower that is further behind keeps the time that was found for it
    // earlier.
    private const int Capacity = 4096;

    private (LogIndex First, MonotonicTime At)[] _samples = new (LogIndex, MonotonicTime)[64];
    private long _count;

    /// <summary>An entry is appended.</summary>
    public void Appended(LogIndex index, MonotonicTime now)
    {
        if (_count > 0 && now - _samples[(_count - 1) % _samples.Length].At < SampleUs)
        {
            return;
        }

        if (_count == _samples.Length && _count < Capacity)
        {
            Array.Resize(ref _samples, _samples.Length * 2);
        }

        _samples[_count % _samples.Length] = (index, now);
        _count++;
    }

    /// <summary>
    /// When the entry was appended, or a little earlier; the oldest known time for one from before the ring.
    /// </summary>
    public MonotonicTime At(LogIndex index)
    {
        Check.That(_count > 0, "a leader has appended its no-op", _count, 0);
        long low = Math.Max(0, _count - _samples.Length);
        long high = _count - 1;
        while (low < high)
        {
            long middle = (low + high + 1) / 2;
            if (_samples[middle % _samples.Length].First <= index)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return _samples[low % _samples.Length].At;
    }
}
