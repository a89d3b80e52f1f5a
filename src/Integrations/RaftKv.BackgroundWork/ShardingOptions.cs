using System.Globalization;

namespace RaftKv.BackgroundWork;

/// <summary>How work is cut into shards.</summary>
public sealed record ShardingOptions
{
    /// <summary>The group's name, the same in all its processes; 1 to 200 characters.</summary>
    public required string Group
    {
        get;
        init => field = value is { Length: >= 1 and <= 200 } && !value.Contains('\0', StringComparison.Ordinal)
            ? value
            : throw new ArgumentException("A group's name has 1 to 200 characters, none of them zero.", nameof(Group));
    }

    /// <summary>How many shards there are, 1 to 4,096, the same in all processes; many times as many as processes.</summary>
    public required int ShardCount
    {
        get;
        init => field = value is >= 1 and <= 4_096
            ? value
            : throw new ArgumentOutOfRangeException(nameof(ShardCount), value, "1 to 4,096.");
    }

    /// <summary>How long a process that died keeps its shards from others. At least 1 s. Default 10 s.</summary>
    public TimeSpan Ttl
    {
        get;
        init => field = value >= TimeSpan.FromSeconds(1)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(Ttl), value, "At least one second.");
    } = TimeSpan.FromSeconds(10);

    /// <summary>Who this process is, for people to read; null says machine and process.</summary>
    public string? Worker { get; init; }

    /// <summary>The pause after work that has failed or ended; doubled with each further failure up to 30 s. Default 1 s.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Where time comes from.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    internal string MemberPrefix => $"sharding/{Group}/members/";

    internal string LockOf(int shard) => string.Create(CultureInfo.InvariantCulture, $"sharding/{Group}/{shard}");
}
