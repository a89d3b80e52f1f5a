using System.Text.Json.Serialization;

namespace RaftKv.JepsenStyle.History;

/// <summary>What a candidate did, or an onlooker asked.</summary>
internal enum ElectionStep
{
    /// <summary>Ran for it.</summary>
    Campaign,

    /// <summary>Changed the value that it leads with.</summary>
    Proclaim,

    /// <summary>Gave it up.</summary>
    Resign,

    /// <summary>Asked who leads.</summary>
    Look,
}

/// <summary>A step in an election.</summary>
/// <param name="Value">What is proposed or proclaimed, or what a look saw; null when there is no leader.</param>
/// <param name="Token">Of the leadership; null when there is none.</param>
internal sealed record ElectionOperation(
    int Process,
    string Node,
    ElectionStep Step,
    string Name,
    string? Value,
    long? Token,
    long StartNs,
    long EndNs,
    Outcome Outcome,
    long? Revision = null,
    string? Error = null) : ClientAction(Process, Node, StartNs, EndNs, Outcome, Error)
{
    [JsonIgnore]
    public override string Function => Step.ToString().ToLowerInvariant();

    [JsonIgnore]
    public override bool IsChange => Step != ElectionStep.Look;
}

/// <summary>What an observer was told, one line an event of its stream.</summary>
/// <param name="Observer">Who watches.</param>
/// <param name="Stream">Its how-manieth connection: order and completeness are promised within one.</param>
/// <param name="Token">Of the leadership; null says that nobody leads.</param>
/// <param name="Revision">The event's id: the revision at which it became so.</param>
internal sealed record ElectionSight(
    int Observer, int Stream, string Node, string Name, long AtNs, long? Token, string? Value, long? Revision) : HistoryLine;
