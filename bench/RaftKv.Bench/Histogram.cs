using System.Numerics;

namespace RaftKv.Bench;

/// <summary>
/// Counts latencies in buckets that are log-linear, as HdrHistogram's: 64 steps for each power of two, so any value
/// reported is at most 1.6 % above a true one. One thread.
/// </summary>
/// <remarks>Units are microseconds; up to about 71 minutes, larger ones count as that.</remarks>
internal sealed class Histogram
{
    private const int StepBits = 6;
    private const int Steps = 1 << StepBits;
    private const long LargestValue = uint.MaxValue;

    private readonly long[] _counts = new long[((32 - StepBits) * Steps) + Steps];

    internal long Count { get; private set; }

    internal long Max { get; private set; }

    internal void Record(long micros)
    {
        long value = Math.Clamp(micros, 0, LargestValue);
        _counts[IndexOf(value)]++;
        Count++;
        Max = Math.Max(Max, value);
    }

    internal void Add(Histogram other)
    {
        for (int index = 0; index < _counts.Length; index++)
        {
            _counts[index] += other._counts[index];
        }

        Count += other.Count;
        Max = Math.Max(Max, other.Max);
    }

    /// <summary>
    /// The value that this share of all recorded values does not exceed, within a bucket's width; 0 when empty.
    /// </summary>
    internal long Percentile(double share)
    {
        long rank = Math.Max(1, (long)Math.Ceiling(Count * share));
        long seen = 0;
        for (int index = 0; index < _counts.Length; index++)
        {
            seen += _counts[index];
            if (seen >= rank)
            {
                return Math.Min(HighestOf(index), Max);
            }
        }

        return Max;
    }

    private static int IndexOf(long value)
    {
        if (value < Steps)
        {
            return (int)value;
        }

        int shift = BitOperations.Log2((ulong)value) - StepBits;
        return ((shift + 1) << StepBits) + (int)((value >> shift) - Steps);
    }

    private static long HighestOf(int index)
    {
        if (index < Steps)
        {
            return index;
        }

        int shift = (index >> StepBits) - 1;
        return (((long)(index & (Steps - 1)) + Steps + 1) << shift) - 1;
    }
}
