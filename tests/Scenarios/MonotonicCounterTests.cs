using RaftKv.Client;
using RaftKv.Scenarios.Patterns;
using RaftKv.Scenarios.Support;
using static RaftKv.Scenarios.Support.ThreeNodes;

namespace RaftKv.Scenarios;

/// <summary>A counter goes 5, 6, 7, 8, and nobody sees it run backwards. docs/scenarios/monotonic-counter.md.</summary>
public sealed class MonotonicCounterTests(ThreeNodes cluster) : IClassFixture<ThreeNodes>
{
    private const int ReadCount = 300;
    private const int Seed = 2026;

    [Fact]
    public async Task Read_over_random_replicas_while_it_grows_it_never_runs_backwards()
    {
        string counter = cluster.NewPrefix("counter") + "visitors";
        RaftKvClient writer = cluster.NewUser();
        RaftKvSession reader = cluster.NewUser().BeginSession(ReadLevel.MonotonicReads);
        var random = new Random(Seed);
        using var stop = new CancellationTokenSource();
        Task writing = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                await writer.IncrementAsync(counter);
            }
        });

        List<long> seen = [];
        try
        {
            // So often, and on until it has grown: a machine may let the readers go and not the writer.
            for (int i = 0; i < ReadCount || (seen[^1] == seen[0] && !writing.IsCompleted); i++)
            {
                Node node = cluster.Nodes[random.Next(3)];
                seen.Add((await reader.GetAsync(counter, new ReadOptions { Endpoint = node.Endpoint })).Amount());
            }
        }
        finally
        {
            await stop.CancelAsync();
            await writing;
        }

        Assert.Equal(seen.Order(), seen);
    }

    [Fact]
    public async Task A_replica_that_stands_at_5_refuses_who_has_seen_8()
    {
        string counter = cluster.NewPrefix("counter") + "visitors";
        RaftKvClient client = cluster.NewUser();
        await client.IncrementAsync(counter, 5);

        await using LaggingReplica lag = await cluster.CutOffAFollowerAsync();
        RaftKvClient writer = lag.NewUserOfMajority();
        RaftKvSession reader = client.BeginSession(ReadLevel.MonotonicReads);
        List<long> seen = [(await reader.GetAsync(counter, At(lag.Behind, ReadLevel.MonotonicReads))).Amount()];
        for (int i = 0; i < 3; i++)
        {
            await writer.IncrementAsync(counter);
            seen.Add((await reader.GetAsync(counter, At(lag.Ahead, ReadLevel.Linearizable))).Amount());
            await Refusal.IsBehindAsync(() => reader.GetAsync(counter, At(lag.Behind, ReadLevel.MonotonicReads)));
        }

        await lag.HealAsync();
        seen.Add((await reader.GetAsync(counter, At(lag.Behind, ReadLevel.MonotonicReads))).Amount());
        Assert.Equal([5, 6, 7, 8, 8], seen);
    }

    [Fact]
    public async Task Wrong_over_replicas_at_eventual_it_runs_backwards()
    {
        string counter = cluster.NewPrefix("counter") + "visitors";
        RaftKvClient reader = cluster.NewUser();
        await reader.IncrementAsync(counter, 5);

        await using LaggingReplica lag = await cluster.CutOffAFollowerAsync();
        RaftKvClient writer = lag.NewUserOfMajority();
        List<long> seen = [];
        for (int i = 0; i < 3; i++)
        {
            await writer.IncrementAsync(counter);
            await writer.GetAsync(counter, At(lag.Ahead, ReadLevel.Linearizable));
            seen.Add((await reader.GetAsync(counter, At(lag.Ahead, ReadLevel.Eventual))).Amount());
            seen.Add((await reader.GetAsync(counter, At(lag.Behind, ReadLevel.Eventual))).Amount());
        }

        Assert.Equal([6, 5, 7, 5, 8, 5], seen);
    }
}
