using RaftKv.Core.Store.Reading;

namespace RaftKv.Core.Store.Commands;

/// <summary>What a log entry asks of the store; a closed set.</summary>
public abstract record KvCommand
{
    /// <summary>
    /// The command runs only while every one of these tokens holds its lock; else it is
    /// <see cref="CommandStatus.FenceLost"/>. At most <see cref="KvLimits.MaxFences"/>.
    /// </summary>
    public IReadOnlyList<Fence> Fences { get; init; } = [];

    /// <summary>
    /// Runs at most once under this key: a repeat gets the first answer, with <see cref="CommandResult.IsReplayed"/>.
    /// </summary>
    public CommandKey? Idempotency { get; init; }

    /// <summary>
    /// The client session that sends the command. With a sequence number the command runs at most once under it; without
    /// one it only says whose share an <see cref="Idempotency"/> key takes. Null for none.
    /// </summary>
    public SessionStamp? Session { get; init; }

    /// <summary>
    /// Who asked: the user's id, at most <see cref="KvLimits.MaxPrincipalBytes"/>; empty for nobody in particular. First
    /// answers are shown to their own author only.
    /// </summary>
    public ReadOnlyMemory<byte> Principal { get; init; }
}

/// <summary>
/// Runs one operation, a <see cref="TxnOp"/> included. When <paramref name="Guard"/> is set and false, nothing happens
/// and the answer is <see cref="CommandStatus.GuardFailed"/> with the key's present pair: this is If-Match and
/// If-None-Match.
/// </summary>
public sealed record MutateCommand(KvOp Op, Compare? Guard = null) : KvCommand;

/// <summary>Forgets versions that no read at or after this revision can see.</summary>
public sealed record CompactCommand(Revision Revision) : KvCommand;

/// <summary>
/// Sets the secret that the cluster's nodes share. The first one applied stays for ever; a later one is answered
/// <see cref="CommandStatus.AlreadySet"/>.
/// </summary>
/// <param name="Key"><see cref="KvLimits.ClusterKeyBytes"/> random bytes, drawn by the host.</param>
public sealed record SetClusterKeyCommand(ReadOnlyMemory<byte> Key) : KvCommand;

/// <summary>
/// Raises the cluster version; <see cref="CommandStatus.AlreadySet"/> when it is that high already. Only leaders propose
/// it, when every member has said that it supports it. A build that does not stops before it.
/// </summary>
public sealed record SetClusterVersionCommand(ClusterVersion Version) : KvCommand;

/// <summary>
/// Removes a bounded part of what compactions made obsolete. Leaders propose it while such work is left, one after the
/// other: it ends when nobody writes too.
/// </summary>
public sealed record CompactSliceCommand : KvCommand;

/// <summary>
/// Makes a lease; <see cref="CommandStatus.LeaseExists"/> when the id is taken. No key changes, so no revision is made.
/// </summary>
/// <param name="Id">Above 0; drawn at random by the door when the client names none.</param>
/// <param name="TtlMs">From <see cref="KvLimits.MinTtlMs"/> to <see cref="KvLimits.MaxTtlMs"/>.</param>
public sealed record GrantLeaseCommand(LeaseId Id, long TtlMs) : KvCommand;

/// <summary>Ends a lease on a client's word: all keys that hang on it go in one revision.</summary>
public sealed record RevokeLeaseCommand(LeaseId Id) : KvCommand;

/// <summary>
/// Ends a lease whose time is over. Only a leader proposes it, and it counts only in an entry of the term in which that
/// leader judged: see E5.
/// </summary>
/// <param name="Term">The term of the leader that judged.</param>
public sealed record ExpireLeaseCommand(LeaseId Id, Term Term) : KvCommand;

/// <summary>Moves the cluster time on, by what the leader's clock has counted; by it first answers under plain keys grow old.</summary>
/// <param name="DeltaMs">From 1 to <see cref="KvLimits.MaxAdvanceMs"/>.</param>
public sealed record AdvanceTimeCommand(long DeltaMs) : KvCommand;

/// <summary>
/// From now on a write to a key that begins with the prefix needs a fence: of that lock, or of any when none is named.
/// Replaces the prefix's guard.
/// </summary>
/// <param name="Prefix">1 to <see cref="KvLimits.MaxGuardPrefixBytes"/> bytes.</param>
public sealed record SetGuardCommand(ReadOnlyMemory<byte> Prefix, LockName? Lock = null) : KvCommand;

/// <summary>Removes a prefix's guard; <see cref="CommandStatus.GuardNotFound"/> when there is none.</summary>
public sealed record RemoveGuardCommand(ReadOnlyMemory<byte> Prefix) : KvCommand;

