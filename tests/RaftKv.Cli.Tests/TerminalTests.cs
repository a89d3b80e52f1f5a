using System.Net;
using System.Net.Sockets;
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

    [TerminalFact]
    public async Task Who_waits_for_a_silent_node_sees_that_it_is_asked()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using Terminal status = Terminal.Start($"status {Common},http://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}");
        await status.SeeAsync("asking the nodes");
        Assert.Equal(0, await status.EndAsync());
        Assert.Contains("n1", status.Screen, StringComparison.Ordinal);
    }

    [TmuxFact]
    public async Task On_a_screen_lines_are_edited_in_place_a_watch_grows_and_a_bar_is_one_line()
    {
        await using Tmux screen = await Tmux.StartAsync(_directory.FullName, $"shell {Common}");
        await screen.SeeAsync(static lines => lines[^1] == "raftkv>");

        // A word is completed, one is deleted, and the line before comes back: what was drawn over is gone.
        await screen.TypeAsync("put screen/a xx");
        await screen.PressAsync("BSpace");
        await screen.PressAsync("Enter");
        await screen.SeeAsync(static lines => lines[^1] == "raftkv>" && lines.Contains("raftkv> put screen/a x"));
        await screen.TypeAsync("hist");
        await screen.PressAsync("Tab");
        await screen.SeeAsync(static lines => lines[^1] == "raftkv> history");
        await screen.PressAsync("C-c");
        await screen.PressAsync("Up");
        await screen.SeeAsync(static lines => lines[^1] == "raftkv> put screen/a x");
        await screen.PressAsync("C-c");

        // A line that is longer than the screen is wide stands there once, however it is edited, and what it answers below it.
        await screen.TypeAsync("put screen/long " + new string('a', 150));
        await screen.PressAsync("Home");
        await screen.PressAsync("End");
        await screen.PressAsync("BSpace");
        await screen.PressAsync("Enter");
        string[] wrapped = await screen.SeeAsync(static lines => lines[^1] == "raftkv>"
            && Array.Exists(lines, static line => line == new string('a', 73)));
        Assert.Single(wrapped, static line => line.StartsWith("raftkv> put screen/long a", StringComparison.Ordinal));

        await screen.TypeAsync("watch --prefix screen/");
        await screen.PressAsync("Enter");
        await screen.SeeAsync(static lines => lines[^1].StartsWith("-- watching", StringComparison.Ordinal));
        Assert.Equal(0, (await Ctl.RunAsync("put", "screen/b", "live", "-e", _node.Endpoint)).Exit);
        await screen.SeeAsync(static lines => lines[^1].Contains("screen/b = live", StringComparison.Ordinal));
        await screen.PressAsync("C-c");
        await screen.SeeAsync(static lines => lines[^1] == "raftkv>");

        // The bar is drawn over itself, however often it moves.
        await screen.TypeAsync("bench --for 1s --clients 2");
        await screen.PressAsync("Enter");
        string[] done = await screen.SeeAsync(static lines => lines[^1] == "raftkv>"
            && Array.Exists(lines, static line => line.Contains("100%", StringComparison.Ordinal)));
        Assert.Single(done, static line => line.Contains('%') && line.StartsWith("bench ", StringComparison.Ordinal));
        await screen.PressAsync("C-d");
    }

    private string Common => $"--config {Path.Combine(_directory.FullName, "config.json")} -e {_node.Endpoint}";
}
