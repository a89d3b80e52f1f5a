using RaftKv.Client.Kv;
using RaftKv.Contract;
using RaftKv.Contract.Bodies;

namespace RaftKv.Client;

/// <summary>Somebody who holds, or waits for, a lock.</summary>
/// <param name="Owner">The text that it gave.</param>
/// <param name="Remaining">Until its lease ends unless renewed; null when the node did not tell.</param>
public sealed record LockHolder(long FencingToken, string? Owner, string? LeaseId, LockMode Mode, TimeSpan? Remaining);

/// <summary>How a lock is held.</summary>
public enum LockMode
{
    /// <summary>By one at a time.</summary>
    Exclusive = 0,

    /// <summary>By all who share, and by no exclusive holder meanwhile.</summary>
    Shared = 1,
}

/// <summary>Reads the contract's holders.</summary>
internal static class LockHolders
{
    internal static IReadOnlyList<LockHolder> Of(IReadOnlyList<HolderBody>? wires) =>
    [
        .. (wires ?? []).Select(static wire => new LockHolder(
            wire.FencingToken,
            wire.Owner,
            wire.Lease,
            wire.Mode == LockModes.Shared ? LockMode.Shared : LockMode.Exclusive,
            wire.RemainingMs is { } remaining ? Spans.OfMs(remaining) : null)),
    ];
}
