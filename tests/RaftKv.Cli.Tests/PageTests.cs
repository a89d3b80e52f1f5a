using System.Diagnostics;
using System.Text.RegularExpressions;
using RaftKv.Cli.Tests.Support;
using RaftKv.Core.Tests.Architecture;
using RaftKv.Tests.Support;

namespace RaftKv.Cli.Tests;

/// <summary>The lines that a newcomer meets first print what their pages say, on a fresh node.</summary>
public sealed partial class PageTests : IAsyncLifetime
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    private readonly OneNode _node = new();

    public async Task InitializeAsync()
    {
        await _node.InitializeAsync();
        while (!(await CtlAsync("status -o json")).Out.Contains("\"phase\": \"ready\"", StringComparison.Ordinal))
        {
            await Task.Delay(20);
        }
    }

    public Task DisposeAsync() => _node.DisposeAsync();

    [CommandFact("bash", "curl")]
    public async Task The_lines_of_the_readme_print_what_it_says()
    {
        IReadOnlyList<PageStep> steps = PageStep.Of(SourceTree.Read("README.md"));
        Assert.InRange(steps.Count, 8, 30);
        foreach (PageStep step in steps)
        {
            Assert.Empty(step.Differences(await RunAsync(step.Line)));
        }
    }

    [Fact]
    public async Task The_first_lines_of_raftkvctl_run()
    {
        string[] lines = [.. Block().Matches(SourceTree.Read("docs/raftkvctl.md"))[0].Groups["lines"].Value.Trim().Split('\n')];
        Assert.InRange(lines.Length, 4, 10);

        // The one node leads; a watch ends when it has shown what is there.
        foreach (string line in lines.Concat(SourceTree.Read("src/RaftKv.Cli/README.md").Split('\n').Where(IsCtl)).Distinct())
        {
            string here = line.Replace("--node n2", "--node leader", StringComparison.Ordinal)
                .Replace("--from 42", "--from 2 --limit 1", StringComparison.Ordinal)
                .Replace("./report.sh", "/bin/true", StringComparison.Ordinal);
            Ctl ran = await CtlAsync(here["raftkvctl ".Length..]);
            Assert.True(ran.Exit == 0, $"{line}: {ran.Whole}");
        }
    }

    [CommandFact("bash", "etcdctl")]
    public async Task The_lines_of_access_control_put_rights_in_force()
    {
        string lines = Block().Matches(SourceTree.Read("docs/access-control.md"))[0].Groups["lines"].Value;
        Assert.Contains("auth enable", lines, StringComparison.Ordinal);

        string said = await ShellAsync($"set -e\n{lines}\netcdctl --user alice:SECRET2 get app/config --print-value-only");
        Assert.EndsWith("OK\non\n", said, StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<Exception>(() => ShellAsync("etcdctl get app/config"));
        await Assert.ThrowsAnyAsync<Exception>(() => ShellAsync("etcdctl --user alice:SECRET2 put elsewhere on"));
    }

    private static bool IsCtl(string line) => line.StartsWith("raftkvctl ", StringComparison.Ordinal);

    private async Task<string> RunAsync(string line)
    {
        if (!IsCtl(line))
        {
            return await ShellAsync("curl() { command curl -sS -m 30 \"$@\"; }\n" + line);
        }

        Ctl ran = await CtlAsync(line["raftkvctl ".Length..].Replace("./report.sh", "/bin/true", StringComparison.Ordinal));
        Assert.True(ran.Exit == 0, $"{line}: {ran.Whole}");
        return ran.Out;
    }

    private Task<Ctl> CtlAsync(string words) =>
        Ctl.RunAsync(["-e", _node.Endpoint, "--config", "/nonexistent/raftkvctl.json", .. words.Split(' ')]);

    /// <summary>What it printed; it must end with 0.</summary>
    private async Task<string> ShellAsync(string script)
    {
        string host = new Uri(_node.Endpoint).Authority;
        var start = new ProcessStartInfo("bash", ["-c", AnyNode().Replace(script, host)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["ETCDCTL_API"] = "3";
        start.Environment["ETCDCTL_ENDPOINTS"] = host;
        using Process shell = Process.Start(start)!;
        using var patience = new CancellationTokenSource(_patience);
        Task<string> output = shell.StandardOutput.ReadToEndAsync(patience.Token);
        Task<string> errors = shell.StandardError.ReadToEndAsync(patience.Token);
        await Task.WhenAll(output, errors, shell.WaitForExitAsync(patience.Token));
        Assert.True(shell.ExitCode == 0, $"{script}\n{await output}{await errors}");
        return await output;
    }

    [GeneratedRegex(@"^```sh\n(?<lines>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    // The three of raftkv dev.
    [GeneratedRegex(@"127\.0\.0\.1:23[789]9")]
    private static partial Regex AnyNode();
}
