using RaftKv.Client;
using RaftKv.DistributedLock;
using RaftKv.Integrations.Tests.Support;

namespace RaftKv.Integrations.Tests.DistributedLock;

/// <summary>The library's 5 cases for semaphores (DistributedSemaphoreCoreTestCases), under their names, and a refusal of ours.</summary>
[Collection(ThreeNodes.Name)]
public sealed class SemaphoreTests(ThreeNodes nodes)
{
    [Fact]
    public void TestMaxCount()
    {
        Assert.Equal(5, Create("", 5).MaxCount);
        Assert.Equal(23, Create("", 23).MaxCount);
        Assert.Throws<ArgumentOutOfRangeException>(() => Create("", 0));
    }

    [Fact]
    public Task TestConcurrencyHandling() => NeverMoreThanAsync(nameof(TestConcurrencyHandling), maxCount: 3, takers: 10, trials: 5);

    [Fact]
    public Task TestSemaphoreParallelism() => NeverMoreThanAsync(nameof(TestSemaphoreParallelism), maxCount: 10, takers: 60, trials: 1);

    [Fact]
    public async Task TestDrain()
    {
        RaftKvDistributedSemaphore one = Create(nameof(TestDrain), 4);
        RaftKvDistributedSemaphore other = Create(nameof(TestDrain), 4);
        List<RaftKvDistributedLockHandle> handles = [await one.AcquireAsync(ThreeNodes.Patience)];
        (await other.AcquireAsync()).Dispose();
        while (handles.Count < 4)
        {
            handles.Add(await one.AcquireAsync(ThreeNodes.Patience));
        }

        Assert.Null(other.TryAcquire());
        Assert.Null(await one.TryAcquireAsync());
        await handles[0].DisposeAsync();
        (await other.AcquireAsync()).Dispose();
        handles.ForEach(static handle => handle.Dispose());
    }

    [Fact]
    public async Task TestHighTicketCount()
    {
        RaftKvDistributedSemaphore one = Create($"s{new string('o', 1000)} many tickets!", int.MaxValue);

        RaftKvDistributedLockHandle[] handles =
            await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => one.AcquireAsync(ThreeNodes.Patience).AsTask()));

        Assert.Equal(100, handles.Select(static handle => handle.FencingToken).Distinct().Count());
        await Task.WhenAll(handles.Select(static handle => handle.DisposeAsync().AsTask()));
    }

    [Fact]
    public async Task Another_number_of_tickets_is_refused_while_some_are_held()
    {
        await using RaftKvDistributedLockHandle held = await Create("mismatch", 2).AcquireAsync();

        var e = await Assert.ThrowsAsync<RaftKvRequestException>(() => Create("mismatch", 3).TryAcquireAsync().AsTask());

        Assert.Equal(("limit-mismatch", Outcome.NotApplied), (e.Code, e.Outcome));
    }

    private async Task NeverMoreThanAsync(string name, int maxCount, int takers, int trials)
    {
        int inside = 0;
        int most = 0;
        await Task.WhenAll(Enumerable.Range(0, takers).Select(_ => Task.Run(async () =>
        {
            RaftKvDistributedSemaphore semaphore = Create(name, maxCount);
            for (int i = 0; i < trials; i++)
            {
                await using RaftKvDistributedLockHandle handle = await semaphore.AcquireAsync(ThreeNodes.Patience);
                int now = Interlocked.Increment(ref inside);
                lock (nodes)
                {
                    most = Math.Max(most, now);
                }

                await Task.Yield();
                Interlocked.Decrement(ref inside);
            }
        }))).WaitAsync(ThreeNodes.Patience);

        Assert.Equal(0, inside);
        Assert.InRange(most, 1, maxCount);
    }

    private RaftKvDistributedSemaphore Create(string name, int maxCount) => new(nodes.Client, name, maxCount);
}
