namespace RaftKv.Client;

/// <summary>What the server said about an answer, besides the answer.</summary>
public sealed record ResponseMetadata
{
    /// <summary>Revision of the view that was read, or that the write made; 0 when the server did not say.</summary>
    public long Revision { get; init; }

    /// <summary>The term of the answering node; 0 when it did not say.</summary>
    public long Term { get; init; }

    /// <summary>The answering node's applied index; 0 when it did not say.</summary>
    public long AppliedIndex { get; init; }

    /// <summary>Name of the node that answered.</summary>
    public string? ServedBy { get; init; }

    /// <summary>Its role, e.g. <c>leader</c>.</summary>
    public string? Role { get; init; }

    /// <summary>Name of the leader that it knows; null when it knows none.</summary>
    public string? Leader { get; init; }

    /// <summary>
    /// The level that was served; null when the server did not say, or said one that this client doesn't know.
    /// </summary>
    public ReadLevel? Consistency { get; init; }

    /// <summary>Proven upper bound of the view's age in milliseconds; 0 when linearizable, null when unknown.</summary>
    public long? StalenessMs { get; init; }

    /// <summary>Session token of the answer; hand it to another client to let it see what this one saw.</summary>
    public string? SessionToken { get; init; }

    /// <summary>
    /// The signed statement of what was served, when <see cref="ReadOptions.WantsReceipt"/> asked for it;
    /// <see cref="RaftKvClient.VerifyReceiptAsync"/> checks it.
    /// </summary>
    public string? Receipt { get; init; }

    /// <summary>True when this is the stored first answer to a repeated request.</summary>
    public bool IsReplayed { get; init; }
}
