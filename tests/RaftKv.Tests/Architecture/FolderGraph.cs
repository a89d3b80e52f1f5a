using RaftKv.Core.Tests.Architecture;

namespace RaftKv.Tests.Architecture;

/// <summary>Which folder knows which: an arrow where a type that was written in one names a type of the other.</summary>
internal sealed class FolderGraph
{
    private readonly SortedDictionary<string, SortedDictionary<string, string>> _arrows = new(StringComparer.Ordinal);

    /// <summary>Every folder with those that it knows, sorted.</summary>
    public IEnumerable<(string From, IEnumerable<string> To)> Arrows =>
        _arrows.Select(static from => (from.Key, (IEnumerable<string>)from.Value.Keys));

    /// <summary>The graph of these assemblies together, from their metadata, IL and debug information.</summary>
    public static FolderGraph Of(string root, params IReadOnlyList<string> assemblies)
    {
        var folders = new Dictionary<string, string>();
        foreach (string assembly in assemblies)
        {
            foreach ((string type, string folder) in TypeFolders.Of(assembly, root))
            {
                folders[type] = folder;
            }
        }

        var graph = new FolderGraph();
        foreach (string assembly in assemblies)
        {
            using var facts = new AssemblyFacts(assembly);
            foreach (string use in facts.UsesFrom("RaftKv"))
            {
                string[] ends = use.Split(" -> ");
                if (folders.TryGetValue(TypeFolders.Outermost(ends[0]), out string? from)
                    && folders.TryGetValue(TypeFolders.Outermost(ends[1]), out string? to))
                {
                    graph.Add(from, to, use);
                }
            }
        }

        return graph;
    }

    /// <summary>Adds an arrow; within a folder there is none.</summary>
    /// <param name="why">An example of it.</param>
    public void Add(string from, string to, string why)
    {
        _arrows.TryAdd(from, new(StringComparer.Ordinal));
        _arrows.TryAdd(to, new(StringComparer.Ordinal));
        if (from != to)
        {
            _arrows[from].TryAdd(to, why);
        }
    }

    /// <summary>
    /// A shortest circle, as a path with an example for each arrow; null when there is none. A class's own inner folder
    /// may know it: arrows from a folder to one that it lies in are no part of a circle, unless that is a project's own.
    /// </summary>
    public string? Circle()
    {
        string[]? shortest = null;
        foreach (string start in _arrows.Keys)
        {
            string[]? back = PathBack(start);
            shortest = back is not null && (shortest is null || back.Length < shortest.Length) ? back : shortest;
        }

        return shortest is null
            ? null
            : string.Join("\n", shortest.Zip(shortest.Skip(1), (from, to) => $"{from} -> {to}   ({_arrows[from][to]})"));
    }

    /// <summary>Arrows from folders under one to folders under another that are not allowed, with an example for each.</summary>
    public IEnumerable<string> Forbidden(Func<string, string, bool> isForbidden) =>
        from arrow in _arrows
        from to in arrow.Value
        where isForbidden(arrow.Key, to.Key)
        select $"{arrow.Key} -> {to.Key}   ({to.Value})";

    private string[]? PathBack(string start)
    {
        var before = new Dictionary<string, string>();
        var queue = new Queue<string>([start]);
        while (queue.TryDequeue(out string? at))
        {
            foreach (string next in _arrows[at].Keys.Where(to => !IsInner(at, to)))
            {
                if (next == start)
                {
                    return Unwind(before, start, at);
                }

                if (before.TryAdd(next, at))
                {
                    queue.Enqueue(next);
                }
            }
        }

        return null;
    }

    private static string[] Unwind(Dictionary<string, string> before, string start, string last)
    {
        var path = new List<string> { start };
        for (string at = last; at != start; at = before[at])
        {
            path.Add(at);
        }

        path.Add(start);
        path.Reverse();
        return [.. path];
    }

    private static bool IsInner(string folder, string outer) =>
        outer.Contains('/', StringComparison.Ordinal) && folder.StartsWith(outer + "/", StringComparison.Ordinal);
}
