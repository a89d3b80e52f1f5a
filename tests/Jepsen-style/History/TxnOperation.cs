using System.Text.Json.Serialization;

namespace RaftKv.JepsenStyle.History;

/// <summary>One step of a transaction over lists.</summary>
/// <param name="Value">What it appends; null for a read.</param>
/// <param name="List">What a read saw, oldest first; null for an append, and when nothing was seen.</param>
internal sealed record MicroOp(string Key, long? Value, IReadOnlyList<long>? List)
{
    /// <summary>True for an append.</summary>
    [JsonIgnore]
    public bool IsAppend => Value is not null;
}

/// <summary>A transaction of reads and appends over one to four lists.</summary>
/// <param name="Revision">The revision of the view that it read and, if it wrote, made.</param>
internal sealed record TxnOperation(
    int Process,
    string Node,
    IReadOnlyList<MicroOp> Micros,
    long StartNs,
    long EndNs,
    Outcome Outcome,
    long? Revision = null,
    string? Error = null) : ClientAction(Process, Node, StartNs, EndNs, Outcome, Error)
{
    [JsonIgnore]
    public override string Function => "txn";

    [JsonIgnore]
    public override bool IsChange => Micros.Any(micro => micro.IsAppend);

    public override string ToString() =>
        string.Join(' ', Micros.Select(m => m.IsAppend ? $"append({m.Key}, {m.Value})" : $"r({m.Key})=[{Show(m.List)}]"));

    /// <summary>A long list by its end: that is where lists differ.</summary>
    private static string Show(IReadOnlyList<long>? list) => list switch
    {
        null => "?",
        { Count: <= 6 } => string.Join(',', list),
        _ => "… " + string.Join(',', list.Skip(list.Count - 6)),
    };
}
