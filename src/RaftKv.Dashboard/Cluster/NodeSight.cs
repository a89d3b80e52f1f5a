namespace RaftKv.Dashboard.Cluster;

/// <summary>What is known of one member: from its own mouth, now or when it last answered.</summary>
public sealed record NodeSight
{
    public required string Name { get; init; }

    /// <summary>What the membership says of it; null when nobody has asked.</summary>
    public MemberBody? Member { get; init; }

    /// <summary>What tells it from every other one, now and ever; names may come twice.</summary>
    public string Id => Member?.Id ?? Name;

    /// <summary>Where clients reach it; null when nobody has told this node yet.</summary>
    public Uri? Url { get; init; }

    /// <summary>True for the node that serves this page.</summary>
    public bool IsSelf { get; init; }

    /// <summary>Takes part in elections and majorities.</summary>
    public bool IsVoter { get; init; } = true;

    /// <summary>It answered the last time it was asked.</summary>
    public bool IsUp { get; init; }

    /// <summary>When it last answered; null for never since this page opened.</summary>
    public DateTimeOffset? SeenAt { get; init; }

    /// <summary>What it said then.</summary>
    public StatusAnswer? Status { get; init; }

    /// <summary>True when it answers and calls itself the leader.</summary>
    public bool IsLeader => IsUp && Status?.Role == NodeRoles.Leader;
}
