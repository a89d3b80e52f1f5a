using RaftKv.JepsenStyle.History;

namespace RaftKv.JepsenStyle.Checkers;

/// <summary>What became of the writes of a set history.</summary>
internal sealed record SetCounts(int Acked, int Lost, int Duplicated, int RefusedButThere, int UnknownButThere, int UnknownAndGone);

/// <summary>
/// Each key is written once. At the end every node must hold each acknowledged key exactly once, none that was refused,
/// and all nodes the same; revisions must follow real time (A1, A2, A10).
/// </summary>
internal static class SetChecker
{
    private const string Name = "set";
    private const int MostShown = 10;

    public static (Verdict Verdict, SetCounts Counts) Check(IReadOnlyList<HistoryLine> history, int nodeCount)
    {
        var writes = history.OfType<Operation>().Where(o => o.Kind == OperationKind.Write).ToList();
        var nodes = history.OfType<FinalNode>().ToList();
        var pairs = history.OfType<FinalPair>().GroupBy(pair => pair.Node).ToDictionary(g => g.Key, g => g.ToList());
        var violations = new List<string>();
        var counts = new SetCounts(writes.Count(o => o.Outcome == Outcome.Ok), 0, 0, 0, 0, 0);
        violations.AddRange(RevisionOrder(writes));
        foreach (FinalNode node in nodes)
        {
            List<FinalPair> held = pairs.GetValueOrDefault(node.Node) ?? [];
            if (held.Count != node.PairCount)
            {
                return (Verdict.Unknown(Name, $"{node.Node}: the history holds {held.Count} of its {node.PairCount} final pairs"), counts);
            }

            counts = Worse(counts, CheckNode(node.Node, held, writes, violations));
        }

        violations.AddRange(Differences(nodes, pairs));
        if (violations.Count == 0 && nodes.Count < nodeCount)
        {
            return (Verdict.Unknown(Name, $"the final state of {nodes.Count} of {nodeCount} nodes was read"), counts);
        }

        return (Verdict.Of(Name, violations), counts);
    }

    private static SetCounts CheckNode(string node, List<FinalPair> held, List<Operation> writes, List<string> violations)
    {
        var byKey = held.ToDictionary(pair => pair.Key);
        Operation[] acked = [.. writes.Where(o => o.Outcome == Outcome.Ok)];
        Operation[] unknown = [.. writes.Where(o => o.Outcome == Outcome.Info)];
        string[] lost = [.. acked.Where(o => !byKey.TryGetValue(o.Key, out FinalPair? p) || p.Value != o.Value).Select(o => o.Key)];
        string[] moved = [.. acked
            .Where(o => o.Revision is not null && byKey.TryGetValue(o.Key, out FinalPair? p) && p.ModRevision != o.Revision)
            .Select(o => o.Key)];
        string[] duplicated = [.. held
            .Where(pair => pair.Version != 1 || pair.CreateRevision != pair.ModRevision)
            .Select(pair => pair.Key)];
        string[] refused = [.. writes.Where(o => o.Outcome == Outcome.Fail && byKey.ContainsKey(o.Key)).Select(o => o.Key)];
        var known = writes.Select(o => o.Key).ToHashSet();
        string[] invented = [.. held.Where(pair => !known.Contains(pair.Key)).Select(pair => pair.Key)];
        Report(violations, node, "acknowledged and lost or changed", lost);
        Report(violations, node, "acknowledged at another revision", moved);
        Report(violations, node, "applied more than once", duplicated);
        Report(violations, node, "refused and yet there", refused);
        Report(violations, node, "never written", invented);
        int unknownThere = unknown.Count(o => byKey.ContainsKey(o.Key));
        return new SetCounts(acked.Length, lost.Length, duplicated.Length, refused.Length, unknownThere, unknown.Length - unknownThere);
    }

    /// <summary>A write that began after another's answer has the greater revision, and no two share one.</summary>
    private static IEnumerable<string> RevisionOrder(List<Operation> writes)
    {
        var acked = writes.Where(o => o.Outcome == Outcome.Ok && o.Revision is not null).ToList();
        foreach (IGrouping<long?, Operation> shared in acked.GroupBy(o => o.Revision).Where(g => g.Count() > 1).Take(MostShown))
        {
            yield return $"revision {shared.Key} was given to {string.Join(", ", shared.Select(o => o.Key))}";
        }

        var ended = new Queue<Operation>(acked.OrderBy(o => o.EndNs));
        long highest = 0;
        int shown = 0;
        foreach (Operation operation in acked.OrderBy(o => o.StartNs))
        {
            while (ended.Count > 0 && ended.Peek().EndNs < operation.StartNs)
            {
                highest = Math.Max(highest, ended.Dequeue().Revision!.Value);
            }

            if (operation.Revision < highest && shown++ < MostShown)
            {
                yield return $"{operation.Key} got revision {operation.Revision} though {highest} had been acknowledged before it began";
            }
        }
    }

    private static IEnumerable<string> Differences(List<FinalNode> nodes, Dictionary<string, List<FinalPair>> pairs)
    {
        if (nodes.Count == 0)
        {
            yield break;
        }

        HashSet<FinalPair> Neutral(FinalNode node) =>
            [.. (pairs.GetValueOrDefault(node.Node) ?? []).Select(pair => pair with { Node = "" })];


        HashSet<FinalPair> first = Neutral(nodes[0]);
        foreach (FinalNode other in nodes.Skip(1))
        {
            HashSet<FinalPair> difference = Neutral(other);
            difference.SymmetricExceptWith(first);
            if (difference.Count > 0)
            {
                yield return $"{nodes[0].Node} and {other.Node} differ in {difference.Count} pairs: "
                    + string.Join(", ", difference.Take(MostShown).Select(pair => pair.Key));
            }
        }
    }

    private static void Report(List<string> violations, string node, string what, string[] keys)
    {
        if (keys.Length > 0)
        {
            violations.Add($"{node}: {keys.Length} {what}: {string.Join(", ", keys.Take(MostShown))}");
        }
    }

    private static SetCounts Worse(SetCounts a, SetCounts b) => new(
        Math.Max(a.Acked, b.Acked),
        Math.Max(a.Lost, b.Lost),
        Math.Max(a.Duplicated, b.Duplicated),
        Math.Max(a.RefusedButThere, b.RefusedButThere),
        Math.Max(a.UnknownButThere, b.UnknownButThere),
        Math.Max(a.UnknownAndGone, b.UnknownAndGone));
}
