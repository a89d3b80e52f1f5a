using RaftKv.Core;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Tree;
using Proto = RaftKv.Protocol.Etcd;

namespace RaftKv.Doors.Etcd.Kv;

/// <summary>etcd's txn as the store's, and the store's result as etcd's answer.</summary>
internal static class TxnMapping
{
    /// <summary>The store's txn; the request was checked before.</summary>
    public static TxnOp ToStore(Proto.TxnRequest request)
    {
        var compares = new List<Compare>(request.Compare.Count);
        foreach (Proto.Compare compare in request.Compare)
        {
            if (ToStore(compare) is { } mapped)
            {
                compares.Add(mapped);
            }
        }

        return new TxnOp(compares, ToStore(request.Success), ToStore(request.Failure));
    }

    /// <summary>A put.</summary>
    public static PutOp ToStore(Proto.PutRequest put) =>
        new(put.Key.Memory, put.Value.Memory, new LeaseId(put.Lease), put.PrevKv, put.IgnoreValue, put.IgnoreLease);

    /// <summary>A delete.</summary>
    public static DeleteRangeOp ToStore(Proto.DeleteRangeRequest delete) =>
        new(RangeMapping.KeysOf(delete.Key, delete.RangeEnd), delete.PrevKv);

    /// <summary>True when no list of the txn writes.</summary>
    public static bool IsReadOnly(Proto.TxnRequest request) => IsReadOnly(request.Success) && IsReadOnly(request.Failure);

    /// <summary>
    /// True when every read of the txn is serializable and there is one. Compares alone stay linearizable: etcd takes
    /// them for serializable, since no read says otherwise.
    /// </summary>
    public static bool IsSerializable(Proto.TxnRequest request) =>
        request.Success.Count + request.Failure.Count > 0 && AreSerializable(request.Success) && AreSerializable(request.Failure);

    /// <summary>etcd's answer; the heads of nested answers have a revision at most, as in etcd.</summary>
    public static Proto.TxnResponse ToAnswer(Proto.TxnRequest request, TxnResult result, Revision before, Revision after)
    {
        Revision now = before;
        return ToAnswer(request, result, after, ref now);
    }

    /// <summary>Answer of a put.</summary>
    public static Proto.PutResponse ToAnswer(PutResult result)
    {
        var answer = new Proto.PutResponse();
        if (result.Previous is not null)
        {
            answer.PrevKv = RangeMapping.ToPair(result.Previous);
        }

        return answer;
    }

    /// <summary>Answer of a delete.</summary>
    public static Proto.DeleteRangeResponse ToAnswer(DeleteRangeResult result)
    {
        var answer = new Proto.DeleteRangeResponse { Deleted = result.DeletedCount };
        foreach (KeyValue previous in result.Previous)
        {
            answer.PrevKvs.Add(RangeMapping.ToPair(previous));
        }

        return answer;
    }

    private static Proto.TxnResponse ToAnswer(Proto.TxnRequest request, TxnResult result, Revision after, ref Revision now)
    {
        var answer = new Proto.TxnResponse { Header = new Proto.ResponseHeader(), Succeeded = result.IsSucceeded };
        IReadOnlyList<Proto.RequestOp> ops = result.IsSucceeded ? request.Success : request.Failure;
        Check.That(ops.Count == result.Results.Count, "a result for each operation", ops.Count, result.Results.Count);
        for (int i = 0; i < ops.Count; i++)
        {
            answer.Responses.Add(ToAnswer(ops[i], result.Results[i], after, ref now));
        }

        return answer;
    }

