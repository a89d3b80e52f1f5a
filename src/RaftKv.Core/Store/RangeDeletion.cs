using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.History;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Tree;
using RaftKv.Core.Store.Work;

namespace RaftKv.Core.Store;

/// <summary>Deletes the keys of a range, key by key: first all are found, then each is deleted.</summary>
internal sealed class RangeDeletion(CommandExecutor executor, VersionTable table, DeleteRangeOp delete)
{
    private readonly RangeWalk _walk = new(table.Root, delete.Keys);
    private readonly List<KeyValue> _victims = [];
    private int _deletedCount;

    /// <summary>The answer; null while more is to be done.</summary>
    public DeleteRangeResult? Step(WorkMeter meter)
    {
        for (; _walk.Slot is { } slot; _walk.MoveOn())
        {
            if (meter.IsSpent)
            {
                return null;
            }

            meter.Visit();
            if (RangeReader.LiveNewest(slot) is { } live)
            {
                _victims.Add(live);
            }
        }

        for (; _deletedCount < _victims.Count; _deletedCount++)
        {
            if (meter.IsSpent)
            {
                return null;
            }

            meter.Spend(WorkMeter.OfWrite(0));
            executor.Delete(_victims[_deletedCount]);
        }

        return new DeleteRangeResult(_victims.Count, delete.WantsPrevious ? _victims : []);
    }
}
