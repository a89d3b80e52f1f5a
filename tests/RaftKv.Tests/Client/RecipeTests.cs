using System.Collections.Concurrent;
using RaftKv.Client;
using RaftKv.Tests.Client.Fakes;
using RaftKv.Tests.Support;

namespace RaftKv.Tests.Client;

/// <summary>What is built from keys, leases and watches: barriers, latches and work queues.</summary>
public sealed class RecipeTests
{
    private static readonly TimeSpan Ttl = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_barrier_holds_all_up_until_it_is_opened()
    {
        FakeRaftKv fake = new();
        using RaftKvClient client = fake.Client();
        DistributedBarrier barrier = new(client, "gate");
        await barrier.WaitAsync();
        await barrier.CloseAsync();
        await barrier.CloseAsync();
        Task[] waiting = [barrier.WaitAsync(), barrier.WaitAsync()];
        await Eventually.TrueAsync(() => fake.Watches.OpenCount >= 2);
        Assert.DoesNotContain(waiting, static task => task.IsCompleted);

        await barrier.OpenAsync();

        await Task.WhenAll(waiting).WaitAsync(Patience);
    }

    [Fact]
    public async Task A_barrier_under_a_lease_opens_when_its_owner_dies()
    {
        FakeRaftKv fake = new();
        using RaftKvClient client = fake.Client();
        DistributedBarrier barrier = new(client, "gate");
        LeaseGrant lease = await client.Leases.GrantAsync(Ttl);
        await barrier.CloseAsync(lease.Id);
        Task waiting = barrier.WaitAsync();

        fake.Expire(lease.Id);

        await waiting.WaitAsync(Patience);
    }

    [Fact]
    public async Task A_latch_opens_after_its_number_of_counts_and_not_before()
    {
        FakeRaftKv fake = new();
        using RaftKvClient client = fake.Client();
        CountdownLatch latch = new(client, "latch");
        await Assert.ThrowsAsync<InvalidOperationException>(() => latch.CountDownAsync());
        Task waiting = latch.WaitAsync();
        Assert.Null(await latch.GetCountAsync());
        Assert.True(await latch.TrySetCountAsync(3));
        Assert.False(await latch.TrySetCountAsync(5));

        Assert.Equal(2, await latch.CountDownAsync());
        Assert.Equal(1, await latch.CountDownAsync());
        Assert.False(waiting.IsCompleted);
        Assert.Equal(0, await latch.CountDownAsync());

        await waiting.WaitAsync(Patience);
        Assert.Equal(0, await latch.CountDownAsync());
        Assert.Equal(0, await latch.GetCountAsync());
    }

    [Fact]
    public async Task A_double_barrier_begins_together_and_ends_together_round_after_round()
    {
        FakeRaftKv fake = new();
        using RaftKvClient client = fake.Client();
        DoubleBarrier barrier = new(client, "step", participants: 3, Ttl);
        ConcurrentQueue<string> log = new();
        async Task ParticipateAsync()
        {
            for (int round = 0; round < 4; round++)
            {
                log.Enqueue($"{round} before");
                await using DoubleBarrierEntry entry = await barrier.EnterAsync();
                log.Enqueue($"{round} inside");
                await entry.LeaveAsync();
                log.Enqueue($"{round} after");
            }
        }

        await Task.WhenAll(ParticipateAsync(), ParticipateAsync(), ParticipateAsync()).WaitAsync(Patience);

        // Nobody is inside before all three have come, and nobody is out before all three were inside.
        string[] lines = [.. log];
        for (int round = 0; round < 4; round++)
        {
            Assert.True(Array.LastIndexOf(lines, $"{round} before") < Array.IndexOf(lines, $"{round} inside"), string.Join(", ", lines));
            Assert.True(Array.LastIndexOf(lines, $"{round} inside") < Array.IndexOf(lines, $"{round} after"), string.Join(", ", lines));
        }

        Assert.Empty(fake.Keys("step/"));
    }

