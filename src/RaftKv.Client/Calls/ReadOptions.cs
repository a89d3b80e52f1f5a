namespace RaftKv.Client;

/// <summary>How one read is done. What is not set comes from <see cref="RaftKvClientOptions"/>.</summary>
/// <remarks><code>
/// var fresh = new ReadOptions { Level = ReadLevel.Bounded, MaxStaleness = TimeSpan.FromMilliseconds(500) };
/// KeyValueEntry? entry = await client.GetAsync("app/flag", fresh);
/// entry = await client.GetAsync("app/flag", ReadLevel.Eventual);
/// </code></remarks>
public sealed record ReadOptions
{
    /// <summary>The level; null means the session's, or else the client's default.</summary>
    public ReadLevel? Level { get; init; }

    /// <summary>
    /// For <see cref="ReadLevel.Bounded"/>: the oldest state that will do; rounded down to whole milliseconds, so never
    /// weaker.
    /// </summary>
    public TimeSpan? MaxStaleness { get; init; }

    /// <summary>For <see cref="ReadLevel.Bounded"/>: most revisions that the node may be behind.</summary>
    public long? MaxLag { get; init; }

    /// <summary>Read the store as it was at this revision; null means now.</summary>
    public long? Revision { get; init; }

    /// <summary>A token that another client handed over; merged with the session's own.</summary>
    public string? SessionToken { get; init; }

    /// <summary>The session that the read belongs to; null means the flow's causal context, or else the client's own.</summary>
    public RaftKvSession? Session { get; init; }

    /// <summary>What a node does that can't meet the level; null leaves it to the server (wait).</summary>
    public UnmetPolicy? OnUnmet { get; init; }

    /// <summary>Ask for a signed statement of what was served: <see cref="ResponseMetadata.Receipt"/>.</summary>
    public bool WantsReceipt { get; init; }

    /// <summary>
    /// Ask only this endpoint, which must be one of <see cref="RaftKvClientOptions.Endpoints"/>; null lets the client
    /// choose.
    /// </summary>
    public Uri? Endpoint { get; init; }

    /// <summary>A level alone is all that most calls name.</summary>
    public static implicit operator ReadOptions(ReadLevel level) => new() { Level = level };
}
