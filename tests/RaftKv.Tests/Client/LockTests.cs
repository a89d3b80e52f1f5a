using RaftKv.Client;
using RaftKv.Tests.Client.Fakes;
using RaftKv.Tests.Support;

namespace RaftKv.Tests.Client;

/// <summary>Locks, semaphores and elections against the fake's queues.</summary>
public sealed class LockTests
{
    private static readonly TimeSpan Ttl = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_lock_is_held_by_one_and_its_tokens_grow()
    {
        FakeRaftKv fake = new();
        using RaftKvClient client = fake.Client();

        LockHandle first = await client.Locks.AcquireAsync("orders/42", Ttl);
        Task<LockHandle> waiting = client.Locks.AcquireAsync("orders/42", Ttl);
        await Eventually.TrueAsync(() => fake.Keys("_raftkv/locks/").Count == 2);
        Assert.False(waiting.IsCompleted);
        Assert.Null(await client.Locks.TryAcquireAsync("orders/42", Ttl));
        await first.DisposeAsync();
        await using LockHandle second = await waiting.WaitAsync(Patience);

        Assert.True(second.FencingToken > first.FencingToken);
        Assert.True(second.IsHeld);
        Assert.False(first.IsHeld);
        Assert.True(first.LostToken.IsCancellationRequested);
        Assert.Single(fake.Store.Leases);
    }

    [Theory]
    [InlineData(".")]
    [InlineData("..")]
    public async Task A_name_that_a_path_would_lose_is_refused_before_anything_is_sent(string name)
    {
        FakeRaftKv fake = new();
        using RaftKvClient client = fake.Client();
        await Assert.ThrowsAsync<ArgumentException>("name", () => client.Locks.AcquireAsync(name, Ttl));
        await Assert.ThrowsAsync<ArgumentException>("name", () => client.Locks.AcquirePlaceAsync(name, 2, Ttl));
        await Assert.ThrowsAsync<ArgumentException>("name", () => client.Elections.GetAsync(name));
        Assert.Empty(fake.Store.Leases);
    }

    [Fact]
    public async Task A_wait_that_ends_without_the_lock_says_who_held_it_and_leaves_nothing_behind()
    {
        ManualTimeProvider time = new();
        FakeRaftKv fake = new(time);
        using RaftKvClient client = fake.Client();
        await using LockHandle held = await client.Locks.AcquireAsync("a", Ttl, new LockOptions { Owner = "the other" });

        var e = await Assert.ThrowsAsync<RaftKvLockHeldException>(
            () => client.Locks.AcquireAsync("a", Ttl, new LockOptions { Wait = TimeSpan.Zero }));

        Assert.Equal(("lock-held", Outcome.NotApplied, "the other"), (e.Code, e.Outcome, Assert.Single(e.Holders).Owner));
        Assert.Single(fake.Keys("_raftkv/locks/"));
        Assert.Single(fake.Store.Leases);
    }

    [Fact]
    public async Task A_cancelled_waiter_leaves_the_queue_and_never_acquires()
    {
        FakeRaftKv fake = new();
        using RaftKvClient client = fake.Client();
        LockHandle held = await client.Locks.AcquireAsync("a", Ttl);
        using CancellationTokenSource stop = new();
        Task<LockHandle> waiting = client.Locks.AcquireAsync("a", Ttl, stop.Token);
        await Eventually.TrueAsync(() => fake.Keys("_raftkv/locks/").Count == 2);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Single(fake.Keys("_raftkv/locks/"));
        await held.DisposeAsync();
        Assert.Empty(fake.Keys("_raftkv/locks/"));
        Assert.Empty(fake.Store.Leases);
    }

