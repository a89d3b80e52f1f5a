using RaftKv.Core;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Tree;
using Pb = RaftKv.Protocol.Etcd;

namespace RaftKv.Doors.Etcd.Kv;

/// <summary>etcd's txn as the store's, and the store's result as etcd's answer.</summary>
internal static class TxnMapping
{
    /// <summary>The store's txn; the request was checked before.</summary>
    public static TxnOp ToStore(Pb.TxnRequest request)
    {
        var compares = new List<Compare>(request.Compare.Count);
        foreach (Pb.Compare compare in request.Compare)
        {
            if (ToStore(compare) is { } mapped)
            {
                compares.Add(mapped);
            }
        }

        return new TxnOp(compares, ToStore(request.Success), ToStore(request.Failure));
    }

    /// <summary>A put.</summary>
    public static PutOp ToStore(Pb.PutRequest put) =>
        new(put.Key.Memory, put.Value.Memory, new LeaseId(put.Lease), put.PrevKv, put.IgnoreValue, put.IgnoreLease);

    /// <summary>A delete.</summary>
    public static DeleteRangeOp ToStore(Pb.DeleteRangeRequest delete) =>
        new(RangeMapping.KeysOf(delete.Key, delete.RangeEnd), delete.PrevKv);

    /// <summary>True when no list of the txn writes.</summary>
    public static bool IsReadOnly(Pb.TxnRequest request) => IsReadOnly(request.Success) && IsReadOnly(request.Failure);

    /// <summary>
    /// True when every read of the txn is serializable and there is one. Compares alone stay linearizable: etcd takes
    /// them for serializable, since no read says otherwise.
    /// </summary>
    public static bool IsSerializable(Pb.TxnRequest request) =>
        request.Success.Count + request.Failure.Count > 0 && AreSerializable(request.Success) && AreSerializable(request.Failure);

    /// <summary>etcd's answer; the heads of nested answers have a revision at most, as in etcd.</summary>
    public static Pb.TxnResponse ToAnswer(Pb.TxnRequest request, TxnResult result, Revision before, Revision after)
    {
        Revision now = before;
        return ToAnswer(request, result, after, ref now);
    }

    /// <summary>Answer of a put.</summary>
    public static Pb.PutResponse ToAnswer(PutResult result)
    {
        var answer = new Pb.PutResponse();
        if (result.Previous is not null)
        {
            answer.PrevKv = RangeMapping.ToPair(result.Previous);
        }

        return answer;
    }

    /// <summary>Answer of a delete.</summary>
    public static Pb.DeleteRangeResponse ToAnswer(DeleteRangeResult result)
    {
        var answer = new Pb.DeleteRangeResponse { Deleted = result.DeletedCount };
        foreach (KeyValue previous in result.Previous)
        {
            answer.PrevKvs.Add(RangeMapping.ToPair(previous));
        }

        return answer;
    }

    private static Pb.TxnResponse ToAnswer(Pb.TxnRequest request, TxnResult result, Revision after, ref Revision now)
    {
        var answer = new Pb.TxnResponse { Header = new Pb.ResponseHeader(), Succeeded = result.IsSucceeded };
        IReadOnlyList<Pb.RequestOp> ops = result.IsSucceeded ? request.Success : request.Failure;
        Check.That(ops.Count == result.Results.Count, "a result for each operation", ops.Count, result.Results.Count);
        for (int i = 0; i < ops.Count; i++)
        {
            answer.Responses.Add(ToAnswer(ops[i], result.Results[i], after, ref now));
        }

        return answer;
    }

