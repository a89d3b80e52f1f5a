namespace RaftKv.Cli.Connection;

/// <summary>A command can't go on: a sentence for the user, and the exit code.</summary>
internal sealed class CtlException(int exitCode, string message) : Exception(message)
{
    /// <summary>One of <see cref="CtlExit"/>.</summary>
    public int ExitCode => exitCode;

    /// <summary>The command line is wrong.</summary>
    public static CtlException Usage(string message) => new(CtlExit.Usage, message);
}
