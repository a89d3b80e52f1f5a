using RaftKv.Cli.Output;
using RaftKv.Cli.Processes;

namespace RaftKv.Cli.Tests.Support;

/// <summary>Runs a line of raftkvctl in this process, and keeps what it wrote.</summary>
internal sealed record Ctl(int Exit, string Out, string Error)
{
    /// <summary>All of it, as a golden file shows it.</summary>
    public string Whole =>
        Out + (Error.Length > 0 ? "! " + Error.TrimEnd('\n').Replace("\n", "\n! ", StringComparison.Ordinal) + "\n" : "") + $"= {Exit}\n";

    public static Task<Ctl> RunAsync(params string[] words) => RunAsync("", CancellationToken.None, words);

    public static async Task<Ctl> RunAsync(string input, CancellationToken stop, params string[] words)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        using Interrupts interrupts = Interrupts.None();
        var root = new CtlRoot(new CliConsole(output, error, new StringReader(input)), interrupts, "raftkvctl");
        int exit = await root.RunAsync(words, stop);
        return new Ctl(exit, output.ToString(), error.ToString());
    }
}
