using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.SystemRecords;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Core.Store.Rights;

/// <summary>
/// Asks for the rights of every command, when it is applied and by what is in force then (S1). First of all: whoever may
/// not ask learns nothing, neither from an answer that is kept for a repeat nor from what is wrong with the command. Used by
/// the applying thread.
/// </summary>
/// <remarks>
/// A command is judged whole before it does anything: both lists of every txn and every compare, at any depth, whichever
/// will run. What an answer could tell is a read.
/// </remarks>
internal sealed class AccessJudge(AccessTable access, SystemTree system)
{
    /// <summary>Judges by a view, before a command is in any log; a judge of one call, on any thread.</summary>
    public static AccessJudge Over(KeyTreeNode records)
    {
        SystemTree system = SystemTree.Over(records);
        return new AccessJudge(new AccessTable(system), system);
    }

    /// <summary>What is missing for a put of nobody in particular; null when nothing is.</summary>
    public AccessDeniedResult? Judge(in PutParts put)
    {
        if (!access.IsEnabled)
        {
            return null;
        }

        UserRights rights = access.RightsOf(default);
        return JudgePut(rights, put.Key, put.Lease, put.Flags);
    }

    /// <summary>What is missing for a command; null when nothing is.</summary>
    public AccessDeniedResult? Judge(KvCommand command)
    {
        if (!access.IsEnabled || CommandRules.IsOfTheCluster(command))
        {
            return null;
        }

        UserRights rights = access.RightsOf(command.Principal);
        if (rights.IsRoot)
        {
            return null;
        }

        foreach (Fence fence in command.Fences)
        {
            if (Keys(rights, KeyRights.Read, UserRights.QueueOf(fence.Kind, fence.Name.Span)) is { } denied)
            {
                return denied;
            }
        }

        return command switch
        {
            MutateCommand mutate => JudgeCompare(rights, mutate.Guard) ?? JudgeOp(rights, mutate.Op),
            CompactCommand => Operation(rights, OperationRights.Compact),
            GrantLeaseCommand => Operation(rights, OperationRights.Lease),
            RevokeLeaseCommand revoke => Operation(rights, OperationRights.Lease) ?? JudgeLease(rights, revoke.Id),
            SetGuardCommand or RemoveGuardCommand or SetQuotaCommand or RemoveQuotaCommand or SetStoreQuotaCommand =>
                Operation(rights, OperationRights.Limits),
            RaiseAlarmCommand or ClearAlarmCommand => Operation(rights, OperationRights.Alarms),
            OpenSessionCommand or CloseSessionCommand => rights.IsKnown ? null : NeedsRoot(),
            ChangeAccessCommand change => JudgeChange(command.Principal, rights, change.Change),
            _ => Check.Unreachable<AccessDeniedResult>(command),
        };
    }

    // Who may change rights is root; a user may make and remove tokens of its own.
    private AccessDeniedResult? JudgeChange(ReadOnlyMemory<byte> principal, UserRights rights, AccessChange change)
    {
        ReadOnlyMemory<byte>? owner = change switch
        {
            AddToken add => add.User,
            RemoveToken remove => access.FindToken(remove.Id)?.User,
            _ => null,
        };
        return owner is { } user && rights.IsKnown && user.Span.SequenceEqual(principal.Span) ? null : NeedsRoot();
    }

    private AccessDeniedResult? JudgeOp(UserRights rights, KvOp op) => op switch
    {
        PutOp put => JudgePut(rights, put.Key, put.KeepsLease ? default : put.Lease, put.WantsPrevious ? PutFlags.WantsPrevious : 0),
        DeleteRangeOp delete => Keys(rights, KeyRights.Write | (delete.WantsPrevious ? KeyRights.Read : 0), delete.Keys),
        RangeOp range => Keys(rights, KeyRights.Read, range.Request.Keys),
        IncrementOp increment => Keys(rights, KeyRights.Read | KeyRights.Write, KeyRange.Single(increment.Key)),
        AcquireOp acquire => JudgeAcquire(rights, acquire),
        TxnOp txn => JudgeTxn(rights, txn),
        _ => Check.Unreachable<AccessDeniedResult>(op),
    };

    private AccessDeniedResult? JudgeTxn(UserRights rights, TxnOp txn)
    {
        AccessDeniedResult? denied = null;
        for (int i = 0; i < txn.Compares.Count && denied is null; i++)
        {
            denied = JudgeCompare(rights, txn.Compares[i]);
        }

        for (int i = 0; i < txn.Then.Count && denied is null; i++)
        {
            denied = JudgeOp(rights, txn.Then[i]);
        }

        for (int i = 0; i < txn.Else.Count && denied is null; i++)
        {
            denied = JudgeOp(rights, txn.Else[i]);
        }

        return denied;
    }

    private AccessDeniedResult? JudgePut(UserRights rights, ReadOnlyMemory<byte> key, LeaseId lease, PutFlags flags)
    {
        bool tellsBefore = (flags & PutFlags.WantsPrevious) != 0;
        bool isAttached = !lease.IsNone && (flags & PutFlags.KeepsLease) == 0;
        return Keys(rights, KeyRights.Write | (tellsBefore ? KeyRights.Read : 0), KeyRange.Single(key))
            ?? (isAttached ? JudgeLease(rights, lease) : null);
    }

    private AccessDeniedResult? JudgeAcquire(UserRights rights, AcquireOp acquire) =>
        Keys(rights, KeyRights.Write | KeyRights.Read, UserRights.QueueOf(acquire.Kind, acquire.Name.Span))
        ?? (acquire.TtlMs == 0 ? JudgeLease(rights, acquire.Lease) : null);

    private static AccessDeniedResult? JudgeCompare(UserRights rights, Compare? compare) =>
        compare is null ? null : Keys(rights, KeyRights.Read, compare.Keys);

    // Danger: 1. A key of another user hangs on a lease. 2. Somebody hangs a key of his own on it, or revokes it, and so
    // decides when the other key goes. So a lease is only for those who may write all that hangs on it, as in etcd.
    private AccessDeniedResult? JudgeLease(UserRights rights, LeaseId lease)
    {
        if (rights.IsRoot)
        {
            return null;
        }

        byte[] prefix = SystemKeys.Of(SystemKeys.Attachment, lease.Value);
        KeyTreeCursor cursor = new(system.Root);

        // From gap to gap between what may be written: as many descents as there are ranges, not keys.
        ReadOnlyMemory<byte>? gap = rights.Writable.FirstOutside(default);
        while (gap is { } from && cursor.MoveToAtOrAfter([.. prefix, .. from.Span]))
        {
            KeyValue record = (KeyValue)cursor.Slot;
            if (!record.KeySpan.StartsWith(prefix))
            {
                return null;
            }

            ReadOnlyMemory<byte> key = record.Key[prefix.Length..];
            if (!rights.Writable.Contains(key.Span))
            {
                return new AccessDeniedResult(KeyRights.Write, KeyRange.Single(key), OperationRights.None);
            }

            gap = rights.Writable.FirstOutside(key);
        }

        return null;
    }

    private static AccessDeniedResult? Keys(UserRights rights, KeyRights needed, KeyRange keys) =>
        rights.Allows(needed, keys) ? null : new AccessDeniedResult(needed, keys, OperationRights.None);

    private static AccessDeniedResult? Operation(UserRights rights, OperationRights needed) =>
        rights.Allows(needed) ? null : new AccessDeniedResult(KeyRights.None, Keys: null, needed);

    private static AccessDeniedResult NeedsRoot() => new(KeyRights.None, Keys: null, OperationRights.None);
}
