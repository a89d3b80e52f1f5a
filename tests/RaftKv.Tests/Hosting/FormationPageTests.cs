using System.Text.RegularExpressions;
using RaftKv.Core.Tests.Architecture;
using RaftKv.JepsenStyle.Cluster;

namespace RaftKv.Tests.Hosting;

/// <summary>docs/operations/formation.md, line by line; ports and directories are others.</summary>
public sealed partial class FormationPageTests
{
    [Fact]
    public async Task Every_line_of_the_page_works()
    {
        string page = await File.ReadAllTextAsync(Path.Combine(SourceTree.Root, "docs/operations/formation.md"));
        string[] lines = Blocks().Match(page).Groups["lines"].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(4, lines.Length);
        var ports = new SortedDictionary<string, int>(StringComparer.Ordinal);
        string directory = Directory.CreateTempSubdirectory("raftkv-page-").FullName;
        var nodes = new List<ServerProcess>();
        try
        {
            foreach (string line in lines)
            {
                string[] words = Port().Replace(line, port => $":{PortOf(ports, port.Value)}")
                    .Replace("./data/", directory + "/", StringComparison.Ordinal).TrimEnd('&', ' ').Split(' ')[1..];
                if (line.EndsWith('&'))
                {
                    nodes.Add(ServerProcess.Start(words));
                    continue;
                }

                foreach (ServerProcess node in nodes)
                {
                    await node.WaitForOutputAsync("is ready");
                }

                await using ServerProcess command = ServerProcess.Start(
                    [.. words, "--endpoint", $"http://127.0.0.1:{PortOf(ports, ":2379")}"]);
                Assert.True(await command.WaitForExitAsync() == 0, command.Output);
                await command.WaitForOutputAsync("n3");
            }
        }
        finally
        {
            foreach (ServerProcess node in nodes)
            {
                await node.DisposeAsync();
            }

            Directory.Delete(directory, recursive: true);
        }
    }

    private static int PortOf(SortedDictionary<string, int> ports, string documented)
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
}
