using System.Numerics;

namespace RaftKv.Simulation.Engine;

/// <summary>Distributions drawn in integers, so that a seed means the same on every machine.</summary>
internal static class Draws
{
    /// <summary>
    /// About exponential with this mean: leading zero bits are geometric, the next bits fill in between.
    /// </summary>
    public static long Exponential(this DeterministicRandom random, long mean)
    {
        ulong bits = random.NextUInt64();
        int zeros = BitOperations.LeadingZeroCount(bits | 1);
        long sixteenths = (zeros * 16) + (long)((bits << zeros >> 59) & 15);
        return mean * sixteenths * 11 / 256;
    }

    /// <summary>One of the values.</summary>
    public static T OneOf<T>(this DeterministicRandom random, params ReadOnlySpan<T> values) => values[random.Next(values.Length)];
}
