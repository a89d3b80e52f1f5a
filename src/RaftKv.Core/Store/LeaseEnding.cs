using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Leases;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.SystemRecords;
using RaftKv.Core.Store.Tree;
using RaftKv.Core.Store.Work;

namespace RaftKv.Core.Store;

/// <summary>
/// Ends a lease: every key that hangs on it goes, all in one revision, or none when none does. Guards do not ask for a
/// fence here: the end of a lease is no write of a client that may have lost its lock.
/// </summary>
internal sealed class LeaseEnding(CommandExecutor executor, LeaseTable leases, KeyTreeNode records, LeaseId lease, DeleteReason reason)
    : CommandRun
{
    private readonly RangeWalk _walk = new(records, KeyRange.Prefix(SystemKeys.Of(SystemKeys.Attachment, lease.Value)));
    private readonly List<ReadOnlyMemory<byte>> _keys = [];
    private int _deletedCount;

    /// <inheritdoc/>
    public override CommandResult? Step(WorkMeter meter)
    {
        for (; _walk.Slot is KeyValue record; _walk.MoveOn())
        {
            if (meter.IsSpent)
            {
                return null;
            }

            meter.Visit();
            _keys.Add(record.Key[SystemKeys.AttachmentHeaderBytes..]);
        }

        for (; _deletedCount < _keys.Count; _deletedCount++)
        {
            if (meter.IsSpent)
            {
                return null;
            }

            meter.Spend(WorkMeter.OfWrite(0));
            executor.DeleteOf(lease, _keys[_deletedCount].Span, reason);
        }

        leases.Remove(lease);
        return executor.Answer(new LeaseEndedResult(lease, _keys.Count));
    }
}
