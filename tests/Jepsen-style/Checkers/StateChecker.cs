using RaftKv.JepsenStyle.History;

namespace RaftKv.JepsenStyle.Checkers;

/// <summary>
/// What must hold of the nodes in any run: the same state at the same index (A10), the same keys in the end, and no
/// node that ended by itself or said that it contradicts itself.
/// </summary>
internal static class StateChecker
{
    private const string Name = "nodes";
    private const int MostShown = 5;

    public static Verdict Check(IReadOnlyList<HistoryLine> history)
    {
        var violations = history.OfType<NodeProblem>().Select(problem => $"{problem.Node}: {problem.What}").ToList();
        FinalNode[] nodes = [.. history.OfType<FinalNode>()];
        foreach (IGrouping<long?, FinalNode> index in nodes.Where(node => node.StateHash is not null).GroupBy(node => node.AppliedIndex))
        {
            if (index.Select(node => node.StateHash).Distinct().Count() > 1)
            {
                violations.Add($"A10: at index {index.Key} the states differ: {string.Join(", ", index.Select(n => $"{n.Node} {n.StateHash}"))}");
            }
        }

        var pairs = history.OfType<FinalPair>().ToLookup(pair => pair.Node, pair => pair with { Node = "" });
        foreach (FinalNode other in nodes.Skip(1))
        {
            HashSet<FinalPair> difference = [.. pairs[other.Node]];
            difference.SymmetricExceptWith(pairs[nodes[0].Node]);
            if (difference.Count > 0)
            {
                violations.Add($"A10: {nodes[0].Node} and {other.Node} differ in {difference.Count} pairs: "
                    + string.Join(", ", difference.Take(MostShown).Select(pair => pair.Key)));
            }
        }

        return Verdict.Of(Name, violations);
    }
}
