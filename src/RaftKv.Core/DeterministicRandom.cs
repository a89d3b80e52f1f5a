namespace RaftKv.Core;

/// <summary>
/// The core's only source of randomness: SplitMix64 (Steele, Lea, Flood 2014), seeded by the host. The same seed gives
/// the same numbers on every machine and .NET version, which System.Random does not promise.
/// </summary>
public sealed class DeterministicRandom(ulong seed)
{
    private ulong _state = seed;

    /// <summary>The next 64 bits.</summary>
    public ulong NextUInt64()
    {
        _state += 0x9E3779B97F4A7C15UL;
        ulong z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }

    /// <summary>
    /// A number in [0, <paramref name="exclusiveMax"/>); the bias is below 2^-32 for the small ranges used here.
    /// </summary>
    public int Next(int exclusiveMax)
    {
        Check.That(exclusiveMax > 0, "exclusiveMax > 0");
        return (int)((NextUInt64() >> 32) * (ulong)exclusiveMax >> 32);
    }

    /// <summary>A number in [<paramref name="min"/>, <paramref name="exclusiveMax"/>).</summary>
    public int Next(int min, int exclusiveMax) => min + Next(exclusiveMax - min);

    /// <summary>True with the chance <paramref name="perMille"/> / 1000.</summary>
    public bool Chance(int perMille) => Next(1000) < perMille;
}
