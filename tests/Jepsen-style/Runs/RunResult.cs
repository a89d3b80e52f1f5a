using System.Text.Json;
using System.Text.Json.Serialization;
using RaftKv.JepsenStyle.Checkers;
using RaftKv.JepsenStyle.History;

namespace RaftKv.JepsenStyle.Runs;

/// <summary>What a run, or a check of its history, came to. Written as results.json.</summary>
/// <param name="Header">What was run, with commit and seed.</param>
/// <param name="Reason">The first thing that the worst of the verdicts says; null when all is well.</param>
/// <param name="UnfencedOverlaps">
/// For the workload lock, how often two clients believed to hold one lock at a time: what the fencing is for.
/// </param>
/// <param name="Skipped">Why nothing ran; null when it ran.</param>
internal sealed record RunResult(
    RunHeader Header,
    Validity Validity,
    string? Reason,
    IReadOnlyList<Verdict> Verdicts,
    int OkCount,
    int FailCount,
    int InfoCount,
    IReadOnlyDictionary<string, int> FaultCounts,
    double? LongestUnavailabilityMs,
    SetCounts? Set,
    int? UnfencedOverlaps,
    string? Skipped,
    string Reproduce)
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
    };

    public string ToJson() => JsonSerializer.Serialize(this, Options);

    /// <summary>The same for people.</summary>
    public string ToText()
    {
        var lines = new List<string>
        {
            $"operations: {OkCount} ok, {FailCount} fail, {InfoCount} unknown",
            "faults: " + (FaultCounts.Count == 0 ? "none" : string.Join(", ", FaultCounts.Select(f => $"{f.Value} × {f.Key}"))),
        };
        if (LongestUnavailabilityMs is { } gap)
        {
            string remark = gap > 3000 ? " (expected: under 3000)" : "";
            lines.Add($"longest time without an acknowledged write after a fault: {gap:F0} ms{remark}");
        }

        if (Set is not null)
        {
            lines.Add(
                $"writes: {Set.Acked} acknowledged, {Set.Lost} lost, {Set.Duplicated} duplicated, "
                + $"{Set.RefusedButThere} refused but there; of the unknown {Set.UnknownButThere} are there, {Set.UnknownAndGone} are not");
        }

        if (UnfencedOverlaps is { } overlaps)
        {
            lines.Add($"two clients believed to hold one lock at a time: {overlaps} times (fencing made it harmless)");
        }

        foreach (Verdict verdict in Verdicts)
        {
            lines.Add($"{verdict.Checker}: {verdict.Validity}");
            lines.AddRange(verdict.Problems.Select(problem => "  " + problem));
        }

        lines.Add($"{Validity} — {Reproduce}");
        return string.Join('\n', lines);
    }
}
