using RaftKv.Core;
using RaftKv.Core.Calls;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Locks;
using RaftKv.Core.Store.Rights;
using RaftKv.Service.Calls;
using RaftKv.Service.Refusals;

namespace RaftKv.Service.Coordination;

/// <summary>Who may do what only a holder may: the one whose token holds now. Stateless.</summary>
internal static class HolderCheck
{
    /// <summary>
    /// The holder's place, as of now; none without a refusal when the token holds nothing and the call runs once, which may
    /// be the repeat of one that was done: then the log knows.
    /// </summary>
    public static async ValueTask<HolderOutcome> FindAsync(ServiceCall call, LockKind kind, byte[] name, Revision token)
    {
        // Not by a read level: this is a part of a write, which no other node answers for this one.
        call.WillRead(UserRights.QueueOf(kind, name));
        long before = call.Context.Time.GetTimestamp();
        ReadBarrierResult barrier = await call.Node.ReadBarrierAsync(call.Patience, CancellationToken.None);
        call.Waited(before);
        if (!barrier.IsGranted)
        {
            return new HolderOutcome(null, ErrorMapper.FromRefusedBarrier(barrier.IsShuttingDown, call.Node.Phase));
        }

        if (call.RefusalFor(barrier.View!) is { } denied)
        {
            return new HolderOutcome(null, denied);
        }

        call.AnsweredProbe(barrier);
        LockEntry? entry = barrier.View!.GetLockQueue(kind, name).Find(token);
        return entry is { IsHolder: true } ? new HolderOutcome(entry, null)
            : new HolderOutcome(null, call.Terms.IsOnce ? null : ErrorMapper.NotHolder());
    }

    /// <summary>The place's key. For none, a key that never exists: the guard refuses, unless the log knows a first answer.</summary>
    public static byte[] KeyOf(LockKind kind, byte[] name, LockEntry? entry) =>
        entry is null ? LockKeys.QueuePrefix(kind, name) : entry.Pair.KeySpan.ToArray();

    /// <summary>Only while the key is the one that the token names.</summary>
    public static Compare Still(KeyRange key, Revision token) =>
        new(key, CompareTarget.CreateRevision, CompareOperator.Equal, token.Value, default);
}

/// <summary>What came of looking for a holder.</summary>
/// <param name="Refusal">Why the call may not go on; null when it may.</param>
internal readonly record struct HolderOutcome(LockEntry? Entry, ApiError? Refusal);
