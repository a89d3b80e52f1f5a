using System.Text.Json.Serialization;

namespace RaftKv.JepsenStyle.History;

/// <summary>A transfer between two accounts, or a look at all of them.</summary>
/// <param name="From">For a transfer, the account that pays; null for a read.</param>
/// <param name="Balances">For an ok read, the balance of each account in order.</param>
/// <param name="Level">For a read, the consistency that was asked for.</param>
/// <param name="Revision">Of the view that was read, or that the transfer made.</param>
internal sealed record BankOperation(
    int Process,
    string Node,
    int? From,
    int? To,
    long Amount,
    long StartNs,
    long EndNs,
    Outcome Outcome,
    IReadOnlyList<long>? Balances = null,
    string? Level = null,
    long? Revision = null,
    string? Error = null) : ClientAction(Process, Node, StartNs, EndNs, Outcome, Error)
{
    [JsonIgnore]
    public override string Function => From is null ? "read" : "transfer";

    [JsonIgnore]
    public override bool IsChange => From is not null;
}
