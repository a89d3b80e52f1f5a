using RaftKv.Core.Store.Commands;

namespace RaftKv.Service.Observing;

/// <summary>Which keys a command is about. Stateless.</summary>
internal static class CommandKeys
{
    /// <summary>The keys of its operations, reads among them too; of locks, semaphores and elections their names.</summary>
    public static List<KeyRange> Of(KvCommand command)
    {
        List<KeyRange> keys = [];
        switch (command)
        {
            case MutateCommand mutate:
                Collect(mutate.Op, keys);
                break;
            case ChangeAccessCommand { Change: GrantKeys grant }:
                keys.Add(grant.Keys);
                break;
            case ChangeAccessCommand { Change: RevokeKeys revoke }:
                keys.Add(revoke.Keys);
                break;
            default:
                break;
        }

        return keys;
    }

    /// <summary>The keys of a txn, those that it only compares too.</summary>
    public static List<KeyRange> Of(TxnOp txn)
    {
        List<KeyRange> keys = [.. txn.Compares.Select(static compare => compare.Keys)];
        Collect(txn, keys);
        return keys;
    }

    private static void Collect(KvOp op, List<KeyRange> keys)
    {
        switch (op)
        {
            case PutOp put:
                keys.Add(KeyRange.Single(put.Key));
                break;
            case IncrementOp increment:
                keys.Add(KeyRange.Single(increment.Key));
                break;
            case DeleteRangeOp delete:
                keys.Add(delete.Keys);
                break;
            case RangeOp range:
                keys.Add(range.Request.Keys);
                break;
            case AcquireOp acquire:
                keys.Add(KeyRange.Single(acquire.Name));
                break;
            case TxnOp txn:
                foreach (KvOp inner in txn.Then.Concat(txn.Else))
                {
                    Collect(inner, keys);
                }

                break;
            default:
                break;
        }
    }
}
