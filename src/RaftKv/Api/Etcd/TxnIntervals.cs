using Google.Protobuf;
using RaftKv.Api.ErrorMapping;
using RaftKv.Core.Store;
using Pb = RaftKv.Protocol.Etcd;

namespace RaftKv.Api.Etcd;

/// <summary>
/// etcd's own check that a list of a txn does not write a key twice (checkIntervals), so that the same txns are refused
/// here. The store's check comes after it and is stricter in one case: see docs/etcd-compatibility.md.
/// </summary>
internal static class TxnIntervals
{
    private sealed class KeySet() : SortedSet<ReadOnlyMemory<byte>>(_byBytes);

    private static readonly Comparer<ReadOnlyMemory<byte>> _byBytes =
        Comparer<ReadOnlyMemory<byte>>.Create(static (x, y) => x.Span.SequenceCompareTo(y.Span));

    /// <summary>Checks one list of a txn, and what is nested in it.</summary>
    public static void Check(IReadOnlyList<Pb.RequestOp> ops) => Collect(ops, out _, out _);

    private static void Collect(IReadOnlyList<Pb.RequestOp> ops, out KeySet puts, out List<KeyRange> deletes)
    {
        puts = new KeySet();
        deletes = [];
        foreach (Pb.RequestOp op in ops)
        {
            if (op.RequestDeleteRange is { } delete)
            {
                deletes.Add(RangeMapping.KeysOf(delete.Key, delete.RangeEnd));
            }
        }

        foreach (Pb.RequestOp op in ops)
        {
            if (op.RequestTxn is { } txn)
            {
                CollectNested(txn, puts, deletes);
            }
        }

        foreach (Pb.RequestOp op in ops)
        {
            if (op.RequestPut is { } put && (IsIn(deletes, put.Key.Memory) || !puts.Add(put.Key.Memory)))
            {
                throw EtcdErrors.DuplicateKey();
            }
        }
    }

    private static void CollectNested(Pb.TxnRequest txn, KeySet puts, List<KeyRange> deletes)
    {
        Collect(txn.Success, out KeySet thenPuts, out List<KeyRange> thenDeletes);
        Collect(txn.Failure, out KeySet elsePuts, out List<KeyRange> elseDeletes);
        foreach (ReadOnlyMemory<byte> key in thenPuts)
        {
            if (IsIn(deletes, key) || !puts.Add(key))
            {
                throw EtcdErrors.DuplicateKey();
            }
        }

        deletes.AddRange(thenDeletes);
        foreach (ReadOnlyMemory<byte> key in elsePuts)
        {
            // Only one of the two lists runs, so both may put a key; as in etcd a delete in the first one counts all
            // the same.
            bool isOnlyInThen = puts.Contains(key) && thenPuts.Contains(key);
            if ((!isOnlyInThen && puts.Contains(key)) || IsIn(deletes, key))
            {
                throw EtcdErrors.DuplicateKey();
            }

            puts.Add(key);
        }

        deletes.AddRange(elseDeletes);
    }

    private static bool IsIn(List<KeyRange> ranges, ReadOnlyMemory<byte> key)
    {
        foreach (KeyRange range in ranges)
        {
            if (range.Contains(key.Span))
            {
                return true;
            }
        }

        return false;
    }
}
