using System.Globalization;
using RaftKv.Core.Raft.Members;

namespace RaftKv.Hosting;

/// <summary>The settings of a founding without a list, as part of <see cref="NodeSettings.All"/>.</summary>
internal static class BootstrapSettings
{
    /// <summary>All of them.</summary>
    public static NodeSetting[] All { get; } =
    [
        new()
        {
            Flag = "bootstrap-expect", Shape = "N",
            Help = "in place of --cluster: so many nodes, which find each other by --seeds, found the cluster",
            Read = static (from, o) => o with { BootstrapExpect = from.Number("bootstrap-expect") ?? o.BootstrapExpect },
            Print = static o => o.BootstrapExpect == 0 ? "(no)" : o.BootstrapExpect.ToString(CultureInfo.InvariantCulture),
            Check = ProblemOf,
        },
        new()
        {
            Flag = "seeds", Shape = "HOST:PORT,...", IsList = true,
            Help = "with --bootstrap-expect: peer addresses of some of them, or dns:NAME (its A, AAAA or SRV records)",
            Read = static (from, o) => o with { Seeds = from.Seeds("seeds") },
            Print = static o => string.Join(',', o.Seeds),
            Check = static o => o.Seeds.Count > 0 && o.BootstrapExpect == 0
                ? "--seeds: it goes with --bootstrap-expect, how many nodes found the cluster." : null,
        },
    ];

    private static string? ProblemOf(NodeOptions o) => o.BootstrapExpect == 0 ? null
        : o.BootstrapExpect is < 1 or > Membership.MaxMembers
            ? $"--bootstrap-expect: {o.BootstrapExpect} is out of range; use 1 to {Membership.MaxMembers}."
        : o.Cluster.Count > 0 ? "--bootstrap-expect and --cluster: a cluster is founded by a number or by a list; give one of the two."
        : o.Join is not null ? "--bootstrap-expect and --join: a node either founds a cluster or joins one; give one of the two."
        : o.BootstrapExpect > 1 && o.Seeds.Count == 0 ? "--bootstrap-expect: say where the others are found, with --seeds."
        : o.BootstrapExpect > 1 && o.PeerUrl is null
            ? "--bootstrap-expect: give the address where peers reach this node with --peer as well."
        : null;
}
