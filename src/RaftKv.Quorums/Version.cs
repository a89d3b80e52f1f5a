namespace RaftKv.Quorums;

/// <summary>
/// A value: which writes it contains, when it was written by its writer's clock, and a counter's entries. Never changed
/// once made.
/// </summary>
internal sealed class Version
{
    public static Version Empty { get; } = new(timestampUs: long.MinValue, writer: -1, [], []);

    private Version(long timestampUs, int writer, HashSet<int> writes, int[] counts)
    {
        TimestampUs = timestampUs;
        Writer = writer;
        Writes = writes;
        Counts = counts;
    }

    /// <summary>By the clock of whoever wrote it.</summary>
    public long TimestampUs { get; }

    /// <summary>Number of the write that made it; decides between equal clocks.</summary>
    public int Writer { get; }

    /// <summary>Every write that this one knew, and itself.</summary>
    public IReadOnlySet<int> Writes { get; }

    /// <summary>A counter's entries, by replica.</summary>
    public int[] Counts { get; }

    /// <summary>A value with one write more than those that its writer has read.</summary>
    public static Version Next(IEnumerable<Version> read, int write, long timestampUs) =>
        new(timestampUs, write, [.. read.SelectMany(static version => version.Writes), write], []);

    /// <summary>A counter whose entry of this replica has grown by one.</summary>
    public static Version Counted(Version before, int replica, int replicas, int write)
    {
        int[] counts = new int[replicas];
        before.Counts.CopyTo(counts, 0);
        counts[replica]++;
        return new Version(before.TimestampUs + 1, write, [.. before.Writes, write], counts);
    }

    /// <summary>Two counters together: the larger of each entry.</summary>
    public static Version Join(Version one, Version other)
    {
        if (one.Knows(other))
        {
            return one;
        }

        if (other.Knows(one))
        {
            return other;
        }

        int[] counts = new int[Math.Max(one.Counts.Length, other.Counts.Length)];
        for (int i = 0; i < counts.Length; i++)
        {
            counts[i] = Math.Max(i < one.Counts.Length ? one.Counts[i] : 0, i < other.Counts.Length ? other.Counts[i] : 0);
        }

        return new Version(Math.Max(one.TimestampUs, other.TimestampUs), Math.Max(one.Writer, other.Writer),
            [.. one.Writes, .. other.Writes], counts);
    }

    /// <summary>True when it contains all that the other does.</summary>
    public bool Knows(Version other) =>
        other.Writes.Count <= Writes.Count && (other.Writer < 0 || Writes.Contains(other.Writer)) && other.Writes.IsSubsetOf(Writes);

    /// <summary>Later by the writers' clocks.</summary>
    public bool IsLaterThan(Version other) =>
        TimestampUs > other.TimestampUs || (TimestampUs == other.TimestampUs && Writer > other.Writer);
}
