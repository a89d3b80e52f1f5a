using System.Text.Json.Serialization;

namespace RaftKv.JepsenStyle.History;

/// <summary>What was done with a lease.</summary>
internal enum LeaseStep
{
    /// <summary>Made with a time to live.</summary>
    Grant,

    /// <summary>Both of its keys written, in one transaction.</summary>
    Attach,

    /// <summary>Its time began anew.</summary>
    Keepalive,

    /// <summary>Ended on purpose.</summary>
    Revoke,

    /// <summary>A linearizable read of its keys.</summary>
    Read,
}

/// <summary>A step in the life of one lease.</summary>
/// <param name="Number">The lease, as this side counts them: an unknown grant has no id.</param>
/// <param name="SeenKeys">For an ok read, how many of its two keys are there.</param>
internal sealed record LeaseOperation(
    int Process,
    string Node,
    LeaseStep Step,
    int Number,
    string? Lease,
    long TtlMs,
    long StartNs,
    long EndNs,
    Outcome Outcome,
    int? SeenKeys = null,
    long? Revision = null,
    string? Error = null) : ClientAction(Process, Node, StartNs, EndNs, Outcome, Error)
{
    [JsonIgnore]
    public override string Function => Step.ToString().ToLowerInvariant();

    [JsonIgnore]
    public override bool IsChange => Step != LeaseStep.Read;
}
