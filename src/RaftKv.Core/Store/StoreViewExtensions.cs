using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.History;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Core.Store;

/// <summary>What can be asked of a view besides reads of keys.</summary>
public static class StoreViewExtensions
{
    /// <summary>
    /// Runs a txn that has no operation that writes, in either list. The answer is the one that the log would give at
    /// this view.
    /// </summary>
    /// <exception cref="ArgumentException">An operation on the way would write.</exception>
    public static CommandResult Txn(this StoreView view, TxnOp txn)
    {
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(txn);
        TxnPath path = TxnPath.Choose(view.Root, txn);
        CommandStatus status = CommandStatus.Ok;
        TxnResult result = Read(view, path, ref status);
        return status == CommandStatus.Ok
            ? new CommandResult(CommandStatus.Ok, view.Revision, result)
            : new CommandResult(status, view.Revision);
    }

    /// <summary>
    /// Hash of the versions that can be read at or before a revision (zero means the view's own); equal on all nodes
    /// that have the same compacted revision, however far they are with removing what it made obsolete.
    /// </summary>
    /// <remarks>Visits every key; not for a thread that others wait for.</remarks>
    public static ReadStatus HashAt(this StoreView view, Revision revision, out ulong hash)
    {
        ArgumentNullException.ThrowIfNull(view);
        hash = 0;
        ReadStatus status = RangeReader.StatusOf(revision, view.Revision, view.CompactedRevision);
        if (status != ReadStatus.Ok)
        {
            return status;
        }

        Revision last = revision <= Revision.Zero ? view.Revision : revision;
        KeyTreeCursor cursor = new(view.Root);
        for (bool isInside = cursor.MoveToAtOrAfter(default); isInside; isInside = cursor.MoveNext())
        {
            hash = unchecked(hash + HashOfKept(cursor.Slot, view.CompactedRevision, last));
        }

        return ReadStatus.Ok;
    }

    private static ulong HashOfKept(object slot, Revision compacted, Revision last)
    {
        ulong sum = 0;
        int oldest = Math.Max(KeyVersions.LastIndexAtOrBefore(slot, compacted), 0);
        for (int i = oldest; i < KeyVersions.CountOf(slot); i++)
        {
            KeyValue version = KeyVersions.ItemOf(slot, i);
            bool isObsolete = version.IsTombstone && version.ModRevision < compacted;
            if (!isObsolete && version.ModRevision <= last)
            {
                sum = unchecked(sum + StateHasher.OfVersion(version));
            }
        }

        return sum;
    }

    private static TxnResult Read(StoreView view, TxnPath path, ref CommandStatus status)
    {
        List<OpResult> results = new(path.Ops.Count);
        for (int i = 0; i < path.Ops.Count && status == CommandStatus.Ok; i++)
        {
            switch (path.Ops[i])
            {
                case RangeOp range:
                    RangeResult read = view.Range(range.Request);
                    status = read.Status switch
                    {
                        ReadStatus.Compacted => CommandStatus.Compacted,
                        ReadStatus.FutureRevision => CommandStatus.FutureRevision,
                        _ => CommandStatus.Ok,
                    };
                    results.Add(read);
                    break;
                case TxnOp:
                    results.Add(Read(view, path.Nested(i)!, ref status));
                    break;
                default:
                    throw new ArgumentException("The txn writes; only the log can run it.", nameof(path));
            }
        }

        return new TxnResult(path.IsSucceeded, results);
    }
}
