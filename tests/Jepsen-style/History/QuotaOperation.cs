using System.Text.Json.Serialization;

namespace RaftKv.JepsenStyle.History;

/// <summary>What was done with a store that is full again and again.</summary>
internal enum QuotaStep
{
    /// <summary>A key of its own written, once.</summary>
    Put,

    /// <summary>A key of its own deleted, once.</summary>
    Delete,

    /// <summary>A linearizable read of a key of its own.</summary>
    Read,

    /// <summary>A lease made.</summary>
    Grant,

    /// <summary>A lease ended.</summary>
    Revoke,

    /// <summary>What was deleted gives its room back.</summary>
    Compact,

    /// <summary>In the calm at the end: all deleted and compacted, then written again, and no alarm left.</summary>
    Recover,
}

/// <summary>A step of a client of the full store.</summary>
/// <param name="Key">The key, for a put, a deletion or a read.</param>
/// <param name="IsFull">The answer was that there is no room.</param>
/// <param name="IsThere">For an ok read: whether the key is there.</param>
internal sealed record QuotaOperation(
    int Process,
    string Node,
    QuotaStep Step,
    string? Key,
    long StartNs,
    long EndNs,
    Outcome Outcome,
    bool IsFull = false,
    bool? IsThere = null,
    long? Revision = null,
    string? Error = null) : ClientAction(Process, Node, StartNs, EndNs, Outcome, Error)
{
    [JsonIgnore]
    public override string Function => Step.ToString().ToLowerInvariant();

    [JsonIgnore]
    public override bool IsChange => Step != QuotaStep.Read;
}
