using System.Globalization;
using RaftKv.Core.Raft.Members;

namespace RaftKv.Hosting;

/// <summary>Where a node stands, whether it is to lead, and how many may only follow; as part of <see cref="NodeSettings.All"/>.</summary>
internal static class PlacementSettings
{
    /// <summary>All of them.</summary>
    public static NodeSetting[] All { get; } =
    [
        new()
        {
            Flag = "zone", Shape = "ZONE",
            Help = "where this node stands, such as eu-1a: clients with that zone read here",
            Read = static (from, o) => o with { Zone = from.Text("zone") },
            Print = static o => o.Zone ?? "",
            Check = static o => string.IsNullOrEmpty(o.Zone) || NodeOptions.IsName(o.Zone) ? null
                : $"--zone: \"{o.Zone}\" is no zone; use up to 63 letters, digits, dots, dashes or underscores.",
        },
        new()
        {
            Flag = "priority", Shape = "N",
            Help = "0 to 100: the voter of the highest priority leads, if it is well (default: as the members have it)",
            Read = static (from, o) => o with { Priority = from.Number("priority") },
            Print = static o => o.Priority?.ToString(CultureInfo.InvariantCulture) ?? "",
            Check = static o => o.Priority is null or (>= 0 and <= Member.MaxPriority) ? null
                : $"--priority: {o.Priority} is out of range; use 0 to {Member.MaxPriority}.",
        },
        new()
        {
            Flag = "max-learners", Shape = "N",
            Help = $"most learners of the cluster, when one is added; the same on every node (default {Membership.MaxMembers}, all)",
            Read = static (from, o) => o with { MaxLearners = from.Number("max-learners") ?? o.MaxLearners },
            Print = static o => o.MaxLearners.ToString(CultureInfo.InvariantCulture),
            Check = static o => o.MaxLearners is >= 0 and <= Membership.MaxMembers ? null
                : $"--max-learners: {o.MaxLearners} is out of range; use 0 to {Membership.MaxMembers}.",
        },
    ];
}
