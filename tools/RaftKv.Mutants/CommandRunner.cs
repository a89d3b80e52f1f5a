using System.Diagnostics;
using System.Text;

namespace RaftKv.Mutants;

/// <summary>What a command left behind. The exit code is null when it did not end in its time and was stopped.</summary>
internal sealed record CommandOutcome(int? ExitCode, string Output)
{
    public bool IsOk => ExitCode == 0;

    /// <summary>The last lines, for a report of what went wrong.</summary>
    public string Tail(int lines) => string.Join('\n', Output.TrimEnd().Split('\n').TakeLast(lines));
}

/// <summary>Runs commands in a directory and gathers what they print.</summary>
internal static class CommandRunner
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(20);

    public static CommandOutcome Run(string directory, params IEnumerable<string> command)
    {
        string[] words = [.. command];
        var start = new ProcessStartInfo(words[0], words[1..])
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // No build server outlives the hunt but the compiler, which halves the time of a build and goes when it has been idle for minutes.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        start.Environment["DOTNET_NOLOGO"] = "1";
        var output = new StringBuilder();
        using Process process = new() { StartInfo = start };
        process.OutputDataReceived += (_, line) => Add(output, line.Data);
        process.ErrorDataReceived += (_, line) => Add(output, line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        bool hasEnded = process.WaitForExit(Patience);
        if (!hasEnded)
        {
            process.Kill(entireProcessTree: true);
        }

        // Without a limit: waits for the rest of the output as well.
        process.WaitForExit();
        lock (output)
        {
            return new CommandOutcome(hasEnded ? process.ExitCode : null, output.ToString());
        }
    }

    /// <summary>As <see cref="Run"/>; throws when the command fails.</summary>
    public static string Demand(string directory, params IEnumerable<string> command)
    {
        string[] words = [.. command];
        CommandOutcome outcome = Run(directory, words);
        return outcome.IsOk
            ? outcome.Output
            : throw new InvalidOperationException($"'{string.Join(' ', words)}' in {directory} failed:\n{outcome.Tail(20)}");
    }

    private static void Add(StringBuilder output, string? line)
    {
        if (line is not null)
        {
            lock (output)
            {
                output.Append(line).Append('\n');
            }
        }
    }
}
