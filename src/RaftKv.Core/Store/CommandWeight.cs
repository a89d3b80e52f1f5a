using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.History;
using RaftKv.Core.Store.Leases;
using RaftKv.Core.Store.Once;
using RaftKv.Core.Store.Tree;
using RaftKv.Core.Store.Work;

namespace RaftKv.Core.Store;

/// <summary>
/// How many units of work a command will take at most, known without doing it: by its operations, and by what the tree
/// says of its ranges. So a node knows before the first write whether the command fits into a slice.
/// </summary>
internal sealed class CommandWeight(VersionTable table, LeaseTable leases, OnceTables once)
{
    // A key's cheapest slot: its newest version, which may be a tombstone.
    private const long LeastSlotCost = StoreCosts.PerKey + StoreCosts.PerVersion;

    /// <summary>What a write pays for compaction: two visits, each a write.</summary>
    public const long ForCompaction = 2 * WorkMeter.PerWrite;

    // Three looks, the write, and what it pays.
    private const long PerKey = 3 + WorkMeter.PerWrite + ForCompaction;

    /// <summary>Units of a command at most, and those of its first piece.</summary>
    public long Of(KvCommand command, out long piece)
    {
        piece = WorkMeter.PerWrite * (2 + once.WritesBefore(command));
        for (int i = 0; i < command.Fences.Count; i++)
        {
            piece += OfQueue(command.Fences[i].Kind, command.Fences[i].Name);
        }

        if (command is MutateCommand { Op: AcquireOp acquire })
        {
            piece += OfQueue(acquire.Kind, acquire.Name);
        }

        return piece + PerKey + (WorkMeter.PerWrite * once.WritesAfter(command)) + command switch
        {
            MutateCommand mutate => OfOp(mutate.Op) + (mutate.Guard is null ? 0 : SlotsOf(mutate.Guard.Keys)),
            CompactSliceCommand => Compactor.VisitsPerSlice * WorkMeter.PerWrite,
            RevokeLeaseCommand revoke => leases.CountKeys(revoke.Id) * PerKey,
            ExpireLeaseCommand expire => leases.CountKeys(expire.Id) * PerKey,
            AdvanceTimeCommand => 2 * WorkMeter.PerWrite * Math.Min(once.Keys.RecordCount, IdempotencyTable.RemovedPerAdvance),
            _ => 0,
        };
    }

    private long OfOp(KvOp op) => op switch
    {
        PutOp put => PerKey + (put.Value.Length / WorkMeter.BytesPerUnit),
        DeleteRangeOp delete => SlotsOf(delete.Keys) * PerKey,
        RangeOp range => OfRead(range.Request),
        TxnOp txn => OfTxn(txn),
        _ => PerKey,
    };

    private long OfTxn(TxnOp txn)
    {
        // Both lists: which one runs is not known yet.
        long weight = 1;
        for (int i = 0; i < txn.Compares.Count; i++)
        {
            weight += SlotsOf(txn.Compares[i].Keys);
        }

        for (int i = 0; i < txn.Then.Count; i++)
        {
            weight += OfOp(txn.Then[i]);
        }

        for (int i = 0; i < txn.Else.Count; i++)
        {
            weight += OfOp(txn.Else[i]);
        }

        return weight;
    }

    // A sort looks at each pair as often as the number can be halved.
    private long OfRead(RangeRequest request)
    {
        long slots = SlotsOf(request.Keys);
        return slots * (request.SortBy == SortTarget.Key ? 2 : 2 + (64 - long.LeadingZeroCount(slots)));
    }

    private long OfQueue(LockKind kind, ReadOnlyMemory<byte> name) => 2 * SlotsOf(KeyRange.Prefix(LockKeys.QueuePrefix(kind, name.Span)));

    /// <summary>Slots that a walk of the range may come by, those of deleted keys included.</summary>
    private long SlotsOf(KeyRange keys)
    {
        if (keys.Kind == KeyRangeKind.Single)
        {
            return 1;
        }

        KeyTreeNode root = table.Root;
        long end = keys.Kind == KeyRangeKind.From ? root.Cost : KeyTree.CostBefore(root, keys.End.Span);
        return 1 + (Math.Max(0, end - KeyTree.CostBefore(root, keys.Start.Span)) / LeastSlotCost);
    }
}
