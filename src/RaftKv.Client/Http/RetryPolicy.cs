using System.Net;

namespace RaftKv.Client.Http;

/// <summary>The one place that decides what a failure means and whether the call may be repeated.</summary>
internal static class RetryPolicy
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    /// <summary>Outcome of an attempt that got no complete answer.</summary>
    internal static Outcome OutcomeWithoutAnswer(RequestKind kind, bool isBodyStarted) => kind switch
    {
        RequestKind.Read => Outcome.NotApplied,
        RequestKind.Write when !isBodyStarted => Outcome.NotApplied,
        RequestKind.Write => Outcome.Unknown,
        _ => Outcome.Unknown,
    };

    /// <summary>Outcome of an attempt that was answered with an error status.</summary>
    /// <param name="applied">What the problem document said; null when it said nothing, or when there was none.</param>
    internal static Outcome OutcomeOf(RequestKind kind, int status, string? applied) => (kind, applied) switch
    {
        (RequestKind.Read, _) => Outcome.NotApplied,
        (_, "no") => Outcome.NotApplied,
        (_, "yes") => Outcome.Applied,
        (_, "unknown") => Outcome.Unknown,

        // Without a word from the node the answer may be a proxy's. A 4xx means that the request was turned away; a
        // time-out (408, and 499 of nginx) and every 5xx leave open whether a node had it.
        _ => status is >= 400 and < 500 and not (int)HttpStatusCode.RequestTimeout and not 499 ? Outcome.NotApplied : Outcome.Unknown,
    };

    /// <summary>Whether another attempt is safe and has a chance.</summary>
    /// <remarks>
    /// When writes carry an idempotency key, a third kind of request joins here, for which an unknown outcome may be
    /// repeated.
    /// </remarks>
    internal static bool MayRepeat(RequestKind kind, Failure failure)
    {
        if (failure.Status is not { } status)
        {
            return failure.Outcome == Outcome.NotApplied;
        }

        return kind switch
        {
            // A server's "not retryable" is about effects; a read has none, and another node may do better.
            RequestKind.Read => status is 408 or 429 or >= 500 || failure.IsRetryable == true,
            RequestKind.Write => failure.Outcome == Outcome.NotApplied && (failure.IsRetryable ?? status is 429 or 503),
            _ => false,
        };
    }

    /// <summary>True when the failure is about this one node, so that another may be asked without any wait.</summary>
    internal static bool IsAboutOneNode(Failure failure) => failure.Status is null || failure.Code is "shutting-down" or "not-ready";

    /// <summary>
    /// The wait before the next attempt, without what the server asked for: doubled each time, with full jitter.
    /// </summary>
    /// <param name="failedAttempts">How many attempts have failed, from 1.</param>
    /// <param name="jitter">In [0, 1).</param>
    internal static TimeSpan Backoff(int failedAttempts, double jitter)
    {
        double ceilingMs = Math.Min(LongestWait.TotalMilliseconds, FirstWait.TotalMilliseconds * Math.Pow(2, Math.Min(failedAttempts - 1, 16)));
        return TimeSpan.FromMilliseconds(Math.Max(1, ceilingMs * jitter));
    }
}
