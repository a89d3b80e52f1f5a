using RaftKv.Client;
using RaftKv.Client.Testing.InMemory;
using RaftKv.Integrations.Tests.Support;

namespace RaftKv.Integrations.Tests.ClientContract;

/// <summary>What leases, locks and elections promise, asked of the double in memory and of three real nodes alike.</summary>
public abstract class CoordinationContractTests
{
    private protected static TimeSpan Ttl { get; } = TimeSpan.FromSeconds(10);

    private protected abstract IRaftKvClient Kv { get; }

    private protected abstract LeaseClient Leases { get; }

    private protected abstract LockClient Locks { get; }

    private protected abstract ElectionClient Elections { get; }

    /// <summary>Keys and names of one test begin so.</summary>
    private protected abstract string At { get; }

    [Fact]
    public async Task A_lease_shows_its_keys_takes_them_along_and_stays_ended()
    {
        LeaseKeeper keeper = await Leases.KeepAsync(Ttl);
        PutResult put = await Kv.PutAsync(At + "leased", "1", new() { Lease = keeper.Id });
        LeaseInfo shown = (await Leases.GetAsync(keeper.Id))!;
        List<string> listed = [];
        await foreach (LeaseGrant lease in Leases.ListAsync())
        {
            listed.Add(lease.Id);
        }

        Assert.True(await Leases.KeepAliveAsync(keeper.Id));
        Assert.True(keeper.IsAlive);
        await keeper.DisposeAsync();

        Assert.Equal((Ttl, At + "leased"), (shown.Ttl, Assert.Single(shown.Keys).ToString()));
        Assert.Contains(keeper.Id, listed);
        Assert.True(keeper.LostToken.IsCancellationRequested);
        Assert.Null(await Kv.GetAsync(At + "leased"));
        Assert.Equal(WatchEventReason.Revoked, (await FirstAsync(At + "leased", put.ModRevision + 1)).Reason);
        Assert.Null(await Leases.GetAsync(keeper.Id));
        Assert.False(await Leases.KeepAliveAsync(keeper.Id));
        Assert.False(await Leases.RevokeAsync(keeper.Id));
        var refused = await Assert.ThrowsAsync<RaftKvRequestException>(() => Kv.PutAsync(At + "late", "1", new() { Lease = keeper.Id }));
        Assert.Equal(("lease-not-found", Outcome.NotApplied, 404), (refused.Code, refused.Outcome, refused.Status));
    }

    [Fact]
    public async Task A_lease_that_nobody_keeps_ends_by_itself()
    {
        LeaseGrant lease = await Leases.GrantAsync(TimeSpan.FromMilliseconds(300));
        PutResult put = await Kv.PutAsync(At + "lapsed", "1", new() { Lease = lease.Id });

        WatchEvent gone = await FirstAsync(At + "lapsed", put.ModRevision + 1);

        Assert.Equal((WatchEventType.Delete, WatchEventReason.Expired), (gone.Type, gone.Reason));
        Assert.Null(await Leases.GetAsync(lease.Id));
    }

    [Fact]
    public async Task A_lock_goes_from_one_to_the_next_with_a_larger_token_and_its_fence_holds()
    {
        string name = At + "orders/42 %2F?";
        LockHandle first = await Locks.AcquireAsync(name, Ttl, new LockOptions { Owner = "one" });
        await Kv.PutAsync(At + "fenced", "1", new() { Fence = first.Fence });
        Assert.Null(await Locks.TryAcquireAsync(name, Ttl));
        Task<LockHandle> waiting = Locks.AcquireAsync(name, Ttl, new LockOptions { Owner = "two" });
        await Until.TrueAsync(async () => (await Locks.GetAsync(name)).Queue.Count == 1);
        LockState state = await Locks.GetAsync(name);
        var held = await Assert.ThrowsAsync<RaftKvLockHeldException>(
            () => Locks.AcquireAsync(name, Ttl, new LockOptions { Wait = TimeSpan.FromMilliseconds(50) }));
        Assert.True(await Locks.VerifyAsync(first.Fence));
        await first.DisposeAsync();
        await using LockHandle second = await waiting.WaitAsync(ThreeNodes.Patience);

        Assert.Equal(("one", "two"), (Assert.Single(state.Holders).Owner, Assert.Single(state.Queue).Owner));
        Assert.Equal(("lock-held", Outcome.NotApplied, 409), (held.Code, held.Outcome, held.Status));
        Assert.Equal(("one", 1L), (Assert.Single(held.Holders).Owner, held.QueueLength));
        Assert.True(second.FencingToken > first.FencingToken && second.IsHeld && !first.IsHeld);
        var lost = await Assert.ThrowsAsync<RaftKvPreconditionException>(
            () => Kv.PutAsync(At + "fenced", "2", new() { Fence = first.Fence }));
        Assert.Equal(("fence-lost", Outcome.NotApplied, 412), (lost.Code, lost.Outcome, lost.Status));
        await Kv.PutAsync(At + "fenced", "3", new() { Fence = second.Fence });
        Assert.Equal((false, true), (await Locks.VerifyAsync(first.Fence), await Locks.VerifyAsync(second.Fence)));
    }

