
namespace RaftKv.Contract;

/// <summary>Names of the headers that are RaftKv's own.</summary>
public static class HeaderNames
{
    /// <summary>Level asked for, and level served.</summary>
    public const string Consistency = "RaftKv-Consistency";

    /// <summary>How long to wait.</summary>
    public const string Timeout = "RaftKv-Timeout";

    /// <summary>What a client has seen.</summary>
    public const string Session = "RaftKv-Session";

    /// <summary>What to do when a level can't be met here.</summary>
    public const string OnUnmet = "RaftKv-On-Unmet";

    /// <summary>Bound in time of the level bounded.</summary>
    public const string MaxStaleness = "RaftKv-Max-Staleness";

    /// <summary>Bound in revisions of the level bounded.</summary>
    public const string MaxLag = "RaftKv-Max-Lag";

    /// <summary>When to answer a write.</summary>
    public const string WriteConcern = "RaftKv-Write-Concern";

    /// <summary>A lock that must be held.</summary>
    public const string Fence = "RaftKv-Fence";

    /// <summary>Makes a repeat recognisable.</summary>
    public const string IdempotencyKey = "Idempotency-Key";

    /// <summary>A client session, and the request's number in it.</summary>
    public const string ClientSession = "RaftKv-Client-Session";

    /// <summary>How long a first answer under an idempotency key is kept at least, in seconds of cluster time.</summary>
    public const string IdempotencyWindow = "RaftKv-Idempotency-Window";

    /// <summary>The answer is the first one to the same idempotency key.</summary>
    public const string Replayed = "RaftKv-Replayed";

    /// <summary>Revision of the view that was read or written.</summary>
    public const string Revision = "RaftKv-Revision";

    /// <summary>The term.</summary>
    public const string Term = "RaftKv-Term";

    /// <summary>Last log entry in the view.</summary>
    public const string AppliedIndex = "RaftKv-Applied-Index";

    /// <summary>The node that answers.</summary>
    public const string ServedBy = "RaftKv-Served-By";

    /// <summary>Its role.</summary>
    public const string Role = "RaftKv-Role";

    /// <summary>Which engine runs there; absent for RaftKv's own.</summary>
    public const string Engine = "RaftKv-Engine";

    /// <summary>The leader as far as known.</summary>
    public const string Leader = "RaftKv-Leader";

    /// <summary>Proven upper bound of the age of what was read.</summary>
    public const string StalenessMs = "RaftKv-Staleness-Ms";

    /// <summary>Revision that created the key, with raw values.</summary>
    public const string CreateRevision = "RaftKv-Create-Revision";

    /// <summary>Writes since creation, with raw values.</summary>
    public const string Version = "RaftKv-Version";

    /// <summary>Lease of the key, with raw values; absent without one.</summary>
    public const string Lease = "RaftKv-Lease";

    /// <summary>Asked for with 1; the answer's is a signed statement of what was served.</summary>
    public const string Receipt = "RaftKv-Receipt";

    /// <summary>1 when another node has passed the request on: it is not passed on again.</summary>
    public const string Forwarded = "RaftKv-Forwarded";

    /// <summary>What the answer's own form has no place for, as a sentence.</summary>
    public const string Note = "RaftKv-Note";

    /// <summary>Where the time went (W3C Server Timing).</summary>
    public const string ServerTiming = "Server-Timing";
}
