namespace RaftKv.Service.Shares;

/// <summary>The shares of one node. Immutable.</summary>
internal sealed record ShareOptions
{
    /// <summary>Stands for every caller without a line of its own.</summary>
    public const string Everyone = "*";

    /// <summary>Most lines of users, and of prefixes: each call is held against every prefix.</summary>
    public const int MaxLines = 256;

    /// <summary>No shares: nobody is counted.</summary>
    public static ShareOptions None { get; } = new();

    /// <summary>Of each user and of each address without one, root aside; null for no bound.</summary>
    public ShareTerms? OfEveryone { get; init; }

    /// <summary>Of users by name.</summary>
    public IReadOnlyDictionary<string, ShareTerms> OfUsers { get; init; } = new Dictionary<string, ShareTerms>();

    /// <summary>Of all callers together, under a prefix.</summary>
    public IReadOnlyList<(byte[] Prefix, ShareTerms Terms)> OfPrefixes { get; init; } = [];
}
