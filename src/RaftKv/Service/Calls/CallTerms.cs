using RaftKv.Core;
using RaftKv.Core.Reads;
using RaftKv.Core.Store.Commands;
using RaftKv.Service.Vocabulary;

namespace RaftKv.Service.Calls;

/// <summary>
/// What a call asks of the service, whichever door it came through; doors parse it, the service keeps it. Most calls ask
/// nothing of their own and share one object.
/// </summary>
public sealed record CallTerms
{
    // By level.
    private static readonly CallTerms[] _plain = [.. Enum.GetValues<ReadLevel>().Order().Select(
        static level => new CallTerms { Read = new ReadTerms(level) })];

    /// <summary>How to read.</summary>
    public ReadTerms Read { get; init; }

    /// <summary>The level to read at.</summary>
    public ReadLevel Level => Read.Level;

    /// <summary>True when the call named a level, rather than leaving it to the default.</summary>
    public bool NamesLevel { get; init; }

    /// <summary>True when at least one session token came along.</summary>
    public bool HasSession { get; init; }

    /// <summary>What to do when the level can't be met at once.</summary>
    public UnmetPolicy OnUnmet { get; init; }

    /// <summary>Another node has passed the call on to this one.</summary>
    public bool IsForwarded { get; init; }

    /// <summary>How long to wait, 1 ms to 60 s; null when the door says it itself.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>When to answer a write.</summary>
    public WriteConcern Concern { get; init; }

    /// <summary>The client wants no more than that a write was done (RFC 7240).</summary>
    public bool ReturnsMinimal { get; init; }

    /// <summary>Tokens that must hold when a write is applied; null for none.</summary>
    public IReadOnlyList<Fence>? Fences { get; init; }

    /// <summary>Under which a write runs once; null for none.</summary>
    public byte[]? IdempotencyKey { get; init; }

    /// <summary>The client session, and the call's number in it; null for none.</summary>
    public ClientSessionTerms? ClientSession { get; init; }

    /// <summary>True for a write that runs once, by its key or by its number: it may be a repeat.</summary>
    public bool IsOnce => IdempotencyKey is not null || ClientSession is not null;

    /// <summary>The client wants a signed receipt.</summary>
    public bool WantsReceipt { get; init; }

    /// <summary>The terms of a call that names nothing but how to read; the same object each time.</summary>
    public static CallTerms Plain(ReadLevel level) => _plain[(int)level];
}

/// <summary>What a call says about its client session.</summary>
/// <param name="Sequence">The call's own number, from 1; 0 when the session only says whose an idempotency key is.</param>
/// <param name="AcknowledgedUpTo">The client will never repeat a number up to this one; 0 for none.</param>
public readonly record struct ClientSessionTerms(ClientSessionId Id, long Sequence, long AcknowledgedUpTo);
