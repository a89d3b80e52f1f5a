using System.Diagnostics;

namespace RaftKv.Cli.Tests;

/// <summary><c>raftkv COMMAND --help</c>: each command has a text of its own, and <c>raftkv ctl</c> is raftkvctl.</summary>
public sealed class ServerHelpTests
{
    [Fact]
    public async Task Each_command_of_the_server_has_help_of_its_own()
    {
        string[] commands =
        [
            "serve", "dev", "health", "member", "wal", "snapshot", "check", "ctl", "demo", "lab", "simulate",
            "cert", "backup", "restore", "import", "export", "recover",
        ];
        (int Exit, string Text)[] helps = await Task.WhenAll(commands.Select(command => RunAsync(command, "--help")));
        Assert.All(helps, static help => Assert.Equal(0, help.Exit));
        Assert.Equal(commands.Length, helps.Select(static help => help.Text).Distinct().Count());
        Assert.All(commands.Zip(helps), static pair => Assert.Contains("raftkv " + pair.First, pair.Second.Text, StringComparison.Ordinal));
        Assert.Contains("--client", helps[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_misspelt_command_is_told_what_was_meant()
    {
        (int exit, string text) = await RunAsync("serv");
        Assert.Equal(2, exit);
        Assert.Contains("Did you mean serve?", text, StringComparison.Ordinal);
    }

    private static async Task<(int Exit, string Text)> RunAsync(params string[] words)
    {
        string server = Path.Combine(AppContext.BaseDirectory, "raftkv.dll");
        using Process process = Process.Start(new ProcessStartInfo("dotnet", [server, .. words])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string text = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, text + await error);
    }
}
