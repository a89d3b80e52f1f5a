using RaftKv.Cli.Output;
using RaftKv.Cli.Processes;

namespace RaftKv.Cli;

/// <summary>raftkvctl, also as <c>raftkv ctl</c>.</summary>
public static class CtlProgram
{
    /// <summary>Runs a command with the process's own streams and signals; the exit code, as docs/raftkvctl.md lists them.</summary>
    public static Task<int> Main(string[] args) => RunAsync("raftkvctl", args);

    /// <summary>The same under the name of another program that has it built in.</summary>
    /// <param name="name">What help calls it.</param>
    /// <param name="args">The words after the name.</param>
    public static async Task<int> RunAsync(string name, string[] args)
    {
        using Interrupts interrupts = Interrupts.OfProcess();
        var root = new CtlRoot(CliConsole.OfProcess(), interrupts, name);
        return await interrupts.RunAsync(stop => root.RunAsync(args, stop)).ConfigureAwait(false);
    }
}