    // A read inside a txn shows the revision before it until the txn has written something.
    private static Proto.ResponseOp ToAnswer(Proto.RequestOp op, OpResult result, Revision after, ref Revision now)
    {
        switch (result)
        {
            case RangeResult range:
                Proto.RangeResponse read = RangeMapping.ToAnswer(op.RequestRange, range);
                read.Header = new Proto.ResponseHeader { Revision = now.Value };
                return new Proto.ResponseOp { ResponseRange = read };
            case PutResult put:
                now = after;
                Proto.PutResponse written = ToAnswer(put);
                written.Header = new Proto.ResponseHeader { Revision = now.Value };
                return new Proto.ResponseOp { ResponsePut = written };
            case DeleteRangeResult delete:
                now = delete.DeletedCount > 0 ? after : now;
                Proto.DeleteRangeResponse deleted = ToAnswer(delete);
                deleted.Header = new Proto.ResponseHeader { Revision = now.Value };
                return new Proto.ResponseOp { ResponseDeleteRange = deleted };
            case TxnResult txn:
                return new Proto.ResponseOp { ResponseTxn = ToAnswer(op.RequestTxn, txn, after, ref now) };
            default:
                return Check.Unreachable<Proto.ResponseOp>(result);
        }
    }

    private static List<KvOp> ToStore(IReadOnlyList<Proto.RequestOp> ops)
    {
        var mapped = new List<KvOp>(ops.Count);
        foreach (Proto.RequestOp op in ops)
        {
            mapped.Add(op.RequestCase switch
            {
                Proto.RequestOp.RequestOneofCase.RequestRange => new RangeOp(RangeMapping.ToStore(op.RequestRange)),
                Proto.RequestOp.RequestOneofCase.RequestPut => ToStore(op.RequestPut),
                Proto.RequestOp.RequestOneofCase.RequestDeleteRange => ToStore(op.RequestDeleteRange),
                Proto.RequestOp.RequestOneofCase.RequestTxn => ToStore(op.RequestTxn),
                _ => Check.Unreachable<KvOp>(op.RequestCase),
            });
        }

        return mapped;
    }

    // Null: always true. Numbers that are no member of etcd's enumerations are legal on the wire, and etcd gives them a
    // meaning: an unknown result holds, an unknown target counts as equal.
    private static Compare? ToStore(Proto.Compare compare)
    {
        KeyRange keys = RangeMapping.KeysOf(compare.Key, compare.RangeEnd);
        if (!Enum.IsDefined(compare.Result))
        {
            return compare.Target == Proto.Compare.Types.CompareTarget.Value
                ? new Compare(keys, CompareTarget.Version, CompareOperator.Greater, 0, default)
                : null;
        }

        if (!Enum.IsDefined(compare.Target))
        {
            return compare.Result == Proto.Compare.Types.CompareResult.Equal
                ? null
                : new Compare(keys, CompareTarget.Version, CompareOperator.Less, 0, default);
        }

        var comparison = (CompareOperator)compare.Result;
        return compare.Target switch
        {
            Proto.Compare.Types.CompareTarget.Version => new(keys, CompareTarget.Version, comparison, compare.Version, default),
            Proto.Compare.Types.CompareTarget.Create =>
                new(keys, CompareTarget.CreateRevision, comparison, compare.CreateRevision, default),
            Proto.Compare.Types.CompareTarget.Mod => new(keys, CompareTarget.ModRevision, comparison, compare.ModRevision, default),
            Proto.Compare.Types.CompareTarget.Lease => new(keys, CompareTarget.Lease, comparison, compare.Lease, default),
            _ => new(keys, CompareTarget.Value, comparison, 0, compare.Value.Memory),
        };
    }

    private static bool IsReadOnly(IReadOnlyList<Proto.RequestOp> ops)
    {
        foreach (Proto.RequestOp op in ops)
        {
            bool isRead = op.RequestCase == Proto.RequestOp.RequestOneofCase.RequestRange
                || (op.RequestTxn is { } nested && IsReadOnly(nested));
            if (!isRead)
            {
                return false;
            }
        }

        return true;
    }

    private static bool AreSerializable(IReadOnlyList<Proto.RequestOp> ops)
    {
        foreach (Proto.RequestOp op in ops)
        {
            if (op.RequestRange is not { Serializable: true })
            {
                return false;
            }
        }

        return true;
    }
}