    // A read inside a txn shows the revision before it until the txn has written something.
    private static Pb.ResponseOp ToAnswer(Pb.RequestOp op, OpResult result, Revision after, ref Revision now)
    {
        switch (result)
        {
            case RangeResult range:
                Pb.RangeResponse read = RangeMapping.ToAnswer(op.RequestRange, range);
                read.Header = new Pb.ResponseHeader { Revision = now.Value };
                return new Pb.ResponseOp { ResponseRange = read };
            case PutResult put:
                now = after;
                Pb.PutResponse written = ToAnswer(put);
                written.Header = new Pb.ResponseHeader { Revision = now.Value };
                return new Pb.ResponseOp { ResponsePut = written };
            case DeleteRangeResult delete:
                now = delete.DeletedCount > 0 ? after : now;
                Pb.DeleteRangeResponse deleted = ToAnswer(delete);
                deleted.Header = new Pb.ResponseHeader { Revision = now.Value };
                return new Pb.ResponseOp { ResponseDeleteRange = deleted };
            case TxnResult txn:
                return new Pb.ResponseOp { ResponseTxn = ToAnswer(op.RequestTxn, txn, after, ref now) };
            default:
                return Check.Unreachable<Pb.ResponseOp>(result);
        }
    }

    private static List<KvOp> ToStore(IReadOnlyList<Pb.RequestOp> ops)
    {
        var mapped = new List<KvOp>(ops.Count);
        foreach (Pb.RequestOp op in ops)
        {
            mapped.Add(op.RequestCase switch
            {
                Pb.RequestOp.RequestOneofCase.RequestRange => new RangeOp(RangeMapping.ToStore(op.RequestRange)),
                Pb.RequestOp.RequestOneofCase.RequestPut => ToStore(op.RequestPut),
                Pb.RequestOp.RequestOneofCase.RequestDeleteRange => ToStore(op.RequestDeleteRange),
                Pb.RequestOp.RequestOneofCase.RequestTxn => ToStore(op.RequestTxn),
                _ => Check.Unreachable<KvOp>(op.RequestCase),
            });
        }

        return mapped;
    }

    // Null: always true. Numbers that are no member of etcd's enumerations are legal on the wire, and etcd gives them a
    // meaning: an unknown result holds, an unknown target counts as equal.
    private static Compare? ToStore(Pb.Compare compare)
    {
        KeyRange keys = RangeMapping.KeysOf(compare.Key, compare.RangeEnd);
        if (!Enum.IsDefined(compare.Result))
        {
            return compare.Target == Pb.Compare.Types.CompareTarget.Value
                ? new Compare(keys, CompareTarget.Version, CompareOperator.Greater, 0, default)
                : null;
        }

        if (!Enum.IsDefined(compare.Target))
        {
            return compare.Result == Pb.Compare.Types.CompareResult.Equal
                ? null
                : new Compare(keys, CompareTarget.Version, CompareOperator.Less, 0, default);
        }

        var comparison = (CompareOperator)compare.Result;
        return compare.Target switch
        {
            Pb.Compare.Types.CompareTarget.Version => new(keys, CompareTarget.Version, comparison, compare.Version, default),
            Pb.Compare.Types.CompareTarget.Create => new(keys, CompareTarget.CreateRevision, comparison, compare.CreateRevision, default),
            Pb.Compare.Types.CompareTarget.Mod => new(keys, CompareTarget.ModRevision, comparison, compare.ModRevision, default),
            Pb.Compare.Types.CompareTarget.Lease => new(keys, CompareTarget.Lease, comparison, compare.Lease, default),
            _ => new(keys, CompareTarget.Value, comparison, 0, compare.Value.Memory),
        };
    }

    private static bool IsReadOnly(IReadOnlyList<Pb.RequestOp> ops)
    {
        foreach (Pb.RequestOp op in ops)
        {
            bool isRead = op.RequestCase == Pb.RequestOp.RequestOneofCase.RequestRange
                || (op.RequestTxn is { } nested && IsReadOnly(nested));
            if (!isRead)
            {
                return false;
            }
        }

        return true;
    }

    private static bool AreSerializable(IReadOnlyList<Pb.RequestOp> ops)
    {
        foreach (Pb.RequestOp op in ops)
        {
            if (op.RequestRange is not { Serializable: true })
            {
                return false;
            }
        }

        return true;
    }
}