    [Fact]
    public async Task A_cancelled_waiter_leaves_the_queue()
    {
        await using LockHandle held = await Locks.AcquireAsync(At + "cancel", Ttl);
        using CancellationTokenSource stop = new();
        Task<LockHandle> waiting = Locks.AcquireAsync(At + "cancel", Ttl, stop.Token);
        await Until.TrueAsync(async () => (await Locks.GetAsync(At + "cancel")).Queue.Count == 1);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await Until.TrueAsync(async () => (await Locks.GetAsync(At + "cancel")).Queue.Count == 0);
    }

    [Fact]
    public async Task A_holder_whose_lease_is_ended_is_told_and_the_next_one_holds()
    {
        LockHandle first = await Locks.AcquireAsync(At + "ended", TimeSpan.FromSeconds(1));
        Task<LockHandle> waiting = Locks.AcquireAsync(At + "ended", Ttl);
        TaskCompletionSource told = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration heard = first.LostToken.Register(told.SetResult);
        await Leases.RevokeAsync(first.LeaseId);

        await using LockHandle second = await waiting.WaitAsync(ThreeNodes.Patience);
        await told.Task.WaitAsync(ThreeNodes.Patience);

        Assert.False(first.IsHeld);
        await Assert.ThrowsAsync<RaftKvPreconditionException>(() => Kv.DeleteAsync(At + "x", new() { Fence = first.Fence }));
        await first.DisposeAsync();
    }

    [Fact]
    public async Task Readers_share_and_semaphores_count()
    {
        RaftKv.Client.ReaderWriterLock catalog = Locks.ReaderWriter(At + "catalog", Ttl);
        LockHandle one = await catalog.AcquireReadAsync();
        LockHandle two = await catalog.AcquireReadAsync();
        Assert.Null(await catalog.TryAcquireWriteAsync());
        Task<LockHandle> writer = catalog.AcquireWriteAsync();
        await Until.TrueAsync(async () => (await Locks.GetAsync(At + "catalog")).Queue.Count == 1);

        // Nobody overtakes: a reader who comes now waits behind the writer.
        Assert.Null(await catalog.TryAcquireReadAsync());
        await one.DisposeAsync();
        await two.DisposeAsync();
        await (await writer.WaitAsync(ThreeNodes.Patience)).DisposeAsync();

        LockHandle place = await Locks.AcquirePlaceAsync(At + "pool", 2, Ttl);
        await using LockHandle other = (await Locks.TryAcquirePlaceAsync(At + "pool", 2, Ttl))!;
        Assert.Null(await Locks.TryAcquirePlaceAsync(At + "pool", 2, Ttl));
        var mismatch = await Assert.ThrowsAsync<RaftKvRequestException>(() => Locks.TryAcquirePlaceAsync(At + "pool", 3, Ttl));
        Assert.Equal(("limit-mismatch", Outcome.NotApplied, 409), (mismatch.Code, mismatch.Outcome, mismatch.Status));
        Assert.Equal(2, (await Locks.GetSemaphoreAsync(At + "pool")).Holders.Count);
        await place.DisposeAsync();
        await using LockHandle again = (await Locks.TryAcquirePlaceAsync(At + "pool", 2, Ttl))!;
        await Kv.PutAsync(At + "pooled", "1", new() { Fence = again.Fence });
    }

