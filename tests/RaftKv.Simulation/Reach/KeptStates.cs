namespace RaftKv.Simulation.Reach;

/// <summary>States that the gate's seeds are known to meet (States.txt): one that gets lost is a finding.</summary>
internal static class KeptStates
{
    public static IReadOnlyList<string> Read(string file) =>
        [.. File.ReadAllLines(file).Select(static line => line.Split('#')[0].Trim()).Where(static name => name.Length > 0)];

    /// <summary>Names that were not met, or that no state has.</summary>
    public static IReadOnlyList<string> Missing(IReadOnlyList<string> kept, ReachCounts counts)
    {
        HashSet<string> reached = [.. ReachCatalogue.All.Where(s => counts.Of(s) > 0).Select(static s => s.Name)];
        return [.. kept.Where(name => !reached.Contains(name))];
    }
}
