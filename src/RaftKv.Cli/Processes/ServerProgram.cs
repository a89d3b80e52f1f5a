using System.Diagnostics;
using RaftKv.Cli.Connection;

namespace RaftKv.Cli.Processes;

/// <summary>
/// The server's program, for what is done to files and not to a cluster: raftkvctl knows the public API only, and leaves the
/// formats on disk to it.
/// </summary>
internal static class ServerProgram
{
    private const string Variable = "RAFTKV_SERVER";

    /// <summary>Runs it; its exit code and all that it printed.</summary>
    /// <exception cref="CtlException">There is none.</exception>
    public static async Task<(int Exit, string Output, string Error)> RunAsync(string[] words, CancellationToken stop)
    {
        string program = Find();
        string[] command = program.EndsWith(".dll", StringComparison.Ordinal) ? ["dotnet", program] : [program];
        var start = new ProcessStartInfo(command[0], [.. command[1..], .. words])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start) ?? throw new InvalidOperationException("raftkv did not start.");
        process.StandardInput.Close();
        Task<string> error = process.StandardError.ReadToEndAsync(stop);
        try
        {
            string output = await process.StandardOutput.ReadToEndAsync(stop).ConfigureAwait(false);
            await process.WaitForExitAsync(stop).ConfigureAwait(false);
            return (process.ExitCode, output, await error.ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static string Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
        {
            return File.Exists(named) ? named : throw CtlException.Usage($"{Variable} says {named}, and nothing is there.");
        }

        // raftkv ctl is the server's program itself.
        string name = OperatingSystem.IsWindows() ? "raftkv.exe" : "raftkv";
        IEnumerable<string> places = (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, name))
            .Prepend(Path.Combine(AppContext.BaseDirectory, name))
            .Prepend(Path.Combine(AppContext.BaseDirectory, "raftkv.dll"));
        string? own = Path.GetFileName(Environment.ProcessPath) == name ? Environment.ProcessPath : null;
        return own ?? places.FirstOrDefault(File.Exists) ?? throw CtlException.Usage(
            $"This needs the program raftkv, which is neither beside this one nor in the search path; {Variable} can name it.");
    }
}
