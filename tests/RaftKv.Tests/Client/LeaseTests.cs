using RaftKv.Client;
using RaftKv.Tests.Client.Fakes;
using RaftKv.Tests.Support;

namespace RaftKv.Tests.Client;

/// <summary>Leases and their keepers; time moves only when a test moves it.</summary>
public sealed class LeaseTests
{
    private static readonly TimeSpan Ttl = TimeSpan.FromSeconds(9);

    [Fact]
    public async Task A_keeper_renews_at_a_third_of_the_ttl_and_revokes_at_its_end()
    {
        ManualTimeProvider time = new();
        FakeRaftKv fake = new(time);
        using RaftKvClient client = fake.Client();
        LeaseKeeper keeper = await client.Leases.KeepAsync(Ttl);
        await client.PutAsync("a", "1", new WriteOptions { Lease = keeper.Id });

        for (int round = 1; round <= 10; round++)
        {
            await time.TimerSetAsync(Ttl / 3);
            time.Advance(Ttl / 3);
            await Eventually.TrueAsync(() => Renewals(fake) == round && keeper.Remaining == Ttl);
        }

        Assert.True(keeper.IsAlive);
        await keeper.DisposeAsync();
        Assert.True(keeper.LostToken.IsCancellationRequested);
        Assert.Empty(fake.Store.Leases);
        Assert.Null(fake.Get("a"));
    }

    [Fact]
    public async Task The_loss_is_told_by_the_local_clock_when_no_server_answers()
    {
        ManualTimeProvider time = new();
        FakeRaftKv fake = new(time);
        using RaftKvClient client = fake.Client();
        await using LeaseKeeper keeper = await client.Leases.KeepAsync(Ttl);
        fake.Silence("n1");

        await time.TimerSetAsync(Ttl);
        time.Advance(Ttl - TimeSpan.FromTicks(1));
        Assert.True(keeper.IsAlive);
        Assert.False(keeper.LostToken.IsCancellationRequested);
        time.Advance(TimeSpan.FromTicks(1));

        Assert.True(keeper.LostToken.IsCancellationRequested);
        Assert.False(keeper.IsAlive);
        Assert.Equal(TimeSpan.Zero, keeper.Remaining);
    }

    [Fact]
    public async Task The_time_counts_from_when_the_grant_was_sent_not_from_its_answer()
    {
        ManualTimeProvider time = new();
        FakeRaftKv fake = new(time);
        fake.Script = request =>
        {
            // The answer takes 4 s to come back.
            if (request.Path.EndsWith("leases", StringComparison.Ordinal))
            {
                time.Advance(TimeSpan.FromSeconds(4));
            }

            return null;
        };
        using RaftKvClient client = new(fake.Options() with { ReadAttemptTimeout = TimeSpan.FromMinutes(1), Timeout = TimeSpan.FromMinutes(1) });
        await using LeaseKeeper keeper = await client.Leases.KeepAsync(TimeSpan.FromSeconds(60));

        Assert.Equal(TimeSpan.FromSeconds(56), keeper.Remaining);
    }

    [Fact]
    public async Task A_renewal_counts_from_when_it_was_sent()
    {
        ManualTimeProvider time = new();
        FakeRaftKv fake = new(time);
        using RaftKvClient client = fake.Client();
        await using LeaseKeeper keeper = await client.Leases.KeepAsync(Ttl);
        fake.Script = request =>
        {
            if (request.Path.EndsWith("keepalive", StringComparison.Ordinal))
            {
                time.Advance(TimeSpan.FromSeconds(1));
            }

            return null;
        };

        await time.TimerSetAsync(Ttl / 3);
        time.Advance(Ttl / 3);
        await Eventually.TrueAsync(() => Renewals(fake) == 1 && keeper.Remaining > Ttl - (Ttl / 3));

        Assert.Equal(Ttl - TimeSpan.FromSeconds(1), keeper.Remaining);
    }

    [Fact]
    public async Task A_lease_that_the_server_has_ended_is_lost_at_the_next_renewal()
    {
        ManualTimeProvider time = new();
        FakeRaftKv fake = new(time);
        using RaftKvClient client = fake.Client();
        await using LeaseKeeper keeper = await client.Leases.KeepAsync(Ttl);
        TaskCompletionSource lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
        keeper.LostToken.Register(lost.SetResult);
        fake.Expire(keeper.Id);

        await time.TimerSetAsync(Ttl / 3);
        time.Advance(Ttl / 3);

        await lost.Task.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.False(keeper.IsAlive);
    }

    [Fact]
    public async Task A_node_that_dies_costs_no_lease()
    {
        ManualTimeProvider time = new();
        FakeRaftKv fake = new(time);
        using RaftKvClient client = fake.Client("n1", "n2");
        await using LeaseKeeper keeper = await client.Leases.KeepAsync(Ttl);
        fake.Silence("n1");

        await time.TimerSetAsync(Ttl / 3);
        time.Advance(Ttl / 3);

        // A ninth of the ttl is what one silent node may take of a renewal.
        await time.TimerSetAsync(Ttl / 9);
        time.Advance(Ttl / 9);
        await Eventually.TrueAsync(() => keeper.Remaining > Ttl - (Ttl / 3));

        Assert.Equal("n2", fake.Requests[^1].Host);
    }

    [Fact]
    public async Task Disposing_with_every_server_away_ends_and_leaves_the_rest_to_the_ttl()
    {
        FakeRaftKv fake = new();
        using RaftKvClient client = fake.Client();
        LeaseKeeper keeper = await client.Leases.KeepAsync(Ttl);
        fake.Kill("n1");
        using RaftKvClient unused = fake.Client();

        await keeper.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60));
        await keeper.DisposeAsync();

        Assert.True(keeper.LostToken.IsCancellationRequested);
    }

    [Fact]
    public async Task A_callback_that_throws_harms_nobody_else()
    {
        ManualTimeProvider time = new();
        FakeRaftKv fake = new(time);
        using RaftKvClient client = fake.Client();
        await using LeaseKeeper keeper = await client.Leases.KeepAsync(Ttl);
        TaskCompletionSource told = new(TaskCreationOptions.RunContinuationsAsynchronously);
        keeper.LostToken.Register(told.SetResult);
        keeper.LostToken.Register(static () => throw new InvalidOperationException("A callback's own fault."));
        fake.Silence("n1");

        await time.TimerSetAsync(Ttl);
        time.Advance(Ttl);

        await told.Task.WaitAsync(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task Leases_are_shown_and_a_missing_one_is_an_answer()
    {
        FakeRaftKv fake = new(new ManualTimeProvider());
        using RaftKvClient client = fake.Client();
        LeaseGrant grant = await client.Leases.GrantAsync(TimeSpan.FromMilliseconds(1_500));

        LeaseInfo? shown = await client.Leases.GetAsync(grant.Id);

        Assert.Equal((grant.Id, TimeSpan.FromMilliseconds(1_500)), (shown!.Id, shown.Remaining));
        Assert.True(await client.Leases.KeepAliveAsync(grant.Id));
        Assert.True(await client.Leases.RevokeAsync(grant.Id));
        Assert.False(await client.Leases.RevokeAsync(grant.Id));
        Assert.False(await client.Leases.KeepAliveAsync(grant.Id));
        Assert.Null(await client.Leases.GetAsync(grant.Id));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => client.Leases.GrantAsync(TimeSpan.FromMilliseconds(99)));
    }

    private static int Renewals(FakeRaftKv fake) =>
        fake.Requests.Count(static request => request.Path.EndsWith("keepalive", StringComparison.Ordinal));
}
