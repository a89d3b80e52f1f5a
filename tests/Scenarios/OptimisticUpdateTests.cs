using System.Text.Json.Serialization;
using RaftKv.Client;
using RaftKv.Scenarios.Patterns;
using RaftKv.Scenarios.Support;

namespace RaftKv.Scenarios;

/// <summary>Read, change, write if nobody was faster, else again. docs/scenarios/optimistic-update.md.</summary>
[Collection(CalmCluster.Name)]
public sealed partial class OptimisticUpdateTests(ThreeNodes cluster)
{
    private const int WriterCount = 6;
    private const int UpdatesPerWriter = 5;

    [Fact]
    public async Task Updates_of_six_writers_through_three_nodes_are_all_kept()
    {
        RaftKvClient[] nodes = cluster.NewUserOfEachNode();
        string key = cluster.NewPrefix("optimistic") + "settings";

        UpdateResult<Settings>[][] updates = await Task.WhenAll(Enumerable.Range(0, WriterCount).Select(async writer =>
        {
            var results = new UpdateResult<Settings>[UpdatesPerWriter];
            for (int i = 0; i < UpdatesPerWriter; i++)
            {
                results[i] = await nodes[writer % 3].UpdateAsync(
                    key, old => new Settings((old?.Version ?? 0) + 1, $"writer {writer}"), SettingsJson.Default.Settings);
            }

            return results;
        }));

        Settings? end = await nodes[0].GetAsync(key, SettingsJson.Default.Settings);
        Assert.Equal(WriterCount * UpdatesPerWriter, end!.Version);
        Assert.Equal(
            Enumerable.Range(1, WriterCount * UpdatesPerWriter),
            updates.SelectMany(static results => results).Select(static result => result.Value.Version).Order());
    }

    [Fact]
    public async Task An_update_that_somebody_crossed_runs_again_on_the_new_value()
    {
        RaftKvClient client = cluster.NewUser();
        string key = cluster.NewPrefix("optimistic") + "settings";
        await client.PutAsync(key, new Settings(1, "first"), SettingsJson.Default.Settings);

        // Between our read and our conditional write, somebody else writes.
        using var crossing = new CrossingHandler(
            beforeRequest: 2, () => client.PutAsync(key, new Settings(2, "crossing"), SettingsJson.Default.Settings));
        UpdateResult<Settings> result = await cluster.NewUser(crossing).UpdateAsync(
            key, static old => new Settings(old!.Version + 1, "second"), SettingsJson.Default.Settings);

        Assert.Equal((new Settings(3, "second"), 2), (result.Value, result.Attempts));
    }

    [Fact]
    public async Task Wrong_read_and_put_without_the_revision_loses_an_update()
    {
        RaftKvClient[] nodes = cluster.NewUserOfEachNode();
        string key = cluster.NewPrefix("optimistic") + "visits";
        await nodes[0].PutAsync(key, "10");

        long seenByAda = await nodes[1].AmountAsync(key);
        long seenByBob = await nodes[2].AmountAsync(key);
        await nodes[1].PutAsync(key, Numbers.Text(seenByAda + 1));
        await nodes[2].PutAsync(key, Numbers.Text(seenByBob + 1));

        Assert.Equal(11, await nodes[0].AmountAsync(key));
    }

    private sealed class CrossingHandler(int beforeRequest, Func<Task> cross) : DelegatingHandler(new SocketsHttpHandler())
    {
        private int _requestCount;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (Interlocked.Increment(ref _requestCount) == beforeRequest)
            {
                await cross();
            }

            return await base.SendAsync(request, cancellationToken);
        }
    }

    internal sealed record Settings(int Version, string By);

    [JsonSerializable(typeof(Settings))]
    internal sealed partial class SettingsJson : JsonSerializerContext;
}
