using RaftKv.Core.Store.Commands;

namespace RaftKv.Core.Store.Quotas;

/// <summary>The decisions about room, as pure functions.</summary>
public static class SpaceRules
{
    /// <summary>
    /// The alarm clears when so much of the limit is free again, in tenths: a store that is full to the brim would else
    /// raise and clear it with every write.
    /// </summary>
    internal const int FreeTenths = 1;

    /// <summary>What the store may cost at most for its alarm to clear.</summary>
    public static long ClearAtBytes(long limitBytes) => limitBytes - (limitBytes / 10 * FreeTenths);

    /// <summary>Whether what is to come fits.</summary>
    public static bool Fits(long usedBytes, long addedBytes, long limitBytes) => addedBytes == 0 || addedBytes <= limitBytes - usedBytes;

    /// <summary>
    /// Whether a command would need room or, while the data is called corrupt, change anything: etcd's sets. A txn that has
    /// a put in either list counts as one that puts, whatever its compares say.
    /// </summary>
    internal static bool NeedsRoom(KvCommand command) => command switch
    {
        MutateCommand mutate => NeedsRoom(mutate.Op),
        GrantLeaseCommand or SetGuardCommand => true,
        _ => false,
    };

    /// <summary>Whether a command is refused while the data is called corrupt; the cluster's own go on.</summary>
    internal static bool ChangesData(KvCommand command) =>
        command is MutateCommand or CompactCommand or GrantLeaseCommand or RevokeLeaseCommand or SetGuardCommand or RemoveGuardCommand;

    /// <summary>
    /// Whether a member may become a voter: it must be able to hold what is stored, and what the cluster may come to store
    /// by its quota, or it would pull down everybody's limit. No budget (0) is none that could be too small.
    /// </summary>
    public static bool MayPromote(long memberStoreBytes, long usedBytes, long limitBytes) =>
        memberStoreBytes == 0 || (memberStoreBytes >= usedBytes && (limitBytes == KvLimits.NoQuota || memberStoreBytes >= limitBytes));

    private static bool NeedsRoom(KvOp op)
    {
        if (op is not TxnOp txn)
        {
            return op is PutOp or IncrementOp or AcquireOp;
        }

        return HasOneThatNeedsRoom(txn.Then) || HasOneThatNeedsRoom(txn.Else);
    }

    private static bool HasOneThatNeedsRoom(IReadOnlyList<KvOp> ops)
    {
        for (int i = 0; i < ops.Count; i++)
        {
            if (NeedsRoom(ops[i]))
            {
                return true;
            }
        }

        return false;
    }
}
