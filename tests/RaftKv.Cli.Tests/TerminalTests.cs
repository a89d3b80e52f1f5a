using RaftKv.Cli.Tests.Support;

namespace RaftKv.Cli.Tests;

/// <summary>What only a terminal shows: the shell with its keys, a live watch that Ctrl+C ends, tables, progress.</summary>
public sealed class TerminalTests : IClassFixture<OneNode>, IDisposable
{
    private const string Up = "\u001b[A";
    private const string CtrlC = "\u0003";
    private const string CtrlD = "\u0004";

    private readonly OneNode _node;
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("raftkv-terminal-");

    public TerminalTests(OneNode node) => _node = node;

    public void Dispose() => _directory.Delete(recursive: true);

    [TerminalFact]
    public async Task The_shell_runs_commands_completes_words_and_remembers_lines()
    {
        await using Terminal shell = Terminal.Start($"shell {Common}");
        int at = await shell.SeeAsync("raftkv> ");
        await shell.TypeAsync("put shell/greeting 'hello there'\r");
        at = await shell.SeeAsync("mod revision", at);
        at = await shell.SeeAsync("raftkv> ", at);
        await shell.TypeAsync("hist\tshell/greeting -o value\r");
        at = await shell.SeeAsync("history shell/greeting", at);
        at = await shell.SeeAsync("hello there", at);
        at = await shell.SeeAsync("raftkv> ", at);
        await shell.TypeAsync(Up);
        at = await shell.SeeAsync("history shell/greeting -o value", at);
        await shell.TypeAsync("\r");
        at = await shell.SeeAsync("hello there", at);
        at = await shell.SeeAsync("raftkv> ", at);
        await shell.TypeAsync("watch --prefix shell/\r");
        at = await shell.SeeAsync("-- watching at n1", at);
        await shell.TypeAsync(CtrlC);
        at = await shell.SeeAsync("raftkv> ", at);
        await shell.TypeAsync("gte x\r");
        at = await shell.SeeAsync("get", at);
        await shell.SeeAsync("raftkv> ", at);
        await shell.TypeAsync(CtrlD);
        await shell.EndAsync();
        Assert.Equal(
            ["put shell/greeting 'hello there'", "history shell/greeting -o value", "watch --prefix shell/", "gte x"],
            File.ReadAllLines(Path.Combine(_directory.FullName, "history")));
    }

    [TerminalFact]
    public async Task A_watch_shows_changes_as_they_come_and_ends_with_control_C()
    {
        await using Terminal watch = Terminal.Start($"watch --prefix live/ {Common}");
        int at = await watch.SeeAsync("-- watching at n1");
        Assert.Equal(0, (await Ctl.RunAsync("put", "live/a", "1", "-e", _node.Endpoint)).Exit);
        at = await watch.SeeAsync("live/a = 1", at);
        Assert.Equal(0, (await Ctl.RunAsync("del", "live/a", "-e", _node.Endpoint)).Exit);
        await watch.SeeAsync("deleted", at);
        await watch.TypeAsync(CtrlC);
        Assert.Equal(0, await watch.EndAsync());
    }

    [TerminalFact]
    public async Task A_terminal_gets_tables_with_lines_and_bars_for_what_takes_long()
    {
        await using Terminal status = Terminal.Start($"status {Common}");
        Assert.Equal(0, await status.EndAsync());
        Assert.Contains("╭", status.Screen, StringComparison.Ordinal);
        await using Terminal bench = Terminal.Start($"bench --for 1s --clients 2 {Common}");
        Assert.Equal(0, await bench.EndAsync());
        Assert.Contains("100%", bench.Screen, StringComparison.Ordinal);
        Assert.Contains("writes", bench.Screen, StringComparison.Ordinal);
    }

    private string Common => $"-e {_node.Endpoint} --config {Path.Combine(_directory.FullName, "config.json")}";
}
