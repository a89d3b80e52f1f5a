using System.Collections.Concurrent;
using RaftKv.Client;
using RaftKv.BackgroundWork;
using RaftKv.Integrations.Tests.Support;

namespace RaftKv.Integrations.Tests.BackgroundWork;

/// <summary>Shards: who has them, that nobody shares one, and what moves when workers come, go and die.</summary>
[Collection(ThreeNodes.Name)]
public sealed class ShardingTests(ThreeNodes nodes)
{
    private const int ShardCount = 12;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(40)]
    public void Shares_are_even_and_the_same_in_whatever_order_members_are_known(int memberCount)
    {
        string[] members = [.. Enumerable.Range(0, memberCount).Select(static i => $"worker/{i}")];

        string[] owners = ShardAssignment.Of(members, 64);

        Assert.Equal(owners, ShardAssignment.Of(members.Reverse(), 64));
        Assert.Equal(64, owners.Length);
        int room = (64 + memberCount - 1) / memberCount;
        Assert.All(owners.GroupBy(static owner => owner), share => Assert.True(share.Count() <= room));
        Assert.Empty(ShardAssignment.Of([], 64));
    }

    [Fact]
    public void One_more_member_moves_few_shards()
    {
        string[] members = [.. Enumerable.Range(0, 8).Select(static i => $"worker/{i}")];
        string[] before = ShardAssignment.Of(members, 256);
        string[] after = ShardAssignment.Of([.. members, "worker/8"], 256);

        int moved = before.Zip(after).Count(static pair => pair.First != pair.Second);

        // Its own share is 29; without care all but a few would move.
        Assert.InRange(moved, 20, 110);
    }

    [Fact]
    public async Task Shards_are_shared_out_anew_when_workers_come_go_and_die_and_the_leader_too_and_none_runs_twice()
    {
        Ledger ledger = new();
        await using RaftKvClient second = nodes.CreateClient();
        using CuttableHandler way = new();
        await using RaftKvClient doomed = nodes.CreateClient(o => o.HttpMessageHandler = way);
        using Worker one = new(nodes.Client, ledger, ThreeNodes.Patience);
        using Worker two = new(second, ledger, ThreeNodes.Patience);
        using Worker three = new(doomed, ledger, TimeSpan.FromSeconds(4));
        await one.StartAsync(CancellationToken.None);
        await Until.TrueAsync(() => one.Running.Count == ShardCount);

        await two.StartAsync(CancellationToken.None);
        await Until.TrueAsync(() => one.Running.Count == 6 && two.Running.Count == 6);
        await three.StartAsync(CancellationToken.None);
        await Until.TrueAsync(() => one.Running.Count == 4 && two.Running.Count == 4 && three.Running.Count == 4);

        await using (await nodes.KillLeaderAsync())
        {
            // Cut off: it ends its work by its own clock, and the others have its shards after the ttl.
            ledger.IsLenientFrom(three);
            way.Cut();
            await Until.TrueAsync(() => one.Running.Count == 6 && two.Running.Count == 6 && three.Running.Count == 0);
            await two.StopAsync(CancellationToken.None);
            await Until.TrueAsync(() => one.Running.Count == ShardCount);
        }

        await one.StopAsync(CancellationToken.None);
        Assert.Empty(one.Running);
        await three.StopAsync(CancellationToken.None);
        Assert.Empty(ledger.Faults);
    }

    [Fact]
    public async Task Work_that_throws_is_begun_again_and_a_late_write_of_a_shard_is_refused()
    {
        TaskCompletionSource<Shard> begunAgain = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ConcurrentQueue<Shard> seen = new();
        using Failing worker = new(nodes.Client, shard =>
        {
            seen.Enqueue(shard);
            if (seen.Count == 1)
            {
                throw new InvalidOperationException("a fault of the work");
            }

            begunAgain.TrySetResult(shard);
        });
        await worker.StartAsync(CancellationToken.None);
        Shard again = await begunAgain.Task.WaitAsync(ThreeNodes.Patience);

        Assert.True(again.FencingToken > seen.First().FencingToken);
        await nodes.Client.PutAsync("sharding-tests/state", "new", new WriteOptions { Fence = again.Fence });
        var late = await Assert.ThrowsAsync<RaftKvPreconditionException>(
            () => nodes.Client.PutAsync("sharding-tests/state", "old", new WriteOptions { Fence = seen.First().Fence }));
        Assert.Equal("fence-lost", late.Code);
        await worker.StopAsync(CancellationToken.None);
    }

    /// <summary>Who works at what; one who begins what another has not ended is a fault.</summary>
    private sealed class Ledger
    {
        private readonly ConcurrentDictionary<int, (Worker Worker, long Token)> _working = new();
        private Worker? _lost;

        internal ConcurrentQueue<string> Faults { get; } = new();

        /// <summary>Who is cut off ends by its clock; how soon its threads then run is the machine's matter, and the fence's.</summary>
        internal void IsLenientFrom(Worker worker) => _lost = worker;

        internal void Begin(Worker worker, Shard shard)
        {
            (Worker Worker, long Token) mine = (worker, shard.FencingToken);
            (Worker Worker, long Token) seen = _working.AddOrUpdate(shard.Index, mine, (_, before) =>
            {
                if (before.Worker != _lost || before.Token >= mine.Token)
                {
                    Faults.Enqueue($"shard {shard.Index} runs under {before.Token} and {mine.Token}");
                }

                return mine;
            });
            Assert.Equal(mine, seen);
        }

        internal void End(Worker worker, Shard shard) => _working.TryRemove(new(shard.Index, (worker, shard.FencingToken)));
    }

    private sealed class Worker(RaftKvClient client, Ledger ledger, TimeSpan ttl) : ShardedBackgroundService(
        client, new ShardingOptions { Group = "tests", ShardCount = ShardCount, Ttl = ttl, Pause = TimeSpan.FromMilliseconds(50) })
    {
        protected override async Task ExecuteShardAsync(Shard shard, CancellationToken lost)
        {
            ledger.Begin(this, shard);
            await Task.Delay(Timeout.Infinite, lost).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ledger.End(this, shard);
        }
    }

    private sealed class Failing(RaftKvClient client, Action<Shard> work) : ShardedBackgroundService(
        client, new ShardingOptions { Group = "failing", ShardCount = 1, Pause = TimeSpan.FromMilliseconds(20) })
    {
        protected override async Task ExecuteShardAsync(Shard shard, CancellationToken lost)
        {
            work(shard);
            await Task.Delay(Timeout.Infinite, lost).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
