using System.Diagnostics;
using RaftKv.Cli.Connection;

namespace RaftKv.Cli.Processes;

/// <summary>Programs that raftkvctl runs for its user.</summary>
internal static class ShellCommand
{
    /// <summary>Runs a line by the shell, with bytes on its input; the exit code.</summary>
    public static async Task<int> RunAsync(
        string line, ReadOnlyMemory<byte> input, IReadOnlyDictionary<string, string> variables, CancellationToken stop)
    {
        string[] shell = OperatingSystem.IsWindows() ? ["cmd.exe", "/c", line] : ["/bin/sh", "-c", line];
        var start = new ProcessStartInfo(shell[0], shell[1..]) { RedirectStandardInput = true };
        foreach ((string name, string value) in variables)
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start) ?? throw new InvalidOperationException("The shell did not start.");
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(input, stop).ConfigureAwait(false);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // A command may end without reading its input.
        }

        await WaitAsync(process, stop).ConfigureAwait(false);
        return process.ExitCode;
    }

    /// <summary>
    /// Runs a program on this terminal until it ends or the token says stop; then it is ended with all its children, at
    /// once: what allowed it to go on is gone.
    /// </summary>
    public static async Task<int> RunAsync(string[] words, IReadOnlyDictionary<string, string> variables, CancellationToken stop)
    {
        var start = new ProcessStartInfo(words[0], words[1..]);
        foreach ((string name, string value) in variables)
        {
            start.Environment[name] = value;
        }

        using Process process = Start(start);
        await WaitAsync(process, stop).ConfigureAwait(false);
        return process.ExitCode;
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} did not start.");
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new CtlException(
                127, $"{start.FileName} does not start: {new System.ComponentModel.Win32Exception(e.NativeErrorCode).Message}.");
        }
    }

    private static async Task WaitAsync(Process process, CancellationToken stop)
    {
        try
        {
            await process.WaitForExitAsync(stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }
}
