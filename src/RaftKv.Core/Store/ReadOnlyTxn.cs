using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;

namespace RaftKv.Core.Store;

/// <summary>
/// Txns that only compare and read, evaluated on a view instead of going through the log. On the same state the answer is
/// the one that <see cref="MvccStore"/> gives.
/// </summary>
public static class ReadOnlyTxn
{
    /// <summary>True when no operation of either list writes, in nested txns too.</summary>
    public static bool IsReadOnly(TxnOp txn) => HasReadsOnly(txn.Then) && HasReadsOnly(txn.Else);

    /// <summary>Evaluates a txn that is read-only.</summary>
    public static CommandResult Run(StoreView view, TxnOp txn)
    {
        Check.That(IsReadOnly(txn), "a txn that is evaluated on a view writes nothing");
        var path = TxnPath.Choose(view.Root, txn);
        var status = CommandStatus.Ok;
        TxnResult? result = Run(view, path, ref status);
        return new CommandResult(status, view.Revision, result);
    }

    private static bool HasReadsOnly(IReadOnlyList<KvOp> ops)
    {
        for (int i = 0; i < ops.Count; i++)
        {
            if (ops[i] is not RangeOp && !(ops[i] is TxnOp nested && IsReadOnly(nested)))
            {
                return false;
            }
        }

        return true;
    }

    private static TxnResult? Run(StoreView view, TxnPath path, ref CommandStatus status)
    {
        List<OpResult> results = new(path.Ops.Count);
        for (int i = 0; i < path.Ops.Count; i++)
        {
            OpResult? result = path.Ops[i] switch
            {
                RangeOp range => Read(view, range, ref status),
                TxnOp => Run(view, path.Nested(i)!, ref status),
                var other => Check.Unreachable<OpResult>(other),
            };
            if (result is null)
            {
                return null;
            }

            results.Add(result);
        }

        return new TxnResult(path.IsSucceeded, results);
    }

    private static RangeResult? Read(StoreView view, RangeOp range, ref CommandStatus status)
    {
        RangeResult result = view.Range(range.Request);
        status = result.Status switch
        {
            ReadStatus.Compacted => CommandStatus.Compacted,
            ReadStatus.FutureRevision => CommandStatus.FutureRevision,
            _ => CommandStatus.Ok,
        };
        return status == CommandStatus.Ok ? result : null;
    }
}