    [Fact]
    public async Task A_wait_outlives_a_node_that_dies()
    {
        FakeRaftKv fake = new();
        using RaftKvClient client = fake.Client("n1", "n2");
        LockHandle held = await client.Locks.AcquireAsync("a", Ttl);
        bool isBroken = false;
        fake.Script = request =>
        {
            if (request.Path == "/api/v1/locks/a" && !isBroken)
            {
                isBroken = true;
                throw new HttpRequestException(HttpRequestError.ResponseEnded, "The node died.");
            }

            return null;
        };

        Task<LockHandle> waiting = client.Locks.AcquireAsync("a", Ttl);
        await Eventually.TrueAsync(() => fake.Keys("_raftkv/locks/").Count == 2);
        await held.DisposeAsync();

        await using LockHandle second = await waiting.WaitAsync(Patience);
        Assert.True(isBroken);
    }

    [Fact]
    public async Task A_bounded_wait_ends_while_no_node_answers()
    {
        FakeRaftKv fake = new();
        using RaftKvClient client = fake.Client();
        fake.Script = static request => request.Path == "/api/v1/locks/a"
            ? throw new HttpRequestException(HttpRequestError.ConnectionError, "The node says nothing.")
            : null;

        await Assert.ThrowsAsync<RaftKvOutcomeUnknownException>(
            () => client.Locks.TryAcquireAsync("a", Ttl, new LockOptions { Wait = TimeSpan.FromMilliseconds(50) }).WaitAsync(Patience));

        Assert.Empty(fake.Store.Leases);
    }

    [Fact]
    public async Task A_request_that_is_repeated_never_shares_its_place_with_the_one_before()
    {
        FakeRaftKv fake = new();
        using RaftKvClient client = fake.Client("n1", "n2");
        int asked = 0;
        fake.Script = request => request.Path != "/api/v1/locks/a" ? null : ++asked switch
        {
            1 => throw new HttpRequestException(HttpRequestError.ResponseEnded, "The node died."),
            2 => FakeJson.Problem(503, "shutting-down"),
            3 => FakeJson.Problem(504, "outcome-unknown", "unknown"),
            _ => null,
        };

        await using LockHandle handle = await client.Locks.AcquireAsync("a", Ttl).WaitAsync(Patience);

        string[] leases = [.. fake.Requests.Where(static request => request.Path == "/api/v1/locks/a")
            .Select(static request => request.Json["lease"]!.GetValue<string>())];
        Assert.Equal(4, leases.Distinct().Count());
        Assert.Equal(handle.LeaseId, leases[^1]);
        Assert.Single(fake.Store.Leases);
    }

    [Fact]
    public async Task A_waiter_whose_lease_ended_stands_again_with_another_one()
    {
        FakeRaftKv fake = new();
        using RaftKvClient client = fake.Client();
        LockHandle held = await client.Locks.AcquireAsync("a", Ttl);
        Task<LockHandle> waiting = client.Locks.AcquireAsync("a", Ttl);
        await Eventually.TrueAsync(() => fake.Keys("_raftkv/locks/").Count == 2);
        string lease = fake.Store.Leases.Keys.Max().ToString("x16");
        fake.Expire(lease);
        await Eventually.TrueAsync(() => fake.Keys("_raftkv/locks/").Count == 2);

        await held.DisposeAsync();

        await using LockHandle second = await waiting.WaitAsync(Patience);
        Assert.NotEqual(lease, second.LeaseId);
    }

    [Fact]
    public async Task A_fence_goes_with_writes_and_refuses_those_of_a_holder_who_lost()
    {
        FakeRaftKv fake = new();
        using RaftKvClient client = fake.Client();
        await using LockHandle old = await client.Locks.AcquireAsync("a b/ü", Ttl);
        await client.PutAsync("x", "1", new WriteOptions { Fence = old.Fence });
        fake.Expire(old.LeaseId);
        await using LockHandle next = await client.Locks.AcquireAsync("a b/ü", Ttl);

        var e = await Assert.ThrowsAsync<RaftKvPreconditionException>(
            () => client.PutAsync("x", "2", new WriteOptions { Fence = old.Fence }));
        await client.Txn().Then(Op.Put("x", "3")).With(new WriteOptions { Fence = next.Fence }).CommitAsync();

        Assert.Equal(("fence-lost", Outcome.NotApplied), (e.Code, e.Outcome));
        Assert.Equal($"a%20b/%C3%BC;token={next.FencingToken}", fake.Requests[^1].Header("RaftKv-Fence"));
        Assert.Equal("3", fake.Get("x"));
        Assert.Equal("e;token=7;kind=election", new Fence("e", 7, FenceKind.Election).ToString());
    }

