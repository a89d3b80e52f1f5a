using System.Globalization;

namespace RaftKv.JepsenStyle.Checkers;

/// <summary>Why one transaction comes before another.</summary>
[Flags]
internal enum Dependency
{
    None = 0,

    /// <summary>Its write came right before the other's write.</summary>
    WriteWrite = 1,

    /// <summary>Its write was read by the other.</summary>
    WriteRead = 2,

    /// <summary>It read a state that the other's write replaced.</summary>
    ReadWrite = 4,

    /// <summary>It was answered before the other was asked for.</summary>
    RealTime = 8,
}

/// <summary>
/// Transactions and what orders them. A cycle is an order that can't be: the kinds of edges on it name the anomaly
/// (Adya 1999; Kingsbury and Alvaro, "Elle", 2020).
/// </summary>
internal sealed class DependencyGraph(int count)
{
    private readonly Dictionary<int, Dependency>[] _edges = [.. Enumerable.Range(0, count).Select(_ => new Dictionary<int, Dependency>())];

    /// <summary>Says that one transaction comes before another, and why.</summary>
    public void Add(int from, int to, Dependency why)
    {
        if (from != to)
        {
            _edges[from][to] = _edges[from].GetValueOrDefault(to) | why;
        }
    }

    /// <summary>One finding for each tangle of transactions: the gravest anomaly in it, with its shortest cycle.</summary>
    public IEnumerable<string> Anomalies(Func<int, string> describe)
    {
        foreach (HashSet<int> tangle in Tangles())
        {
            yield return Gravest(tangle, describe);
        }
    }

    private string Gravest(HashSet<int> tangle, Func<int, string> describe)
    {
        const Dependency Written = Dependency.WriteWrite | Dependency.WriteRead;
        const Dependency All = Written | Dependency.ReadWrite;
        (string Name, Dependency First, Dependency Others)[] kinds =
        [
            ("G0 (writes in a circle)", Dependency.WriteWrite, Dependency.WriteWrite),
            ("G1c (circular flow of information)", Dependency.WriteRead, Written),
            ("G-single (read skew)", Dependency.ReadWrite, Written),
            ("G2 (anti-dependency cycle)", Dependency.ReadWrite, All),
            ("G0 in real time", Dependency.WriteWrite, Dependency.WriteWrite | Dependency.RealTime),
            ("G1c in real time", Dependency.WriteRead, Written | Dependency.RealTime),
            ("G-single in real time (stale read)", Dependency.ReadWrite, Written | Dependency.RealTime),
            ("G2 in real time", Dependency.ReadWrite, All | Dependency.RealTime),
        ];
        foreach ((string name, Dependency first, Dependency rest) in kinds)
        {
            if (ShortestCycle(tangle, first, rest) is { } cycle)
            {
                return $"{name}: {string.Join(" ", cycle.Select((node, i) => Step(cycle, i, describe)))}";
            }
        }

        return "a cycle of real time alone: the history's times contradict themselves";
    }

    private string Step(List<int> cycle, int i, Func<int, string> describe)
    {
        int node = cycle[i];
        int next = cycle[(i + 1) % cycle.Count];
        return string.Create(CultureInfo.InvariantCulture, $"T{node} {{{describe(node)}}} -{_edges[node][next]}-> {(i == cycle.Count - 1 ? $"T{next}" : "")}")
            .TrimEnd();
    }

    /// <summary>The shortest cycle that begins with one edge of the first kind and goes on along the rest.</summary>
    private List<int>? ShortestCycle(HashSet<int> tangle, Dependency first, Dependency rest)
    {
        List<int>? best = null;
        foreach (int from in tangle.Order())
        {
            foreach ((int to, Dependency why) in _edges[from].OrderBy(edge => edge.Key))
            {
                if ((why & first) != 0 && tangle.Contains(to) && Path(tangle, to, from, rest) is { } path
                    && (best is null || path.Count < best.Count))
                {
                    best = path;
                }
            }
        }

        return best;
    }

    /// <summary>The nodes from one to another, the goal put first; null when there is no way.</summary>
    private List<int>? Path(HashSet<int> tangle, int from, int goal, Dependency along)
    {
        var cameFrom = new Dictionary<int, int> { [from] = -1 };
        var queue = new Queue<int>([from]);
        while (queue.TryDequeue(out int at))
        {
            if (at == goal)
            {
                var path = new List<int>();
                for (int step = cameFrom[at]; step >= 0; step = cameFrom[step])
                {
                    path.Insert(0, step);
                }

                path.Insert(0, goal);
                return path;
            }

            foreach ((int to, Dependency why) in _edges[at])
            {
                if ((why & along) != 0 && tangle.Contains(to) && cameFrom.TryAdd(to, at))
                {
                    queue.Enqueue(to);
                }
            }
        }

        return null;
    }

    /// <summary>Strongly connected components of more than one node (Tarjan, without recursion).</summary>
    private List<HashSet<int>> Tangles()
    {
        int[] index = new int[count];
        int[] low = new int[count];
        bool[] isOpen = new bool[count];
        var open = new Stack<int>();
        var found = new List<HashSet<int>>();
        int next = 1;
        for (int root = 0; root < count; root++)
        {
            if (index[root] != 0)
            {
                continue;
            }

            var work = new Stack<(int Node, Dictionary<int, Dependency>.KeyCollection.Enumerator Left)>();
            Enter(root);
            while (work.TryPop(out var frame))
            {
                if (frame.Left.MoveNext())
                {
                    int to = frame.Left.Current;
                    work.Push(frame);
                    if (index[to] == 0)
                    {
                        Enter(to);
                    }
                    else if (isOpen[to])
                    {
                        low[frame.Node] = Math.Min(low[frame.Node], index[to]);
                    }

                    continue;
                }

                if (low[frame.Node] == index[frame.Node] && Close(frame.Node, open, isOpen) is { Count: > 1 } members)
                {
                    found.Add(members);
                }

                if (work.TryPeek(out var parent))
                {
                    low[parent.Node] = Math.Min(low[parent.Node], low[frame.Node]);
                }
            }

            void Enter(int node)
            {
                index[node] = low[node] = next++;
                isOpen[node] = true;
                open.Push(node);
                work.Push((node, _edges[node].Keys.GetEnumerator()));
            }
        }

        return found;
    }

    /// <summary>What is open above a node that nothing older is reached from is one component.</summary>
    private static HashSet<int> Close(int node, Stack<int> open, bool[] isOpen)
    {
        var members = new HashSet<int>();
        int member;
        do
        {
            member = open.Pop();
            isOpen[member] = false;
            members.Add(member);
        }
        while (member != node);
        return members;
    }
}
