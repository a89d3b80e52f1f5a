using RaftKv.Core.Store.Reading;

namespace RaftKv.Service.Refusals;

/// <summary>
/// One failed request: which kind, and a sentence for the person who sent it. The sentence never repeats what was sent.
/// </summary>
public sealed record ApiError(ErrorCode Code, string Detail)
{
    /// <summary>
    /// For a failed precondition the key's present mod revision, 0 when it is missing; null when there is nothing to
    /// tell.
    /// </summary>
    public long? ActualRevision { get; init; }

    /// <summary>For a compacted revision the oldest that can still be read.</summary>
    public long? CompactedRevision { get; init; }

    /// <summary>Names the proposal for a later look-up; null when nothing was proposed.</summary>
    public string? Operation { get; init; }

    /// <summary>For a read whose level was not met: what was asked, and what was there.</summary>
    public UnmetRead? Unmet { get; init; }

    /// <summary>For a refusal that time heals, seconds after which it can; null for the usual second.</summary>
    public long? RetryAfterSeconds { get; init; }

    /// <summary>For a refusal for room, which quota it is, what it allows and what is used; null else.</summary>
    public QuotaExceededResult? Quota { get; init; }

    /// <summary>For an answer that was too large to keep, what is still known of it; null when that is not it.</summary>
    public KeptDigest? Kept { get; init; }

    /// <summary>A token was shown that is none, or none any more.</summary>
    public bool IsBadToken { get; init; }

    /// <summary>A name and a password were shown that don't belong together.</summary>
    public bool IsBadPassword { get; init; }

    /// <summary>For a wrong method the ones that the path takes, as in the Allow header.</summary>
    public string? AllowedMethods { get; init; }
}

/// <summary>What is known of an answer that was too large to keep.</summary>
/// <param name="Revision">The store's revision after the write.</param>
/// <param name="Digest">Of the answer's bytes.</param>
public sealed record KeptDigest(long Revision, ulong Digest);
