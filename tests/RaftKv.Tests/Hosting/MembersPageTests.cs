using System.Text.RegularExpressions;
using RaftKv.Core.Tests.Architecture;
using RaftKv.JepsenStyle.Cluster;

namespace RaftKv.Tests.Hosting;

/// <summary>
/// docs/operations/members.md, line by line: what ends with an ampersand goes on, a command that waits for a node is at its
/// end once that node is ready, everything else ends well at once. Ports and directories are others.
/// </summary>
public sealed partial class MembersPageTests
{
    [Fact]
    public async Task Every_line_of_the_page_works()
    {
        string page = await File.ReadAllTextAsync(Path.Combine(SourceTree.Root, "docs/operations/members.md"));
        string[] lines = [.. Blocks().Matches(page).SelectMany(
            block => block.Groups["lines"].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries))];
        Assert.True(lines.Length > 10, $"{lines.Length} lines");
        var ports = new Dictionary<string, int>();
        string directory = Directory.CreateTempSubdirectory("raftkv-page-").FullName;
        var nodes = new Dictionary<string, ServerProcess>();
        ServerProcess? waiting = null;
        try
        {
            foreach (string line in lines)
            {
                string own = Port().Replace(line, port => $":{PortOf(ports, port.Value)}")
                    .Replace("./data/", directory + "/", StringComparison.Ordinal);
                if (Ends().Match(line) is { Success: true } ends)
                {
                    Assert.Equal(8, await nodes[ends.Groups["node"].Value].WaitForExitAsync());
                    continue;
                }

                string[] words = own.TrimEnd('&', ' ').Split(' ')[1..];
                if (own.EndsWith('&'))
                {
                    ServerProcess node = ServerProcess.Start(words);
                    nodes.Add(words[2], node);
                    await node.WaitForOutputAsync("is ready");
                    if (waiting is not null)
                    {
                        Assert.True(await waiting.WaitForExitAsync() == 0, $"{line}: {waiting.Output}");
                        await waiting.DisposeAsync();
                        waiting = null;
                    }

                    continue;
                }

                ServerProcess command = ServerProcess.Start([.. words, "--endpoint", $"http://127.0.0.1:{PortOf(ports, ":2379")}"]);
                if (words[1] is "add" or "replace")
                {
                    await command.WaitForOutputAsync("Now start its node");
                    waiting = command;
                    continue;
                }

                Assert.True(await command.WaitForExitAsync() == 0, $"{line}: {command.Output}");
                await command.DisposeAsync();
            }
        }
        finally
        {
            foreach (ServerProcess node in nodes.Values)
            {
                await node.DisposeAsync();
            }

            Directory.Delete(directory, recursive: true);
        }
    }

    private static int PortOf(Dictionary<string, int> ports, string documented)
    {
        if (!ports.TryGetValue(documented, out int port))
        {
            port = PortPool.Take();
            ports.Add(documented, port);
        }

        return port;
    }

    [GeneratedRegex("```sh\n(?<lines>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Blocks();

    [GeneratedRegex(@":2\d{3}\b")]
    private static partial Regex Port();

    [GeneratedRegex("^# (?<node>n\\d) ends with code 8")]
    private static partial Regex Ends();
}
