using RaftKv.Core.Store.Commands;
using RaftKv.Doors.Etcd.Calls;
using Proto = RaftKv.Protocol.Etcd;

namespace RaftKv.Doors.Etcd.Kv;

/// <summary>What etcd checks of a request before anything else; the same rules in the same order.</summary>
internal static class KvRules
{
    /// <summary>etcd's --max-request-bytes.</summary>
    private const int MaxRequestBytes = 1_572_864;

    /// <summary>etcd's --max-txn-ops.</summary>
    private const int MaxTxnOps = 128;

    /// <summary>Refuses a request that etcd would not put into its log.</summary>
    public static void CheckSize(int messageBytes)
    {
        if (messageBytes > MaxRequestBytes)
        {
            throw EtcdErrors.RequestTooLarge();
        }
    }

    public static void Check(Proto.RangeRequest request)
    {
        if (request.Key.IsEmpty)
        {
            throw EtcdErrors.EmptyKey();
        }

        if (!Enum.IsDefined(request.SortOrder) || !Enum.IsDefined(request.SortTarget))
        {
            throw EtcdErrors.InvalidSortOption();
        }
    }

    /// <summary>The same for a range that comes in chunks, which are those of the keys' own order.</summary>
    public static void CheckStream(Proto.RangeRequest request)
    {
        Check(request);
        if (request.SortOrder == Proto.RangeRequest.Types.SortOrder.Descend
            || request.SortTarget != Proto.RangeRequest.Types.SortTarget.Key)
        {
            throw EtcdErrors.StreamIsUnsorted();
        }
    }

    public static void Check(Proto.PutRequest request) => CheckPut(
        request.Key.Span, request.Value.IsEmpty, request.Lease, request.IgnoreValue, request.IgnoreLease);

    public static void Check(PutOp put) =>
        CheckPut(put.Key.Span, put.Value.IsEmpty, put.Lease.Value, put.KeepsValue, put.KeepsLease);

    private static void CheckPut(ReadOnlySpan<byte> key, bool isValueEmpty, long lease, bool keepsValue, bool keepsLease)
    {
        if (key.IsEmpty)
        {
            throw EtcdErrors.EmptyKey();
        }

        if (keepsValue && !isValueEmpty)
        {
            throw EtcdErrors.ValueProvided();
        }

        if (keepsLease && lease != 0)
        {
            throw EtcdErrors.LeaseProvided();
        }

        if (LockKeys.IsReserved(key))
        {
            throw EtcdErrors.ReservedKey();
        }

        // No lease here has such an id, so none is found; the log has no form for it either.
        if (lease < 0)
        {
            throw EtcdErrors.LeaseNotFound();
        }
    }

    public static void Check(Proto.DeleteRangeRequest request)
    {
        if (request.Key.IsEmpty)
        {
            throw EtcdErrors.EmptyKey();
        }

        // A wider range may have such keys in it: whoever deletes everything means everything.
        if (request.RangeEnd.IsEmpty && LockKeys.IsReserved(request.Key.Span))
        {
            throw EtcdErrors.ReservedKey();
        }
    }

    public static void Check(Proto.TxnRequest request) => Check(request, MaxTxnOps);

    private static void Check(Proto.TxnRequest request, int maxOps)
    {
        int ops = Math.Max(request.Compare.Count, Math.Max(request.Success.Count, request.Failure.Count));
        if (ops > maxOps)
        {
            throw EtcdErrors.TooManyOps();
        }

        foreach (Proto.Compare compare in request.Compare)
        {
            if (compare.Key.IsEmpty)
            {
                throw EtcdErrors.EmptyKey();
            }
        }

        foreach (Proto.RequestOp op in request.Success)
        {
            Check(op, maxOps - ops);
        }

        foreach (Proto.RequestOp op in request.Failure)
        {
            Check(op, maxOps - ops);
        }
    }

    private static void Check(Proto.RequestOp op, int maxOps)
    {
        switch (op.RequestCase)
        {
            case Proto.RequestOp.RequestOneofCase.RequestRange:
                Check(op.RequestRange);
                break;
            case Proto.RequestOp.RequestOneofCase.RequestPut:
                Check(op.RequestPut);
                break;
            case Proto.RequestOp.RequestOneofCase.RequestDeleteRange:
                Check(op.RequestDeleteRange);
                break;
            case Proto.RequestOp.RequestOneofCase.RequestTxn:
                Check(op.RequestTxn, maxOps);
                break;
            default:
                throw EtcdErrors.KeyNotFound();
        }
    }
}
