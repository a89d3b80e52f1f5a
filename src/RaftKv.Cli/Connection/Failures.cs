using RaftKv.Client;

namespace RaftKv.Cli.Connection;

/// <summary>What a failure means for the user: a sentence and an exit code.</summary>
internal static class Failures
{
    /// <summary>Null when the failure is a mistake of this program.</summary>
    public static (int ExitCode, string Sentence)? Explain(Exception failure) => failure switch
    {
        CtlException e => (e.ExitCode, e.Message),
        RaftKvOutcomeUnknownException e => (CtlExit.Unknown, $"{Say(e)} It may or may not have been applied."),
        RaftKvConsistencyUnmetException e => (CtlExit.LevelUnmet, Say(e)),
        RaftKvPreconditionException e => (CtlExit.Conflict, Say(e) + Current(e)),
        RaftKvLockHeldException e => (CtlExit.Conflict, Say(e)),
        RaftKvWriteConcernUnmetException e => (CtlExit.Failed, $"{Say(e)} The write itself is applied."),
        RaftKvException { Status: 401 or 403 } e => (CtlExit.Forbidden, Say(e)),
        RaftKvUnavailableException e => (CtlExit.Unavailable, Say(e)),
        RaftKvException { Status: 404 } e => (CtlExit.NotFound, Say(e)),
        RaftKvException e => (CtlExit.Failed, Say(e)),
        HttpRequestException e => (CtlExit.Unavailable, e.Message),
        IOException e => (CtlExit.Usage, e.Message),
        UnauthorizedAccessException e => (CtlExit.Usage, e.Message),
        ArgumentException e => (CtlExit.Usage, e.Message),
        _ => null,
    };

    private static string Say(RaftKvException e) =>
        e.Message.Contains(e.Code, StringComparison.Ordinal) ? e.Message : $"{e.Message} ({e.Code})";

    private static string Current(RaftKvPreconditionException e) => e.CurrentRevision switch
    {
        null => "",
        0 => " The key is missing.",
        { } revision => $" The key is at revision {revision}.",
    };
}
