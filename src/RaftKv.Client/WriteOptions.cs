namespace RaftKv.Client;

/// <summary>How one write is done.</summary>
/// <remarks><code>
/// await client.PutAsync("jobs/7", "done", new WriteOptions { Fence = "locks/jobs;token=58" });
/// </code></remarks>
public sealed record WriteOptions
{
    /// <summary>What must hold, else <see cref="RaftKvPreconditionException"/>.</summary>
    public Precondition Precondition { get; init; }

    /// <summary>The lease that the key hangs on, as the server's hex id; null for none. Puts only.</summary>
    public string? Lease { get; init; }

    /// <summary>When the write is answered.</summary>
    public WriteConcern Concern { get; init; }

    /// <summary>Applied only while that holder holds that lock: <c>LOCK;token=N</c>. Null for no fence.</summary>
    public string? Fence { get; init; }
}
