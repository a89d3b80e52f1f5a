namespace RaftKv.Quorums;

/// <summary>How two writes that did not know each other are brought together.</summary>
public enum Resolution
{
    /// <summary>The later one by the writer's clock wins; the other is gone.</summary>
    LastWriterWins = 0,

    /// <summary>Both are kept, and the next reader merges them.</summary>
    Siblings = 1,

    /// <summary>The value is a counter with an entry for each replica; merging takes the larger of each.</summary>
    GrowOnlyCounter = 2,
}

/// <summary>A store without a leader, and what is done to it.</summary>
public sealed record QuorumOptions
{
    /// <summary>Replicas of a key, 1 to 9.</summary>
    public int Replicas { get; init; } = 3;

    /// <summary>Answers that a read waits for, 1 to <see cref="Replicas"/>.</summary>
    public int ReadQuorum { get; init; } = 1;

    /// <summary>Acknowledgments that a write waits for, 1 to <see cref="Replicas"/>.</summary>
    public int WriteQuorum { get; init; } = 1;

    /// <summary>A node that is down is stood in for by the next one of the ring.</summary>
    public bool IsSloppy { get; init; }

    /// <summary>Who stood in hands over what it took once the node is back.</summary>
    public bool HasHintedHandoff { get; init; }

    /// <summary>A read writes what is newest to the replicas that answered with something older.</summary>
    public bool HasReadRepair { get; init; }

    /// <summary>How concurrent writes are brought together.</summary>
    public Resolution Resolution { get; init; }

    /// <summary>Operations in all, 1 to 1,000,000; half are reads, half read a value and write it with one more.</summary>
    public int Operations { get; init; } = 10_000;

    /// <summary>Clients at once.</summary>
    public int Clients { get; init; } = 8;

    /// <summary>Keys; the fewer, the more writes meet.</summary>
    public int Keys { get; init; } = 16;

    /// <summary>Mean time of a message, one way, in milliseconds; exponential.</summary>
    public double LatencyMs { get; init; } = 5;

    /// <summary>Share of the time that a node is down, 0 to 0.9; half a second at a time on average.</summary>
    public double DownShare { get; init; }

    /// <summary>How far clients' clocks differ, in milliseconds; matters to last writer wins.</summary>
    public double ClockSkewMs { get; init; } = 10;

    /// <summary>The same seed is the same run.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Sentences that say what is wrong; empty when nothing is.</summary>
    public IReadOnlyList<string> Validate()
    {
        List<string> problems = [];
        Between("n", Replicas, 1, 9);
        Between("r", ReadQuorum, 1, Replicas);
        Between("w", WriteQuorum, 1, Replicas);
        Between("operations", Operations, 1, 1_000_000);
        Between("clients", Clients, 1, 1_000);
        Between("keys", Keys, 1, 100_000);
        if (LatencyMs is < 0 or > 10_000 || ClockSkewMs is < 0 or > 10_000 || DownShare is < 0 or > 0.9)
        {
            problems.Add("latency and skew are 0 to 10000 ms, down is a share of 0 to 0.9.");
        }

        if (HasHintedHandoff && !IsSloppy)
        {
            problems.Add("hinted handoff needs a sloppy quorum: else nobody stands in.");
        }

        return problems;

        void Between(string name, int value, int min, int max)
        {
            if (value < min || value > max)
            {
                problems.Add($"{name} is {value}; it must be {min} to {max}.");
            }
        }
    }
}
