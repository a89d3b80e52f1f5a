using System.Text.Json.Serialization;

namespace RaftKv.JepsenStyle.Runs;

/// <summary>What one cell of the matrix came to.</summary>
/// <param name="Why">The reason, unless it is valid.</param>
/// <param name="Attempt">2 for the one repetition of an undecided cell; both stay in the evidence.</param>
internal sealed record MatrixCell(
    string Workload,
    string Nemesis,
    int Nodes,
    int Seconds,
    ulong Seed,
    string Verdict,
    string? Why,
    int Ok,
    int Fail,
    int Unknown,
    IReadOnlyDictionary<string, int> Faults,
    int Attempt = 1)
{
    /// <summary>True when it proves something, one way or the other.</summary>
    [JsonIgnore]
    public bool IsDecided => Verdict is "valid" or "violation";
}
