using RaftKv.Client.Errors;
using RaftKv.Contract;

namespace RaftKv.Client.Testing.InMemory;

/// <summary>The client's failures, for doubles that have to throw them.</summary>
public static class TestFailures
{
    /// <summary>No node could answer; nothing was applied.</summary>
    public static RaftKvUnavailableException Unavailable() =>
        (RaftKvUnavailableException)Make("unreachable", 0, Outcome.NotApplied, "No node could be reached; nothing was applied.");

    /// <summary>A write whose outcome is not known.</summary>
    public static RaftKvOutcomeUnknownException OutcomeUnknown() => (RaftKvOutcomeUnknownException)Make(
        ErrorCodes.OutcomeUnknown, 504, Outcome.Unknown, "The write was sent, and no answer came: it may or may not have been applied.");

    /// <summary>A precondition did not hold; nothing was applied.</summary>
    /// <param name="currentRevision">The key's mod revision; 0 when it is missing.</param>
    public static RaftKvPreconditionException PreconditionFailed(long currentRevision) => (RaftKvPreconditionException)new Failure(
        ErrorCodes.PreconditionFailed, "The key is not as expected; nothing was applied.", Outcome.NotApplied)
    {
        Status = 412,
        CurrentRevision = currentRevision,
    }.ToException();

    /// <summary>A fence's holder holds no more; nothing was applied.</summary>
    public static RaftKvPreconditionException FenceLost() => (RaftKvPreconditionException)Make(
        ErrorCodes.FenceLost, 412, Outcome.NotApplied, "The lock is lost; nothing was applied.");

    /// <summary>The revision that was asked for is compacted.</summary>
    public static RaftKvCompactedException Compacted() => (RaftKvCompactedException)Make(
        ErrorCodes.Compacted, 410, Outcome.NotApplied, "The revision is compacted.");

    /// <summary>The request is refused as it is.</summary>
    /// <param name="code">The server's code, e.g. <c>quota-exceeded</c>.</param>
    public static RaftKvRequestException Refused(string code, int status = 400) => (RaftKvRequestException)Make(
        code, status, Outcome.NotApplied, $"The request is refused: {code}.");

    private static RaftKvException Make(string code, int status, Outcome outcome, string message) =>
        new Failure(code, message, outcome) { Status = status == 0 ? null : status }.ToException();
}
