using System.Collections.Concurrent;
using RaftKv.Core;
using RaftKv.Core.Calls;
using RaftKv.Core.Reads;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;

namespace RaftKv.Engine.Conformance;

/// <summary>
/// What every engine must keep; the ids are those of src/RaftKv.Engine/PROMISES.md. The tests of an engine inherit it, and
/// say how a cluster of theirs is made.
/// </summary>
public abstract class EngineConformance : EngineTests
{
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
    public async Task P1_what_was_acknowledged_outlives_the_loss_of_power_on_all_disks_amid_writes()
    {
        await using IEngineCluster cluster = Start(3);
        List<string> acknowledged = [];
        for (int round = 0; round < 3; round++)
        {
            ConcurrentQueue<string> heard = new();
            Task[] writers = [.. Enumerable.Range(0, 3).Select(i => WriteUntilItEndsAsync(cluster[i], $"r{round}w{i}-", heard))];
            await UntilAsync(() => heard.Count >= 30);

            // What is heard from now on may be the word of a node that has no power any more.
            acknowledged.AddRange(heard);
            await Task.WhenAll(cluster.CutPowerAsync(0), cluster.CutPowerAsync(1), cluster.CutPowerAsync(2));
            await Task.WhenAll(writers);
            StartAll(cluster, 3);
        }

        StoreView view = await BarrierAsync(cluster[2]);
        Assert.All(acknowledged, key => Assert.Equal("v", Read(view, key)));
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

        Task<ProposeResult> write = ProposeAsync(cluster[leader], Put("k", "lost?"), Short);
        ReadBarrierResult barrier = await cluster[leader].ReadBarrierAsync(Short, CancellationToken.None);
        ProposalOutcome outcome = (await write).Outcome;

        Assert.False(barrier.IsGranted);
        Assert.Contains(outcome, new[] { ProposalOutcome.Unknown, ProposalOutcome.NoLeader });
        cluster.Mend(leader);
        await WriteAsync(cluster[(leader + 1) % 3], "after", "v");
        if (outcome == ProposalOutcome.NoLeader)
        {
            Assert.Null(Read(await BarrierAsync(cluster[leader]), "k"));
        }
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
    public async Task P4_what_was_refused_in_any_way_never_happened()
    {
        const int Writes = 5_000;
        await using IEngineCluster cluster = Make(3);
        cluster.Start(0);

        ProposeResult[] results = await Task.WhenAll(Enumerable.Range(0, Writes).Select(
            i => ProposeAsync(cluster[0], Put($"k{i}", "v"), Short)));
        Assert.All(results, static result => Assert.Contains(
            result.Outcome, new[] { ProposalOutcome.NoLeader, ProposalOutcome.Overloaded }));

        cluster.Start(1);
        cluster.Start(2);
        await WriteAsync(cluster[1], "after", "v");
        StoreView view = await BarrierAsync(cluster[0]);
        Assert.All(Enumerable.Range(0, Writes), i => Assert.Null(Read(view, $"k{i}")));
    }

    [Fact]
    public async Task P4_a_stopped_node_takes_nothing_and_says_so()
    {
        await using IEngineCluster cluster = Start(3);
        IEngine stopped = cluster[0];
        await cluster.StopAsync(0);

        ProposeResult write = await ProposeAsync(stopped, Put("k", "v"), Short);
        ReadBarrierResult barrier = await stopped.ReadBarrierAsync(Short, CancellationToken.None);

        Assert.Equal(ProposalOutcome.ShuttingDown, write.Outcome);
        Assert.True(barrier is { IsGranted: false, IsShuttingDown: true });
        await WriteAsync(cluster[1], "after", "v");
        Assert.Null(Read(await BarrierAsync(cluster[2]), "k"));
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

        // S1: rights are asked for where a command is applied, whichever node took it and whichever engine ordered it.
        AccessChange[] changes =
            [new AddUser(Principals.Root, default), new GrantRole(Principals.Root, Principals.Root), new EnableAccess()];
        foreach (AccessChange change in changes)
        {
            ProposeResult changed = await ProposeAsync(
                cluster[1], new ChangeAccessCommand(change) { Principal = Principals.Root }, Patience);
            Assert.Equal(CommandStatus.Ok, changed.Result!.Status);
        }

        for (int i = 0; i < 3; i++)
        {
            ProposeResult denied = await ProposeAsync(cluster[i], Put("k0", "no"), Patience);
            Assert.Equal(CommandStatus.AccessDenied, denied.Result!.Status);
        }

        Assert.Equal("0", Read(await BarrierAsync(cluster[0]), "k0"));
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

            // Whoever is elected ends the wait, the one named or, with an engine that knows no target, another.
            await cluster[leader].TransferLeadershipAsync(
                cluster[(leader + 1) % 3].Identity.Id, TimeSpan.FromHours(1), CancellationToken.None).AsTask().WaitAsync(Patience);
            Revision now = cluster[0].ReadPoint.View.Revision;
            Assert.True(now >= seen);
            seen = now;
        }
    }

    [Fact]
    public async Task P9_a_cancelled_write_ends_with_an_outcome_and_a_stopped_node_answers_everyone()
    {
        await using IEngineCluster cluster = Start(3);
        int leader = await cluster.LeaderAsync();
        cluster.CutOff(leader);
        using var cancelled = new CancellationTokenSource();
        Task<ProposeResult> one = ProposeAsync(cluster[leader], Put("a", "1"), Patience, cancelled.Token);
        Task<ProposeResult>[] others = [.. Enumerable.Range(0, 10).Select(i => ProposeAsync(cluster[leader], Put($"b{i}", "1"), Patience))];
        await cancelled.CancelAsync();

        Assert.Contains((await one).Outcome, new[] { ProposalOutcome.Unknown, ProposalOutcome.NoLeader });
        await cluster.StopAsync(leader);
        ProposeResult[] ended = await Task.WhenAll(others).WaitAsync(Patience / 2);
        Assert.All(ended, static result => Assert.NotEqual(ProposalOutcome.Applied, result.Outcome));
    }

    private async Task WriteUntilItEndsAsync(IEngine engine, string prefix, ConcurrentQueue<string> heard)
    {
        for (int i = 0; ; i++)
        {
            ProposeResult result = await ProposeAsync(engine, Put($"{prefix}{i}", "v"), Patience);
            if (result.Outcome != ProposalOutcome.Applied)
            {
                return;
            }

            heard.Enqueue($"{prefix}{i}");
        }
    }
}
