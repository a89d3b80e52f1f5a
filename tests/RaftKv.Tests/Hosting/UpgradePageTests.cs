using RaftKv.Core.Tests.Architecture;

namespace RaftKv.Tests.Hosting;

/// <summary>The line of docs/operations/upgrade.md, against three nodes and against two of them.</summary>
public sealed class UpgradePageTests
{
    [Fact]
    public async Task The_check_passes_on_a_healthy_cluster_and_names_who_does_not_answer()
    {
        string page = await File.ReadAllTextAsync(Path.Combine(SourceTree.Root, "docs/operations/upgrade.md"));
        string line = page.Split("```sh\n")[1].Split('\n')[0];
        await using var fleet = new NodeFleet(3);
        await fleet.FoundAsync(3);
        string[] words = line.Replace("http://127.0.0.1:2379", fleet.Url(0), StringComparison.Ordinal).Split(' ')[1..];

        // What the nodes know comes into force a moment after they are ready.
        (int code, string said) = (1, "");
        await NodeProcesses.UntilAsync(async () =>
        {
            (code, said) = await NodeProcesses.RunAsync(words);
            return code == 0 && said.Contains("in force already", StringComparison.Ordinal);
        });
        Assert.Contains("nothing: what this program knows is in force already", said);
        Assert.Contains("Nothing is in the way", said);

        await fleet.KillAsync(2);
        (code, said) = await NodeProcesses.RunAsync(words);
        Assert.True(code == 1, said);
        Assert.Contains("n3 does not answer", said);

        (code, said) = await NodeProcesses.RunAsync("upgrade", "check", "--endpoint", fleet.Url(2));
        Assert.True(code == 2 && said.Contains("does not answer"), said);
    }
}
