using System.Text;
using RaftKv.Core;
using RaftKv.Core.Calls;
using RaftKv.Core.Reads;
using RaftKv.Core.Replica.Proposals;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;

namespace RaftKv.Engine.Conformance;

/// <summary>
/// What every engine must keep; the ids are those of src/RaftKv.Engine/PROMISES.md. The tests of an engine inherit it and
/// say how a cluster of theirs is made. What only a power cut shows (P1) is for a simulator or a fault on the real disk;
/// here every process ends at once.
/// </summary>
public abstract class EngineConformance
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(500);

    /// <summary>A new cluster of so many engines, none of them started.</summary>
    protected abstract IEngineCluster Make(int engines);

    [Fact]
    public async Task P1_what_was_acknowledged_outlives_the_end_of_all_processes()
    {
        await using IEngineCluster cluster = Start(3);
        for (int i = 0; i < 20; i++)
        {
            await WriteAsync(cluster[i % 3], $"k{i}", "v");
        }

        await Task.WhenAll(cluster.StopAsync(0), cluster.StopAsync(1), cluster.StopAsync(2));
        StartAll(cluster, 3);

        StoreView view = await BarrierAsync(cluster[0]);
        Assert.All(Enumerable.Range(0, 20), i => Assert.Equal("v", Read(view, $"k{i}")));
    }

    [Fact]
    public async Task P2_a_barrier_shows_on_every_node_what_any_node_acknowledged_before_it()
    {
        await using IEngineCluster cluster = Start(3);
        for (int writer = 0; writer < 3; writer++)
        {
            await WriteAsync(cluster[writer], "k", $"by {writer}");
            for (int reader = 0; reader < 3; reader++)
            {
                Assert.Equal($"by {writer}", Read(await BarrierAsync(cluster[reader]), "k"));
            }
        }
    }

    [Fact]
    public async Task P2_P4_without_a_quorum_no_barrier_is_granted_and_no_write_is_called_applied()
    {
        await using IEngineCluster cluster = Start(3);
        int leader = await cluster.LeaderAsync();
        cluster.CutOff(leader);

        ValueTask<ProposeResult> write = cluster[leader].ProposeAsync(Put("k", "lost?"), Short, CancellationToken.None);
        ReadBarrierResult barrier = await cluster[leader].ReadBarrierAsync(Short, CancellationToken.None);

        Assert.False(barrier.IsGranted);
        Assert.Equal(ProposalOutcome.Unknown, (await write).Outcome);
    }

    [Fact]
    public async Task P3_a_write_that_is_answered_is_in_the_point_of_its_node()
    {
        await using IEngineCluster cluster = Start(3);
        for (int i = 0; i < 100; i++)
        {
            IEngine engine = cluster[i % 3];
            ProposeResult result = await WriteAsync(engine, $"k{i}", "v");
            ReadPoint point = engine.ReadPoint;

            Assert.True(point.View.AppliedIndex >= result.Entry.Index);
            Assert.Equal("v", Read(point.View, $"k{i}"));
        }
    }

    [Fact]
    public async Task P4_a_write_that_no_leader_took_is_surely_not_applied()
    {
        await using IEngineCluster cluster = Make(3);
        cluster.Start(0);

        ProposeResult result = await cluster[0].ProposeAsync(Put("k", "v"), Short, CancellationToken.None);
        Assert.Equal(ProposalOutcome.NoLeader, result.Outcome);

        cluster.Start(1);
        cluster.Start(2);
        Assert.Null(Read(await BarrierAsync(cluster[0]), "k"));
    }

    [Fact]
    public async Task P5_P6_P8_writes_through_all_nodes_are_applied_once_each_and_alike()
    {
        const int Writes = 300;
        await using IEngineCluster cluster = Start(3);
        ProposeResult[] results = await Task.WhenAll(Enumerable.Range(0, Writes).Select(i => WriteAsync(cluster[i % 3], $"k{i}", $"{i}")));

        Assert.Equal(Writes, results.Select(static r => r.Entry.Index).Distinct().Count());
        StoreView[] views = [await BarrierAsync(cluster[0]), await BarrierAsync(cluster[1]), await BarrierAsync(cluster[2])];
        Assert.All(views, view => Assert.Equal(new Revision(Writes + 1), view.Revision));
        Assert.All(
            from a in views from b in views where a.AppliedIndex == b.AppliedIndex select (a, b),
            static pair => Assert.Equal(pair.a.StateHash, pair.b.StateHash));
    }

    [Fact]
    public async Task P6_a_nodes_view_never_goes_back_while_leaders_change()
    {
        await using IEngineCluster cluster = Start(3);
        Revision seen = default;
        for (int round = 0; round < 3; round++)
        {
            await WriteAsync(cluster[0], "k", $"{round}");
            int leader = await cluster.LeaderAsync();
            await cluster[leader].TransferLeadershipAsync(cluster[(leader + 1) % 3].Identity.Id, Patience, CancellationToken.None);
            Revision now = cluster[0].ReadPoint.View.Revision;
            Assert.True(now >= seen);
            seen = now;
        }
    }

    [Fact]
    public async Task P7_after_a_start_nothing_is_proven()
    {
        await using IEngineCluster cluster = Make(3);
        cluster.Start(0);

        Assert.Null(cluster[0].ReadPoint.ProvenAt);
        Assert.Null(cluster[0].ReadPoint.LeaseUntil);
    }

    [Fact]
    public async Task P9_a_cancelled_write_ends_with_an_outcome_and_a_stopped_node_answers_everyone()
    {
        await using IEngineCluster cluster = Start(3);
        int leader = await cluster.LeaderAsync();
        cluster.CutOff(leader);
        using var cancelled = new CancellationTokenSource();
        ValueTask<ProposeResult> one = cluster[leader].ProposeAsync(Put("a", "1"), Patience, cancelled.Token);
        Task<ProposeResult>[] others = [.. Enumerable.Range(0, 10).Select(
            i => cluster[leader].ProposeAsync(Put($"b{i}", "1"), Patience, CancellationToken.None).AsTask())];
        await cancelled.CancelAsync();

        Assert.Contains((await one).Outcome, new[] { ProposalOutcome.Unknown, ProposalOutcome.NoLeader });
        await cluster.StopAsync(leader);
        Assert.All(await Task.WhenAll(others), static result => Assert.NotEqual(ProposalOutcome.Applied, result.Outcome));
    }

    private IEngineCluster Start(int engines)
    {
        IEngineCluster cluster = Make(engines);
        StartAll(cluster, engines);
        return cluster;
    }

    private static void StartAll(IEngineCluster cluster, int engines)
    {
        for (int i = 0; i < engines; i++)
        {
            cluster.Start(i);
        }
    }

    private static async Task<ProposeResult> WriteAsync(IEngine engine, string key, string value)
    {
        ProposeResult result = await engine.ProposeAsync(Put(key, value), Patience, CancellationToken.None);
        Assert.Equal(ProposalOutcome.Applied, result.Outcome);
        return result;
    }

    private static async Task<StoreView> BarrierAsync(IEngine engine)
    {
        ReadBarrierResult barrier = await engine.ReadBarrierAsync(Patience, CancellationToken.None);
        Assert.True(barrier.IsGranted);
        Assert.True(engine.ReadPoint.View.AppliedIndex >= barrier.ReadIndex);
        return barrier.View!;
    }

    private static byte[] Put(string key, string value) => KvCommandCodec.Encode(
        new MutateCommand(new PutOp(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(value))), CommandEnvelope.HeaderBytes);

    private static string? Read(StoreView view, string key) =>
        view.Get(Encoding.UTF8.GetBytes(key)) is { } pair ? Encoding.UTF8.GetString(pair.Value.Span) : null;
}
