using System.Globalization;
using RaftKv.JepsenStyle.Cluster;

namespace RaftKv.JepsenStyle.Nemeses;

/// <summary>Cuts the ways between nodes in one shape, or in one shape after the other. One object a run.</summary>
/// <param name="shape">A name of <see cref="PartitionShape.All"/>; null for all in turn.</param>
internal sealed class PartitionNemesis(string? shape = null) : RepeatingNemesis
{
    private string[]? _order;

    public override string Name => shape is null ? "partition" : "partition-" + shape;

    public override bool NeedsProxies => true;

    public override async Task StrikeAsync(Strike strike)
    {
        // Every shape before any comes again; a short run should not always meet the same ones.
        _order ??= shape is null ? [.. PartitionShape.All.OrderBy(_ => strike.Random.Next())] : [shape];
        string now = _order[strike.Turn % _order.Length];
        string[] names = [.. strike.Cluster.Nodes.Select(node => node.Name)];
        string leader = (await strike.Cluster.FindLeaderAsync())?.Name ?? names[strike.Random.Next(names.Length)];
        HashSet<(string From, string To)> pairs = PartitionShape.Cut(now, names, leader, strike.Random);
        EdgeProxy[] cut = [.. strike.Cluster.Edges.Where(edge => pairs.Contains((edge.From, edge.To)))];
        long before = cut.Sum(edge => edge.HeldCount);
        long start = strike.History.NowNs;
        Array.ForEach(cut, edge => edge.Cut());
        await strike.PauseAsync(1600, 3000);
        long held = cut.Sum(edge => edge.HeldCount) - before;
        Array.ForEach(cut, edge => edge.Heal());
        string ways = string.Join(' ', pairs.Select(pair => $"{pair.From}→{pair.To}").Order(StringComparer.Ordinal));
        string detail = held > 0 ? string.Create(CultureInfo.InvariantCulture, $"held {held} on {ways}") : "nothing met the cut";
        strike.Note("partition-" + now, now == "leader" ? leader : "all", start, detail);
    }
}
