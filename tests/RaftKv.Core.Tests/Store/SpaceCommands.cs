using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Quotas;
using static RaftKv.Core.Tests.Store.StoreHarness;

namespace RaftKv.Core.Tests.Store;

/// <summary>Random commands about room: limits near what is used, so that they are met. Drawn from a seed.</summary>
internal static class SpaceCommands
{
    /// <summary>Prefixes that the other random commands write under, and some that they do not.</summary>
    public static IReadOnlyList<string> Prefixes { get; } = ["", "a", "a/", "b", "c/d/", "c/d/1", "zz", "\u00ff"];

    public static KvCommand Next(DeterministicRandom random, StoreView view) => random.Next(6) switch
    {
        0 => new SetStoreQuotaCommand(view.UsedBytes + random.Next(-500, 5_000) is var bytes and > 0 ? bytes : 1),
        1 => new ReportBudgetCommand(new NodeId((ulong)random.Next(1, 4)), random.Chance(300) ? 0 : view.UsedBytes + random.Next(8_000)),
        2 => new SetQuotaCommand(
            Bytes(Prefixes[random.Next(1, 6)]), new QuotaTerms(random.Next(1, 30), random.Chance(500) ? 9_000 : KvLimits.NoQuota)),
        3 => new RemoveQuotaCommand(Bytes(Prefixes[random.Next(1, 6)])),
        4 => new ClearAlarmCommand(AlarmKind.NoSpace, NodeId.None),
        _ => new CompactCommand(view.Revision),
    };
}
