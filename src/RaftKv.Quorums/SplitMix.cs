namespace RaftKv.Quorums;

/// <summary>SplitMix64 (Steele, Lea, Flood 2014): the same numbers for the same seed, on every machine.</summary>
internal struct SplitMix(ulong seed)
{
    private ulong _state = seed;

    /// <summary>The next 64 bits.</summary>
    public ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        ulong z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>0 to below the limit.</summary>
    public int Below(int limit) => (int)(Next() % (ulong)limit);

    /// <summary>0 to below 1.</summary>
    public double Share() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>An exponential time with this mean, in microseconds, at least 1.</summary>
    public long Exponential(double meanUs) => 1 + (long)(-Math.Log(1 - Share()) * meanUs);
}