/// <summary>
/// Opens a client session; <see cref="CommandStatus.SessionExists"/> when the id is taken. When there are as many as
/// may be, the one that was idle longest, counted in entries, is dropped for it.
/// </summary>
/// <param name="Id">Above 0; drawn at random by the door, so that one that was dropped never comes back.</param>
public sealed record OpenSessionCommand(ClientSessionId Id) : KvCommand;

/// <summary>Ends a client session with all its answers; <see cref="CommandStatus.SessionUnknown"/> when there is none.</summary>
public sealed record CloseSessionCommand(ClientSessionId Id) : KvCommand;

/// <summary>Sets the bounds of what is kept for repeats, for every node alike from this entry on.</summary>
public sealed record SetOnceLimitsCommand(OnceLimits Limits) : KvCommand;

/// <summary>
/// From now on the keys of a prefix may take no more than this; what is there already stays. Replaces the prefix's quota.
/// </summary>
/// <param name="Prefix">1 to <see cref="KvLimits.MaxQuotaPrefixBytes"/> bytes.</param>
/// <param name="Terms">Each from 0 to <see cref="KvLimits.NoQuota"/>; at least one of them a limit.</param>
public sealed record SetQuotaCommand(ReadOnlyMemory<byte> Prefix, QuotaTerms Terms) : KvCommand;

/// <summary>Removes a prefix's quota; <see cref="CommandStatus.QuotaNotFound"/> when there is none.</summary>
public sealed record RemoveQuotaCommand(ReadOnlyMemory<byte> Prefix) : KvCommand;

/// <summary>Sets what the whole store may cost.</summary>
/// <param name="Bytes">From 1; <see cref="KvLimits.NoQuota"/> leaves it to the members' budgets.</param>
/// <param name="IsSeed">Only when none was ever set, else <see cref="CommandStatus.AlreadySet"/>: the word of a setting.</param>
public sealed record SetStoreQuotaCommand(long Bytes, bool IsSeed = false) : KvCommand;

/// <summary>Notes how much of the store a member can hold. Only a leader proposes it, from what the member told.</summary>
/// <param name="StoreBytes">0 forgets the member.</param>
public sealed record ReportBudgetCommand(NodeId Node, long StoreBytes) : KvCommand;

/// <summary>Raises an alarm; <see cref="CommandStatus.AlreadySet"/> when it is raised.</summary>
/// <param name="Node">The member that it is about, or none.</param>
public sealed record RaiseAlarmCommand(AlarmKind Kind, NodeId Node, AlarmCause Cause) : KvCommand;

/// <summary>Takes an alarm back; <see cref="CommandStatus.AlarmNotFound"/> when it is not raised.</summary>
/// <param name="OnlyCause">Only if it was raised for this cause; null for any.</param>
public sealed record ClearAlarmCommand(AlarmKind Kind, NodeId Node, AlarmCause? OnlyCause = null) : KvCommand;

/// <summary>Changes users, roles, rights or tokens.</summary>
public sealed record ChangeAccessCommand(AccessChange Change) : KvCommand;

/// <summary>A token that must hold its lock when the command is applied.</summary>
/// <param name="Token">Create revision of the holder's key; above 0.</param>
public sealed record Fence(LockKind Kind, ReadOnlyMemory<byte> Name, Revision Token);

/// <summary>Names a lock, semaphore or election.</summary>
/// <param name="Name">1 to <see cref="KvLimits.MaxLockNameBytes"/> bytes without a zero.</param>
public sealed record LockName(LockKind Kind, ReadOnlyMemory<byte> Name);

/// <summary>Makes a command run once, however often it is sent.</summary>
/// <param name="Key">The client's key: 1 to 255 bytes, shared by the whole cluster.</param>
/// <param name="PayloadHash">16 bytes by which the door knows a repeat from another request under the same key.</param>
public sealed record CommandKey(ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> PayloadHash);

/// <summary>The place of a command in its client's session (Raft thesis 6.3).</summary>
/// <param name="Sequence">
/// From 1, one number for one request and its repeats, in any order; 0 when the command has none.
/// </param>
/// <param name="AcknowledgedUpTo">
/// The client has done with every number up to this one, below <paramref name="Sequence"/>: their answers may go. 0 for
/// none.
/// </param>
/// <param name="PayloadHash">16 bytes, as in <see cref="CommandKey"/>; empty without a sequence number.</param>
public sealed record SessionStamp(ClientSessionId Id, long Sequence, long AcknowledgedUpTo, ReadOnlyMemory<byte> PayloadHash);