    [Fact]
    public async Task Readers_share_and_a_waiting_writer_holds_up_later_readers()
    {
        FakeRaftKv fake = new();
        using RaftKvClient client = fake.Client();
        RaftKv.Client.ReaderWriterLock catalog = client.Locks.ReaderWriter("catalog", Ttl);

        LockHandle first = await catalog.AcquireReadAsync();
        LockHandle second = await catalog.AcquireReadAsync();
        Assert.Null(await catalog.TryAcquireWriteAsync());
        Task<LockHandle> writer = catalog.AcquireWriteAsync();
        await Eventually.TrueAsync(() => fake.Keys("_raftkv/locks/").Count == 3);
        Assert.Null(await catalog.TryAcquireReadAsync());
        await first.DisposeAsync();
        Assert.False(writer.IsCompleted);
        await second.DisposeAsync();

        await using LockHandle writing = await writer.WaitAsync(Patience);
        Assert.Equal(LockMode.Exclusive, writing.Mode);
    }

    [Fact]
    public async Task A_semaphore_has_as_many_places_as_it_says()
    {
        FakeRaftKv fake = new();
        using RaftKvClient client = fake.Client();

        LockHandle one = await client.Locks.AcquirePlaceAsync("pool", 2, Ttl);
        await using LockHandle? two = await client.Locks.TryAcquirePlaceAsync("pool", 2, Ttl);
        Assert.NotNull(two);
        Assert.Null(await client.Locks.TryAcquirePlaceAsync("pool", 2, Ttl));
        await one.DisposeAsync();
        await using LockHandle? three = await client.Locks.TryAcquirePlaceAsync("pool", 2, Ttl);

        Assert.NotNull(three);
        Assert.Equal(FenceKind.Semaphore, three.Fence.Kind);
        Assert.Equal(2, (await client.Locks.GetSemaphoreAsync("pool")).Holders.Count);
    }

    [Fact]
    public async Task An_election_has_one_leader_whom_observers_see_with_every_change_and_vacancy()
    {
        FakeRaftKv fake = new();
        using RaftKvClient client = fake.Client();
        await using IAsyncEnumerator<ElectedLeader?> observed = client.Elections.ObserveAsync("e").GetAsyncEnumerator();
        List<string?> seen = [await NextAsync(observed)];

        Leadership first = await client.Elections.CampaignAsync("e", "one", Ttl);
        seen.Add(await NextAsync(observed));
        await first.ProclaimAsync("one again");
        seen.Add(await NextAsync(observed));
        Assert.Null(await client.Elections.TryCampaignAsync("e", "x", Ttl));
        Task<Leadership> candidate = client.Elections.CampaignAsync("e", "two", Ttl);
        await Eventually.TrueAsync(() => fake.Keys("_raftkv/elections/").Count == 2);
        ElectionState state = await client.Elections.GetAsync("e");
        await first.DisposeAsync();
        Leadership second = await candidate.WaitAsync(Patience);
        seen.Add(await NextAsync(observed));
        await second.DisposeAsync();
        seen.Add(await NextAsync(observed));

        Assert.Equal([null, "one", "one again", "two", null], seen);
        Assert.Equal((first.FencingToken, "one again", 2), (state.Leader!.Token, state.Leader.GetString(), state.CandidateCount));
        Assert.True(second.FencingToken > first.FencingToken);
        await Assert.ThrowsAsync<RaftKvPreconditionException>(() => first.ProclaimAsync("late"));
    }

    private static async Task<string?> NextAsync(IAsyncEnumerator<ElectedLeader?> observed)
    {
        Assert.True(await observed.MoveNextAsync().AsTask().WaitAsync(Patience));
        return observed.Current?.GetString();
    }
}
