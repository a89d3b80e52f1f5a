using RaftKv.Core;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Replica;
using RaftKv.Core.Replica.Proposals;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Gates;
using RaftKv.Core.Store.History;
using RaftKv.Core.Store.Quotas;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Checking;

/// <summary>What counts for Q2, of a store as of one entry.</summary>
/// <param name="Left">Changes that the removal still has to visit; 0 when none is pending.</param>
/// <param name="Window">Changes after the compacted revision: what is kept on purpose.</param>
/// <param name="AtCompacted">Changes of the compacted revision itself, whose deletions stay readable.</param>
internal readonly record struct RemovalPicture(
    Revision Compacted, long Left, long Versions, long Keys, long Window, long AtCompacted, long DataBytes)
{
    public static RemovalPicture Of(StoreView view)
    {
        long window = view.CountChangesFrom(view.CompactedRevision.Next);
        return new RemovalPicture(
            view.CompactedRevision, view.RemovalsLeft, view.VersionCount, view.KeyCount, window,
            view.CountChangesFrom(view.CompactedRevision) - window, view.DataBytes);
    }
}

/// <summary>
/// Q2, after every committed entry: what compactions made obsolete shrinks by twice what the entry wrote, and by a slice
/// for a slice; when it is done, there are no more versions than live keys and what is kept on purpose. And what a leader
/// compacts by itself leaves the window that it is to keep.
/// </summary>
internal static class RemovalChecker
{
    public static void Check(StoreView before, StoreView after, LogEntry entry, AutoCompaction setting)
    {
        KvCommand? command = null;
        bool isOwn = false;
        if (entry.Kind == EntryKind.Command)
        {
            isOwn = CommandEnvelope.TryRead(entry.Payload.Span, out _, out _, out long number) && number == 0;
            KvCommandCodec.TryDecode(entry.Payload[CommandEnvelope.HeaderBytes..], out command);
        }

        if (after.ClusterVersion >= GateTable.ThisBuild.SinceOf(FeatureGate.CompactionByWork)
            && before.ClusterVersion == after.ClusterVersion)
        {
            long changes = after.CountChangesFrom(before.Revision.Next);
            long slice = command is CompactSliceCommand ? Compactor.VisitsPerSlice : 0;
            Check(RemovalPicture.Of(before), RemovalPicture.Of(after), changes, slice);
        }

        if (isOwn && command is CompactCommand compact && setting.Mode == AutoCompactionMode.Revision)
        {
            CheckWindow(compact.Revision, before.Revision, setting.Retention);
        }
    }

    /// <summary>The pure check of one entry that wrote so many changes.</summary>
    /// <param name="slice">Visits of a slice; 0 for any other command.</param>
    public static void Check(in RemovalPicture before, in RemovalPicture after, long changes, long slice)
    {
        // A new compaction has more to remove; large values end the work of an entry early.
        bool isLarge = before.DataBytes - after.DataBytes >= Compactor.MaxDroppedBytesPerEntry / 4;
        bool isComparable = before.Compacted == after.Compacted && !isLarge;
        long paid = Math.Min(2 * changes, Compactor.MaxPaidVisits) + slice;
        Demand(
            !isComparable || after.Left <= Math.Max(0, before.Left - paid),
            $"{after.Left} visits are left of {before.Left} after an entry that pays for {paid}");

        // A key that lived at the compacted revision and was deleted since has both versions: its deletion is in the window.
        long most = after.Keys + (2 * after.Window) + after.AtCompacted;
        Demand(
            after.Left > 0 || after.Versions <= most,
            $"{after.Versions} versions are kept for {after.Keys} keys and {after.Window} changes after revision {after.Compacted}");
    }

    /// <summary>What a leader compacts by itself, against what it is to keep.</summary>
    public static void CheckWindow(Revision compacted, Revision current, long kept) => Demand(
        compacted.Value <= current.Value - kept,
        $"a leader compacts at {compacted} by itself at revision {current}, and is to keep {kept}");

    /// <summary>A cluster that nobody writes to: everything that is obsolete is removed, and what is due was compacted.</summary>
    /// <remarks>
    /// An alarm CORRUPT refuses compaction like every change until somebody clears it (docs/operations.md, etcd's set), and
    /// when nobody writes nobody does: then nothing new is due. What an earlier compaction left is removed all the same.
    /// </remarks>
    public static bool IsAtRest(StoreView view, AutoCompaction setting, Revision newestWhenIdle) =>
        !view.IsCompacting && (IsCalledCorrupt(view) || IsCompactedAsDue(view, setting, newestWhenIdle));

    private static bool IsCalledCorrupt(StoreView view) => view.ListAlarms().Any(static alarm => alarm.Kind == AlarmKind.Corrupt);

    private static bool IsCompactedAsDue(StoreView view, AutoCompaction setting, Revision newestWhenIdle) =>
        setting.Mode switch
        {
            AutoCompactionMode.Revision => view.Revision.Value - setting.Retention - view.CompactedRevision.Value
                < Math.Max(1, setting.Retention / 10),
            AutoCompactionMode.Periodic => view.CompactedRevision >= newestWhenIdle || newestWhenIdle == Revision.Initial,
            _ => true,
        };

    private static void Demand(bool condition, string message)
    {
        if (!condition)
        {
            throw new SimulationViolationException("Q2", message);
        }
    }
}
