using System.Text.Json.Serialization;

namespace RaftKv.JepsenStyle.History;

/// <summary>A key as a read saw it.</summary>
internal sealed record SeenPair(string Key, long Value, long ModRevision);

/// <summary>A write, or a read of all keys at some level, of a session that goes from node to node.</summary>
/// <param name="Level">The level asked for; null for a write.</param>
/// <param name="Items">What an ok read saw.</param>
/// <param name="Revision">Of the view that was read, or that the write made.</param>
/// <param name="ReadFloor">
/// The highest view that the presented token has seen, as this side reckons it: the token itself is opaque.
/// </param>
/// <param name="WriteFloor">The highest revision that the token's sessions have written.</param>
/// <param name="IsHandedOver">True when part of the token came from another session: what causal is about.</param>
/// <param name="StalenessMs">What the answer claims at most.</param>
/// <param name="IsAll">True for a write that every voter had applied when it was acknowledged.</param>
internal sealed record LevelOperation(
    int Process,
    string Node,
    string? Level,
    string? Key,
    long? Value,
    long StartNs,
    long EndNs,
    Outcome Outcome,
    IReadOnlyList<SeenPair>? Items = null,
    long? Revision = null,
    long ReadFloor = 0,
    long WriteFloor = 0,
    bool IsHandedOver = false,
    long? MaxStalenessMs = null,
    long? MaxLag = null,
    double? StalenessMs = null,
    bool IsAll = false,
    string? Error = null) : ClientAction(Process, Node, StartNs, EndNs, Outcome, Error)
{
    [JsonIgnore]
    public override string Function => Level is null ? "write" : "read";

    [JsonIgnore]
    public override bool IsChange => Level is null;
}
