namespace RaftKv.Hosting;

/// <summary>
/// The server can't start as it was asked to. The message is a sentence for the person who started it; no stack is
/// shown.
/// </summary>
internal sealed class StartRefusedException(string message, int exitCode = ExitCode.Configuration) : Exception(message)
{
    /// <summary>How the process ends.</summary>
    public int ExitCode { get; } = exitCode;
}
