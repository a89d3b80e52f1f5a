namespace RaftKv.Client;

/// <summary>How one write is done.</summary>
/// <remarks><code>
/// await client.PutAsync("jobs/7", "done", new WriteOptions { Fence = handle.Fence });
/// </code></remarks>
public sealed record WriteOptions
{
    /// <summary>What must hold, else <see cref="RaftKvPreconditionException"/>.</summary>
    public Precondition Precondition { get; init; }

    /// <summary>The lease that the key hangs on, as the server's hex id; null for none. Puts only.</summary>
    public string? Lease { get; init; }

    /// <summary>When the write is answered.</summary>
    public WriteConcern Concern { get; init; }

    /// <summary>
    /// Applied only while that holder holds that lock, else <see cref="RaftKvPreconditionException"/> with code
    /// <c>fence-lost</c>. Null for no fence.
    /// </summary>
    public Fence? Fence { get; init; }

    /// <summary>
    /// A key of the caller's, 1 to 255 visible ASCII characters, under which the write is applied once however often it
    /// is sent within the cluster's window (10 minutes or more): also by another process that repeats it after a crash. It
    /// counts in the share of this client's session, not in the one that all plain keys have together, unless
    /// <see cref="RaftKvClientOptions.AutomaticIdempotencyKeys"/> is false. Null lets the client number the call in a session of
    /// its own.
    /// </summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>
    /// False sends neither key nor number: the write costs a little less, and one whose outcome is not known is never
    /// repeated. Null means <see cref="RaftKvClientOptions.AutomaticIdempotencyKeys"/>.
    /// </summary>
    public bool? IsIdempotent { get; init; }

    /// <summary>The session that the write belongs to; null means the flow's causal context, or else the client's own.</summary>
    public RaftKvSession? Session { get; init; }

    /// <summary>Ask for a signed statement of what was done: <see cref="ResponseMetadata.Receipt"/>.</summary>
    public bool WantsReceipt { get; init; }
}
