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
        var operations = history.OfType<ClientAction>().ToList();
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
        RunHeader header, List<ClientAction> operations, List<FaultEvent> faults, List<FinalNode> finals)
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
            // Faults that overlap, or strike several nodes at once, have no time between them.
            (long from, long to) = (inOrder[i - 1].EndNs, inOrder[i].StartNs);
            if (to > from && !operations.Any(o => o.Outcome == Outcome.Ok && o.StartNs > from && o.EndNs < to))
            {
                yield return $"nothing was answered between faults {i} and {i + 1}";
            }
        }

        bool restarts = header.Nemesis is "kill" or "kill-leader" or "kill-all" or "restart" or "fsync-eio" or "corrupt" or "corrupt-stay"
            or "members" or "restore";
        if (restarts && !finals.Any(node => node.StartCount > 1))
        {
            yield return "no node was ever restarted";
        }

        if (header.Nemesis is "kill-leader" or "pause" or "pause-cut" && finals.Select(node => node.Term).DefaultIfEmpty(0).Max() < 2)
        {
            yield return "the leader never changed";
        }

        foreach (string gap in Evidence(header.Nemesis, faults))
        {
            yield return gap;
        }
    }

    /// <summary>Each kind of fault leaves its own trace; without it, it was asked for and did not happen.</summary>
    private static IEnumerable<string> Evidence(string nemesis, List<FaultEvent> faults)
    {
        bool HasDetail(string start) => faults.Any(fault => fault.Detail?.StartsWith(start, StringComparison.Ordinal) == true);
        bool cuts = nemesis == "pause-cut" || nemesis.StartsWith("partition", StringComparison.Ordinal);
        if (cuts && !HasDetail("held "))
        {
            yield return "no partition held back any traffic";
        }

        if (nemesis == "slow" && !faults.Any(fault => fault.Detail?.StartsWith("held ", StringComparison.Ordinal) == true
            && !fault.Detail.StartsWith("held 0", StringComparison.Ordinal)))
        {
            yield return "no slow way held up any traffic";
        }

        if (nemesis == "fsync-eio" && !HasDetail("exit code 3"))
        {
            yield return "no node met a failed sync";
        }

        bool corrupts = nemesis.StartsWith("corrupt", StringComparison.Ordinal);
        if (corrupts && !faults.Any(fault => fault.Name.StartsWith("corrupt", StringComparison.Ordinal)))
        {
            yield return "nothing was damaged";
        }
        else if (nemesis == "corrupt" && !faults.Any(fault => fault.Detail?.EndsWith(", healed", StringComparison.Ordinal) == true))
        {
            yield return "no damaged node came back";
        }

        if (nemesis == "members" && !faults.Any(fault => fault.Name.StartsWith("members-", StringComparison.Ordinal)))
        {
            yield return "no member came or went";
        }

        if (nemesis == "restore" && !HasDetail("revision "))
        {
            yield return "no cluster was lost and restored";
        }

        if (nemesis == "slow-disk" && !HasDetail("each sync took"))
        {
            yield return "no disk was slow";
        }

        if (nemesis == "clock" && (!HasDetail("off by") || !faults.Any(fault => !fault.Detail!.EndsWith("up to 0 s", StringComparison.Ordinal))))
        {
            yield return "no clock was seen to jump";
        }

        if (nemesis == "admin" && !HasDetail("200"))
        {
            yield return "no order of an administrator was carried out";
        }

        if (nemesis == "mix" && faults.Select(fault => fault.Name).Distinct().Count() < 2)
        {
            yield return "only one kind of fault happened";
        }
    }
}
