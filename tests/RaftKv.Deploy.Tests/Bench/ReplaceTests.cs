using System.Text.RegularExpressions;
using RaftKv.Bench.Nodes;
using RaftKv.JepsenStyle.Cluster;
using RaftKv.Tests.GeneratedClients;
using RaftKv.Tests.Support;

namespace RaftKv.Deploy.Tests.Bench;

/// <summary>The bench's <c>replace</c>: that it runs to its end on a few keys, and what it must not pass.</summary>
public sealed class ReplaceTests
{
    // A value as the load that is measured writes it, and one as it is loaded before.
    private const string Fifth = "0000000000000000005xxxx";
    private const string Loaded = "abcdefghijklmnopqrstuvw";

    private static readonly string _configuration = AppContext.BaseDirectory.TrimEnd('/').Split('/')[^2];

    [Theory]
    [InlineData("follower")]
    [InlineData("leader")]
    public async Task A_member_is_replaced_under_puts_and_every_key_is_on_the_new_node(string role)
    {
        string root = Directory.CreateTempSubdirectory("raftkv-replace").FullName;
        try
        {
            (int code, string output) = await Command.RunAsync(
                Command.Root, "dotnet",
                [
                    Built("bench/RaftKv.Bench", "RaftKv.Bench.dll"), "replace", "--keys", "2000", "--rate", "50", "--seconds", "2",
                    "--replaced", role, "--data-root", root, "--base-port", $"{PortPool.TakeRow(8)}",
                    "--server", Built("src/RaftKv", "raftkv.dll"),
                ]);

            Assert.True(code == 0, output);
            Assert.All(
                (string[])["before", "meanwhile", "after"],
                part => Assert.Matches($@"(?m)^\| {part} \| 2000 \| 50 \| [\d.]+ \| [1-9]\d* \|.* \| 0 \|$", output));
            Assert.Matches($@"n\d, a {role}, replaced by n4 in [\d.]+ s: .*; n\d ended with code 8\.", output);
            Assert.Contains("On n4: 2000 of 2000 keys, 0 missing, 0 wrong", output, StringComparison.Ordinal);
            Assert.Empty(Directory.EnumerateFileSystemEntries(root));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    [Fact]
    public void A_census_takes_what_was_acknowledged()
    {
        KeyCensus census = Census((0, Loaded), (1, Fifth));
        Assert.True(census.IsComplete);
        Assert.Equal((2, 0, 0), (census.There, census.Missing, census.Wrong));
    }

    [Fact]
    public void A_census_rejects_what_is_missing_old_twice_or_nobodys()
    {
        Assert.Equal((1, false), Judged(Census((0, Loaded)), static census => census.Missing));
        Assert.Equal((1, false), Judged(Census((0, Loaded), (1, Loaded)), static census => census.Wrong));
        Assert.Equal((1, false), Judged(Census((0, Fifth), (1, Fifth)), static census => census.Wrong));
        Assert.Equal((1, false), Judged(Census((0, Loaded), (1, "0000000000000000004xxxx")), static census => census.Wrong));
        Assert.Equal((1, false), Judged(Census((0, Loaded), (1, Fifth), (1, Fifth)), static census => census.Wrong));
        Assert.Equal((1, false), Judged(Census((0, Loaded), (1, Fifth), (2, Loaded)), static census => census.Wrong));
    }

    [Fact]
    public async Task Puts_that_nobody_takes_have_failed()
    {
        // A port that was drawn and that nobody listens at.
        using SteadyPuts puts = new(
            [new Uri($"http://127.0.0.1:{PortPool.TakeRow(1)}")], NodesOptions.ParseReplace(["--keys", "10", "--rate", "1000"]),
            patience: TimeSpan.Zero);
        PutFigures figures = puts.Begin("nobody");
        while (figures.Failed == 0)
        {
            await Task.Delay(10);
        }

        await puts.EndAsync();
        Assert.Equal(0, figures.Latencies.Count);
        Assert.All(puts.Acknowledged, static number => Assert.Equal(-1, number));
    }

    private static (int Count, bool IsComplete) Judged(KeyCensus census, Func<KeyCensus, int> count) => (count(census), census.IsComplete);

    // Of two keys: the first has the value that was loaded, the second that of the fifth put.
    private static KeyCensus Census(params (int Key, string Value)[] seen)
    {
        KeyCensus census = new([-1, 5]);
        Array.ForEach(seen, pair => census.See(SteadyPuts.KeyOf(pair.Key), pair.Value));
        return census;
    }

    private static string Built(string project, string name) => Path.Combine(Command.Root, project, "bin", _configuration, "net10.0", name);
}
