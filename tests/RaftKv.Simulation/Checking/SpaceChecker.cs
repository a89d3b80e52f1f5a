using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Tree;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Checking;

/// <summary>
/// Q4, after every committed entry: no entry takes the store over its limit, above the limit the alarm is raised, and what is
/// counted is what a look at everything gives.
/// </summary>
internal static class SpaceChecker
{
    /// <param name="mustRecount">Look at everything, which is costly.</param>
    public static void Check(StoreView before, StoreView after, bool mustRecount)
    {
        long allowed = Math.Max(after.LimitBytes, before.UsedBytes);
        Demand(after.UsedBytes <= allowed, $"{after.UsedBytes} bytes are used after {before.UsedBytes}, the limit is {after.LimitBytes}");
        bool isAlarmed = after.UsedBytes <= after.LimitBytes || after.ListAlarms().Any(static a => a.Kind == AlarmKind.NoSpace);
        Demand(isAlarmed, $"{after.UsedBytes} bytes are used over {after.LimitBytes}, and no alarm is raised");
        if (mustRecount)
        {
            long recount = Recount(after);
            Demand(after.UsedBytes == recount, $"{after.UsedBytes} bytes are counted, a recount gives {recount}");
        }
    }

    private static long Recount(StoreView view)
    {
        long bytes = 0;
        KeyTreeCursor keys = new(view.Root);
        for (bool isInside = keys.MoveToAtOrAfter(default); isInside; isInside = keys.MoveNext())
        {
            bytes += StoreCosts.Recount(keys.Slot);
        }

        KeyTreeCursor records = new(view.Records.Root);
        for (bool isInside = records.MoveToAtOrAfter(default); isInside; isInside = records.MoveNext())
        {
            // Leases, what hangs on them, and guards.
            var record = (KeyValue)records.Slot;
            bytes += record.Key.Span[0] is 2 or 3 or 6 ? StoreCosts.Recount(record) : 0;
        }

        return bytes;
    }

    private static void Demand(bool condition, string message)
    {
        if (!condition)
        {
            throw new SimulationViolationException("Q4", message);
        }
    }
}
