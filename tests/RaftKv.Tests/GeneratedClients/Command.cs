using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace RaftKv.Tests.GeneratedClients;

/// <summary>Runs programs of the machine to their end.</summary>
internal static class Command
{
    // For a machine that does much else; what hangs is ended.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>The repository.</summary>
    public static string Root { get; } = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", "..", ".."));

    public static bool IsThere(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, program)));

    /// <summary>Its exit code, and all that it printed.</summary>
    public static Task<(int Code, string Output)> RunAsync(string folder, string program, params string[] arguments) =>
        RunAsync(folder, program, Patience, arguments);

    /// <summary>The same, and it may take so long.</summary>
    public static async Task<(int Code, string Output)> RunAsync(
        string folder, string program, TimeSpan patience, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        using var timeout = new CancellationTokenSource(patience);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(timeout.Token);
            Task<string> errors = process.StandardError.ReadToEndAsync(timeout.Token);
            await Task.WhenAll(output, errors, process.WaitForExitAsync(timeout.Token));
            return (process.ExitCode, await output + await errors);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
