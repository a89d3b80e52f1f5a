using System.Diagnostics;

namespace RaftKv.JepsenStyle.Cluster;

/// <summary>The server's own commands that work beside or without a node, such as those for backups.</summary>
internal static class ServerTool
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Runs one to its end and gives what it printed; throws <see cref="InvalidOperationException"/> with that when it fails.
    /// </summary>
    public static async Task<string> RunAsync(ServerCommand? server, params string[] arguments)
    {
        var info = new ProcessStartInfo(BuiltServer.Host, [.. (server ?? BuiltServer.Command).Words, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        using var process = Process.Start(info)!;
        process.StandardInput.Close();
        using var cancel = new CancellationTokenSource(Patience);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(cancel.Token);
            Task<string> errors = process.StandardError.ReadToEndAsync(cancel.Token);
            await Task.WhenAll(output, errors, process.WaitForExitAsync(cancel.Token));
            string said = $"{await errors}{await output}";
            return process.ExitCode == 0
                ? said
                : throw new InvalidOperationException($"{string.Join(' ', arguments)}: exit code {process.ExitCode}: {said}");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }
}