    [Fact]
    public async Task A_participant_that_dies_inside_holds_up_neither_the_end_nor_the_next_round()
    {
        FakeRaftKv fake = new();
        using RaftKvClient client = fake.Client();
        DoubleBarrier barrier = new(client, "step", participants: 2, Ttl);
        DoubleBarrierEntry[] entries = await Task.WhenAll(barrier.EnterAsync(), barrier.EnterAsync()).WaitAsync(Patience);
        Task leaving = entries[0].LeaveAsync();
        Task<DoubleBarrierEntry> next = barrier.EnterAsync();
        await Eventually.TrueAsync(() => fake.Keys("step/members/").Count == 1);
        Assert.False(leaving.IsCompleted);

        await entries[1].DisposeAsync();

        await leaving.WaitAsync(Patience);
        await using DoubleBarrierEntry last = await barrier.EnterAsync().WaitAsync(Patience);
        await (await next.WaitAsync(Patience)).DisposeAsync();
        await entries[0].DisposeAsync();
    }

    [Fact]
    public async Task Every_item_is_done_once_when_no_worker_dies()
    {
        FakeRaftKv fake = new();
        using RaftKvClient client = fake.Client();
        WorkQueue queue = new(client, "mail", Ttl);
        ConcurrentBag<string> done = [];
        for (int i = 0; i < 30; i++)
        {
            await queue.EnqueueAsync($"{i}");
        }

        async Task WorkAsync()
        {
            while (await queue.TryClaimAsync() is { } item)
            {
                await using (item)
                {
                    done.Add(item.GetString());
                    Assert.True(await item.CompleteAsync());
                }
            }
        }

        await Task.WhenAll(WorkAsync(), WorkAsync(), WorkAsync()).WaitAsync(Patience);
        Assert.Equal(Enumerable.Range(0, 30), done.Select(int.Parse).Order());
        Assert.Equal(0, await queue.CountAsync());
        Assert.Equal(["mail/counter"], fake.Keys("mail/"));
        Assert.Empty(fake.Store.Leases);
    }

    [Fact]
    public async Task A_dead_worker_s_item_comes_back_and_its_own_completion_comes_too_late()
    {
        FakeRaftKv fake = new();
        using RaftKvClient client = fake.Client();
        WorkQueue queue = new(client, "mail", Ttl);
        await queue.EnqueueAsync("a");
        await using WorkItem first = await queue.ClaimAsync();
        Task<WorkItem> waiting = queue.ClaimAsync();
        await Eventually.TrueAsync(() => fake.Watches.OpenCount == 1);
        Assert.False(waiting.IsCompleted);

        fake.Expire(fake.Store.Leases.Keys.Max().ToString("x16"));
        await using WorkItem second = await waiting.WaitAsync(Patience);

        Assert.Equal((1L, 2L, "a"), (first.DeliveryCount, second.DeliveryCount, second.GetString()));
        Assert.True(second.FencingToken > first.FencingToken);
        Assert.False(await first.CompleteAsync());
        Assert.True(await second.CompleteAsync());
        Assert.Equal(0, await queue.CountAsync());
    }

    [Fact]
    public async Task An_item_that_is_given_back_is_free_at_once_and_a_new_one_wakes_who_waits()
    {
        FakeRaftKv fake = new();
        using RaftKvClient client = fake.Client();
        WorkQueue queue = new(client, "mail", Ttl);
        Task<WorkItem> waiting = queue.ClaimAsync();
        await Eventually.TrueAsync(() => fake.Watches.OpenCount == 1);
        await queue.EnqueueAsync("a");
        WorkItem item = await waiting.WaitAsync(Patience);
        Assert.Null(await queue.TryClaimAsync());

        await item.DisposeAsync();

        await using WorkItem? again = await queue.TryClaimAsync();
        Assert.Equal(item.Id, again!.Id);
    }

    [Fact]
    public async Task An_item_that_kills_its_workers_is_put_aside()
    {
        FakeRaftKv fake = new();
        using RaftKvClient client = fake.Client();
        WorkQueue queue = new(client, "mail", Ttl, maxDeliveries: 2);
        await queue.EnqueueAsync("poison");
        await queue.EnqueueAsync("good");
        for (int i = 0; i < 2; i++)
        {
            await using WorkItem poison = (await queue.TryClaimAsync())!;
            Assert.Equal("poison", poison.GetString());
        }

        await using WorkItem good = (await queue.TryClaimAsync())!;

        Assert.Equal("good", good.GetString());
        List<string> dead = [];
        await foreach (KeyValueEntry entry in queue.DeadAsync())
        {
            dead.Add(entry.GetString());
        }

        Assert.Equal(["poison"], dead);
        Assert.Equal(1, await queue.CountAsync());
    }
}
