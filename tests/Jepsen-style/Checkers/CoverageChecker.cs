using RaftKv.JepsenStyle.History;

namespace RaftKv.JepsenStyle.Checkers;

/// <summary>
/// Shows that a run tested something: without its faults, or without work during them, it proves nothing and is
/// unknown.
/// </summary>
internal static class CoverageChecker
{
    private const string Name = "coverage";

    public static Verdict Check(IReadOnlyList<HistoryLine> history)
    {
        RunHeader header = history.OfType<RunHeader>().Single();
        var operations = history.OfType<Operation>().ToList();
        var faults = history.OfType<FaultEvent>().ToList();
        var finals = history.OfType<FinalNode>().ToList();
        var gaps = new List<string>();
        if (operations.Count(o => o.Outcome == Outcome.Ok) < 100)
        {
            gaps.Add($"only {operations.Count(o => o.Outcome == Outcome.Ok)} operations were answered");
        }

        if (operations.Select(o => o.Node).Distinct().Count() < header.Nodes)
        {
            gaps.Add("not every node was used");
        }

        if (header.Nemesis != "none")
        {
            gaps.AddRange(FaultGaps(header, operations, faults, finals));
        }

        return gaps.Count == 0 ? Verdict.Of(Name, []) : Verdict.Unknown(Name, string.Join("; ", gaps));
    }

    private static IEnumerable<string> FaultGaps(
        RunHeader header, List<Operation> operations, List<FaultEvent> faults, List<FinalNode> finals)
    {
        if (faults.Count == 0)
        {
            yield return "no fault happened";
            yield break;
        }

        if (!faults.Any(fault => operations.Any(o => o.StartNs < fault.EndNs && o.EndNs > fault.StartNs)))
        {
            yield return "no operation was under way during a fault";
        }

        if (!faults.Any(fault => operations.Any(o => o.Outcome == Outcome.Ok && o.StartNs > fault.EndNs)))
        {
            yield return "no operation succeeded after a fault";
        }

        var inOrder = faults.OrderBy(fault => fault.StartNs).ToList();
        for (int i = 1; i < inOrder.Count; i++)
        {
            if (!operations.Any(o => o.Outcome == Outcome.Ok && o.StartNs > inOrder[i - 1].EndNs && o.EndNs < inOrder[i].StartNs))
            {
                yield return $"nothing was answered between faults {i} and {i + 1}";
            }
        }

        if (header.Nemesis.StartsWith("kill", StringComparison.Ordinal) && !finals.Any(node => node.StartCount > 1))
        {
            yield return "no node was ever restarted";
        }

        if (header.Nemesis is "kill-leader" or "pause" && finals.Select(node => node.Term).DefaultIfEmpty(0).Max() < 2)
        {
            yield return "the leader never changed";
        }

        if (header.Nemesis == "partition" && !faults.Any(fault => fault.Detail?.StartsWith("held ", StringComparison.Ordinal) == true))
        {
            yield return "no partition held back any traffic";
        }
    }
}
