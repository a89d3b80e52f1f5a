using System.Text.Json.Serialization;

namespace RaftKv.JepsenStyle.History;

/// <summary>What was done with a lock.</summary>
internal enum LockStep
{
    /// <summary>Asked for, with or without waiting.</summary>
    Acquire,

    /// <summary>The holder's time began anew.</summary>
    Keepalive,

    /// <summary>Given back.</summary>
    Release,

    /// <summary>A write to the protected resource, fenced by the token.</summary>
    FencedWrite,

    /// <summary>A look at the resource: the token of the last write to it.</summary>
    ReadResource,

    /// <summary>A look at the lock itself.</summary>
    Observe,
}

/// <summary>Who holds or awaits a lock, as an answer says.</summary>
internal sealed record LockPlace(long Token, string Owner);

/// <summary>A step with an exclusive lock.</summary>
/// <param name="Owner">The text given with the acquire; new for each attempt.</param>
/// <param name="Token">The fencing token: of the acquired lock, of the write, or seen in the resource.</param>
/// <param name="Holders">For an ok look, who holds it.</param>
/// <param name="Queue">For an ok look, who waits, in order.</param>
internal sealed record LockOperation(
    int Process,
    string Node,
    LockStep Step,
    string Name,
    string? Owner,
    long? Token,
    long TtlMs,
    long StartNs,
    long EndNs,
    Outcome Outcome,
    IReadOnlyList<LockPlace>? Holders = null,
    IReadOnlyList<LockPlace>? Queue = null,
    long? Revision = null,
    string? Error = null) : ClientAction(Process, Node, StartNs, EndNs, Outcome, Error)
{
    [JsonIgnore]
    public override string Function => Step switch
    {
        LockStep.FencedWrite => "fenced-write",
        LockStep.ReadResource => "read-resource",
        _ => Step.ToString().ToLowerInvariant(),
    };

    [JsonIgnore]
    public override bool IsChange => Step is not (LockStep.Observe or LockStep.ReadResource);
}
