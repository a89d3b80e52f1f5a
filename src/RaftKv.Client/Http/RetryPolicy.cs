using System.Net;
using RaftKv.Client.Errors;
using RaftKv.Contract;

namespace RaftKv.Client.Http;

/// <summary>The one place that decides what a failure means and whether the call may be repeated.</summary>
internal static class RetryPolicy
{
    /// <summary>The code of an answer that says: the first attempt under this key is still running.</summary>
    internal const string InFlight = ErrorCodes.IdempotencyInFlight;

    /// <summary>The code of an answer that says: the cluster does not know the client session (any more).</summary>
    internal const string SessionUnknown = ErrorCodes.ClientSessionUnknown;

    private const string Expired = ErrorCodes.IdempotencyExpired;
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    /// <summary>Outcome of an attempt that got no complete answer.</summary>
    internal static Outcome OutcomeWithoutAnswer(RequestKind kind, bool isBodyStarted) => kind switch
    {
        RequestKind.Read => Outcome.NotApplied,
        RequestKind.Write or RequestKind.RepeatableWrite when !isBodyStarted => Outcome.NotApplied,
        _ => Outcome.Unknown,
    };

    /// <summary>Outcome of an attempt that was answered with an error status.</summary>
    /// <param name="applied">What the problem document said; null when it said nothing, or when there was none.</param>
    internal static Outcome OutcomeOf(RequestKind kind, int status, string? applied) => (kind, applied) switch
    {
        (RequestKind.Read, _) => Outcome.NotApplied,
        (_, AppliedWords.No) => Outcome.NotApplied,
        (_, AppliedWords.Yes) => Outcome.Applied,
        (_, AppliedWords.Unknown) => Outcome.Unknown,

        // Without a word from the node the answer may be a proxy's. A 4xx means that the request was turned away; a
        // time-out (408, and 499 of nginx) and every 5xx leave open whether a node had it.
        _ => status is >= 400 and < 500 and not (int)HttpStatusCode.RequestTimeout and not 499 ? Outcome.NotApplied : Outcome.Unknown,
    };

    /// <summary>Whether another attempt is safe and has a chance.</summary>
    /// <param name="mayBeApplied">An earlier attempt of the call ended with an unknown outcome.</param>
    internal static bool MayRepeat(RequestKind kind, Failure failure, bool mayBeApplied = false)
    {
        if (failure.Status is not { } status)
        {
            return failure.Outcome == Outcome.NotApplied || kind == RequestKind.RepeatableWrite;
        }

        return kind switch
        {
            // A server's "not retryable" is about effects; a read has none, and another node may do better.
            RequestKind.Read => status is 408 or 429 or >= 500 || failure.IsRetryable == true,
            RequestKind.Write => failure.Outcome == Outcome.NotApplied && (failure.IsRetryable ?? status is 429 or 503),
            RequestKind.RepeatableWrite => failure switch
            {
                { Code: InFlight } => true,

                // Nothing ran, and it may be sent anew in another session, unless an earlier attempt may have run.
                { Code: SessionUnknown } => !mayBeApplied,
                { Code: Expired } => false,
                { Outcome: Outcome.NotApplied } => failure.IsRetryable ?? status is 429 or 503,
                { Outcome: Outcome.Unknown } => true,
                _ => false,
            },
            _ => false,
        };
    }

    /// <summary>The outcome of the whole call after this failure of its last attempt.</summary>
    /// <remarks>
    /// The schedule that this prevents: 1. the first attempt is sent and its connection lost; 2. the second is refused
    /// with "surely not applied"; 3. the call reports "not applied"; 4. the first attempt commits. Only a verdict of the
    /// store itself about the write (its key is then taken) speaks for all attempts.
    /// Test: A_refusal_after_an_attempt_of_unknown_outcome_is_unknown.
    /// </remarks>
    /// <param name="mayBeApplied">An earlier attempt of the call ended with an unknown outcome.</param>
    internal static Failure AfterEarlierAttempts(Failure failure, bool mayBeApplied)
    {
        bool isVerdict = failure.Status is 400 or 404 or 409 or 410 or 412 or 413 or 422
            && failure.Code is not (InFlight or SessionUnknown);
        bool isOpen = failure.Code == InFlight || (mayBeApplied && !isVerdict);
        return failure.Outcome == Outcome.NotApplied && isOpen
            ? failure with { Outcome = Outcome.Unknown, Message = failure.Message + " An earlier attempt may have been, or may yet be, applied." }
            : failure;
    }

    /// <summary>True when the failure is about this one node, so that another may be asked without any wait.</summary>
    internal static bool IsAboutOneNode(Failure failure) => failure.Status is null || failure.Code is ErrorCodes.ShuttingDown or ErrorCodes.NotReady or ErrorCodes.ConsistencyUnmet;

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
