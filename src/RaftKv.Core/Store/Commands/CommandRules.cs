using RaftKv.Core.Store.Gates;

namespace RaftKv.Core.Store.Commands;

/// <summary>What writer and reader of commands agree on.</summary>
internal static class CommandRules
{
    /// <summary>The kind of a command.</summary>
    public static CommandKind KindOf(KvCommand command) => command switch
    {
        MutateCommand => CommandKind.Mutate,
        CompactCommand => CommandKind.Compact,
        SetClusterKeyCommand => CommandKind.SetClusterKey,
        GrantLeaseCommand => CommandKind.GrantLease,
        RevokeLeaseCommand => CommandKind.RevokeLease,
        ExpireLeaseCommand => CommandKind.ExpireLease,
        AdvanceTimeCommand => CommandKind.AdvanceTime,
        SetClusterVersionCommand => CommandKind.SetClusterVersion,
        CompactSliceCommand => CommandKind.CompactSlice,
        SetGuardCommand => CommandKind.SetGuard,
        RemoveGuardCommand => CommandKind.RemoveGuard,
        SetQuotaCommand => CommandKind.SetQuota,
        RemoveQuotaCommand => CommandKind.RemoveQuota,
        SetStoreQuotaCommand => CommandKind.SetStoreQuota,
        ReportBudgetCommand => CommandKind.ReportBudget,
        RaiseAlarmCommand => CommandKind.RaiseAlarm,
        ClearAlarmCommand => CommandKind.ClearAlarm,
        OpenSessionCommand => CommandKind.OpenSession,
        CloseSessionCommand => CommandKind.CloseSession,
        SetOnceLimitsCommand => CommandKind.SetOnceLimits,
        ChangeAccessCommand => CommandKind.ChangeAccess,
        _ => Check.Unreachable<CommandKind>(command),
    };

    /// <summary>What a wrapper has to say about a command; nothing for one that needs none.</summary>
    public static WrapperParts PartsOf(KvCommand command) =>
        (command.Fences.Count > 0 ? WrapperParts.Fences : 0)
        | (command.Idempotency is not null ? WrapperParts.Key : 0)
        | (command.Session is not null ? WrapperParts.Session : 0)
        | (command.Principal.IsEmpty ? 0 : WrapperParts.Principal);

    /// <summary>The gate that a kind came with; null for one that every version has.</summary>
    public static FeatureGate? GateOf(CommandKind kind) => kind switch
    {
        CommandKind.CompactSlice => FeatureGate.CompactionByWork,
        CommandKind.OpenSession or CommandKind.CloseSession or CommandKind.SetOnceLimits => FeatureGate.ClientSessions,
        CommandKind.SetQuota or CommandKind.RemoveQuota or CommandKind.SetStoreQuota or CommandKind.ReportBudget
            or CommandKind.RaiseAlarm or CommandKind.ClearAlarm => FeatureGate.StoreQuota,
        CommandKind.ChangeAccess => FeatureGate.AccessControl,
        _ => null,
    };

    /// <summary>True for what clients ask; what nodes propose themselves carries neither fence nor key nor client.</summary>
    public static bool MayBeWrapped(CommandKind kind) => kind is CommandKind.Mutate or CommandKind.Compact
        or CommandKind.GrantLease or CommandKind.RevokeLease or CommandKind.SetGuard or CommandKind.RemoveGuard
        or CommandKind.OpenSession or CommandKind.CloseSession or CommandKind.SetQuota or CommandKind.RemoveQuota
        or CommandKind.SetStoreQuota or CommandKind.RaiseAlarm or CommandKind.ClearAlarm or CommandKind.ChangeAccess;

    /// <summary>True when nodes alone propose such a command, so that nobody's right is asked for.</summary>
    public static bool IsOfTheCluster(KvCommand command) => !MayBeWrapped(KindOf(command));

    /// <summary>False when the bytes, seen from afar, can't be a command that ends a lease.</summary>
    public static bool MayEndLease(ReadOnlySpan<byte> command) => command.Length > 1
        && (CommandKind)command[1] is CommandKind.RevokeLease or CommandKind.ExpireLease or CommandKind.Wrapped;

    /// <summary>
    /// Why a stamp is none; null when it is fine. A command runs once by its key or by its sequence number, not by both.
    /// </summary>
    public static string? WhatIsWrongWith(SessionStamp stamp, bool hasKey) =>
        stamp.Id.Value <= 0 ? "A client session's id is above 0."
        : stamp.Sequence < 0 || stamp.AcknowledgedUpTo < 0 || stamp.AcknowledgedUpTo >= Math.Max(stamp.Sequence, 1)
            ? "A sequence number is 1 or more, and what is acknowledged below it."
        : stamp.Sequence == 0 != hasKey ? "A command has a key or a sequence number in its client's session, not both and not neither."
        : stamp.PayloadHash.Length != (hasKey ? 0 : KvLimits.PayloadHashBytes) ? "A sequence number comes with a hash of 16 bytes."
        : null;

    /// <summary>Why an acquire is none; null when it is fine.</summary>
    public static string? WhatIsWrongWith(AcquireOp acquire)
    {
        bool isMode = acquire.Kind switch
        {
            LockKind.Lock => acquire.Mode is LockMode.Exclusive or LockMode.Shared,
            LockKind.Semaphore => acquire.Mode == LockMode.Counted,
            LockKind.Election => acquire.Mode == LockMode.Exclusive,
            _ => false,
        };
        bool isLimit = acquire.Kind == LockKind.Semaphore ? acquire.Limit >= 1 : acquire.Limit == 0;
        return !isMode ? $"Mode {acquire.Mode} does not fit a {acquire.Kind}."
            : !isLimit ? $"Limit {acquire.Limit} does not fit a {acquire.Kind}."
            : !LockKeys.IsName(acquire.Name.Span) ? $"A name has 1 to {KvLimits.MaxLockNameBytes} bytes, none of them zero."
            : acquire.Lease.Value <= 0 ? $"Lease id {acquire.Lease.Value} is not above 0."
            : acquire.TtlMs is not 0 and (< KvLimits.MinTtlMs or > KvLimits.MaxTtlMs) ? $"A TTL of {acquire.TtlMs} ms is out of range."
            : acquire.Value.Length > KvLimits.MaxOwnerBytes ? $"The value has {acquire.Value.Length} bytes, over {KvLimits.MaxOwnerBytes}."
            : acquire.MaxQueue is < 1 or > KvLimits.MaxLockQueue ? $"A queue of {acquire.MaxQueue} is out of range."
            : null;
    }
}
