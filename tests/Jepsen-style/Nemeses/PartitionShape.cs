namespace RaftKv.JepsenStyle.Nemeses;

/// <summary>Which of the nodes can't reach which others.</summary>
internal static class PartitionShape
{
    /// <summary>Every shape, by its name on the command line after "partition-".</summary>
    public static readonly string[] All = ["leader", "one", "majority", "ring", "bridge", "one-way"];

    /// <summary>The edges to cut; what a sends to b travels on the edge from a to b.</summary>
    /// <param name="leader">The node that leads now, or any when none does.</param>
    public static HashSet<(string From, string To)> Cut(string shape, IReadOnlyList<string> names, string leader, Random random)
    {
        string[] order = [.. names.OrderBy(_ => random.Next())];
        switch (shape)
        {
            case "leader":
                return Between(names, [leader]);
            case "one":
                return Between(names, [order[0]]);
            case "majority":
                return Between(names, [.. order.Take((names.Count - 1) / 2)]);
            case "bridge":
                // The last one sees both halves, which don't see each other.
                string[] half = [.. order.Take((names.Count - 1) / 2)];
                return [.. Between(names, half).Where(edge => edge.From != order[^1] && edge.To != order[^1])];
            case "ring":
                return Ring(order);
            case "one-way":
                string victim = random.Next(2) == 0 ? leader : order[0];
                bool isOutward = random.Next(2) == 0;
                return [.. Between(names, [victim]).Where(edge => (isOutward ? edge.From : edge.To) == victim)];
            default:
                throw new ArgumentException($"Unknown shape '{shape}'.");
        }
    }

    /// <summary>
    /// Every node sees a majority, and each another one: its neighbours on a circle. Below five nodes neighbours would be
    /// everybody; then each reaches only the next, and hears only the one before.
    /// </summary>
    private static HashSet<(string From, string To)> Ring(string[] circle)
    {
        int count = circle.Length;
        bool IsKept(int from, int to) => (from + 1) % count == to || (count >= 5 && (to + 1) % count == from);
        return [.. from a in Enumerable.Range(0, count)
                   from b in Enumerable.Range(0, count)
                   where a != b && !IsKept(a, b)
                   select (circle[a], circle[b])];
    }

    private static HashSet<(string From, string To)> Between(IReadOnlyList<string> names, string[] side) =>
        [.. from a in names from b in names where a != b && side.Contains(a) != side.Contains(b) select (a, b)];
}