    [Fact]
    public async Task An_election_is_observed_with_every_change_and_vacancy()
    {
        string name = At + "e";
        await using IAsyncEnumerator<ElectedLeader?> observed = Elections.ObserveAsync(name).GetAsyncEnumerator();
        List<string?> seen = [await NextAsync(observed)];
        Leadership first = await Elections.CampaignAsync(name, "one", Ttl);
        seen.Add(await NextAsync(observed));
        await first.ProclaimAsync("one again");
        seen.Add(await NextAsync(observed));
        Assert.Null(await Elections.TryCampaignAsync(name, "three", Ttl));
        Task<Leadership> candidate = Elections.CampaignAsync(name, "two", Ttl);
        await Until.TrueAsync(async () => (await Elections.GetAsync(name)).CandidateCount == 2);
        await Kv.PutAsync(At + "by-leader", "1", new() { Fence = first.Fence });
        ElectionState state = await Elections.GetAsync(name);
        await first.DisposeAsync();
        await using (Leadership second = await candidate.WaitAsync(ThreeNodes.Patience))
        {
            seen.Add(await NextAsync(observed));
            Assert.True(second.IsLeader && second.FencingToken > first.FencingToken);
        }

        seen.Add(await NextAsync(observed));
        Assert.Equal([null, "one", "one again", "two", null], seen);
        Assert.Equal((first.FencingToken, "one again"), (state.Leader!.Token, state.Leader.GetString()));
        var late = await Assert.ThrowsAsync<RaftKvPreconditionException>(() => first.ProclaimAsync("late"));
        Assert.Equal(("not-holder", Outcome.NotApplied, 412), (late.Code, late.Outcome, late.Status));
        Assert.Null((await Elections.GetAsync(name)).Leader);
    }

    private async Task<WatchEvent> FirstAsync(string key, long startRevision)
    {
        using CancellationTokenSource stop = new(ThreeNodes.Patience);
        await foreach (WatchEvent change in Kv.WatchAsync(key, new WatchOptions { StartRevision = startRevision }, stop.Token))
        {
            return change;
        }

        throw new InvalidOperationException("The watch ended.");
    }

    private static async Task<string?> NextAsync(IAsyncEnumerator<ElectedLeader?> observed)
    {
        Assert.True(await observed.MoveNextAsync().AsTask().WaitAsync(ThreeNodes.Patience));
        return observed.Current?.GetString();
    }
}

/// <summary>The real thing.</summary>
[Collection(ThreeNodes.Name)]
public sealed class RealCoordinationTests(ThreeNodes nodes) : CoordinationContractTests
{
    private static int s_test;

    private protected override IRaftKvClient Kv => nodes.Client;

    private protected override LeaseClient Leases => nodes.Client.Leases;

    private protected override LockClient Locks => nodes.Client.Locks;

    private protected override ElectionClient Elections => nodes.Client.Elections;

    private protected override string At { get; } = $"coordination/{Interlocked.Increment(ref s_test)}/";
}

/// <summary>The double, and what only it can do.</summary>
public sealed class InMemoryCoordinationTests : CoordinationContractTests
{
    private readonly InMemoryKv _kv = new();

    private protected override IRaftKvClient Kv => _kv;

    private protected override LeaseClient Leases => _kv.Leases;

    private protected override LockClient Locks => _kv.Locks;

    private protected override ElectionClient Elections => _kv.Elections;

    private protected override string At => "t/";

    [Fact]
    public async Task Time_is_the_test_s_own_and_a_holder_that_stood_still_is_too_late()
    {
        LeapingTime time = new();
        InMemoryKv kv = new(time);
        LockHandle first = await kv.Locks.AcquireAsync("a", TimeSpan.FromHours(1));
        Assert.Null(await kv.Locks.TryAcquireAsync("a", Ttl));

        time.Leap(TimeSpan.FromHours(2));

        Assert.False(first.IsHeld);
        await using LockHandle second = (await kv.Locks.TryAcquireAsync("a", Ttl))!;
        await Assert.ThrowsAsync<RaftKvPreconditionException>(() => kv.PutAsync("x", "1", new() { Fence = first.Fence }));
        await kv.PutAsync("x", "2", new() { Fence = second.Fence });
    }

    [Fact]
    public async Task Failures_come_when_asked_for_and_an_ended_lease_takes_the_lock()
    {
        _kv.FailNext(TestFailures.Unavailable());
        var away = await Assert.ThrowsAsync<RaftKvUnavailableException>(() => _kv.Locks.TryAcquireAsync("a", Ttl));
        await using LockHandle handle = (await _kv.Locks.TryAcquireAsync("a", Ttl))!;
        _kv.EndLease(handle.LeaseId);

        Assert.Equal(Outcome.NotApplied, away.Outcome);
        Assert.False(await _kv.Locks.VerifyAsync(handle.Fence));
        Assert.True((await _kv.Locks.GetAsync("a")).IsFree);
    }
}
