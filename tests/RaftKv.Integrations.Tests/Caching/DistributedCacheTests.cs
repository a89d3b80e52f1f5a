using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Caching.Distributed;
using RaftKv.Caching;
using RaftKv.Client;
using RaftKv.Integrations.Tests.Support;

namespace RaftKv.Integrations.Tests.Caching;

/// <summary>
/// What the framework's own tests ask of a distributed cache (set and get, expirations, sliding, refresh, removal, bad
/// arguments), and what is ours: leases that are not left behind.
/// </summary>
[Collection(ThreeNodes.Name)]
public sealed class DistributedCacheTests(ThreeNodes nodes)
{
    private static readonly byte[] Value = Encoding.UTF8.GetBytes("value");

    [Fact]
    public async Task What_is_set_is_got_by_all_and_a_removed_one_by_nobody()
    {
        RaftKvDistributedCache one = Create("basic/");
        RaftKvDistributedCache other = Create("basic/");
        Assert.Null(await one.GetAsync("missing"));
        Assert.Null(one.Get("missing"));

        await one.SetAsync("a", Value, new DistributedCacheEntryOptions());
        other.Set("", [], new DistributedCacheEntryOptions());

        Assert.Equal(Value, other.Get("a"));
        Assert.Empty((await one.GetAsync(""))!);
        await one.SetAsync("a", "other"u8.ToArray(), new DistributedCacheEntryOptions());
        Assert.Equal("other", await other.GetStringAsync("a"));
        other.Remove("a");
        await one.RemoveAsync("never there");
        Assert.Null(await one.GetAsync("a"));
        Assert.Null(await Create("elsewhere/").GetAsync(""));
    }

    [Fact]
    public async Task Buffers_are_written_and_read_without_arrays()
    {
        RaftKvDistributedCache cache = Create("buffers/");
        ReadOnlySequence<byte> value = new(Value);
        await cache.SetAsync("a", value, new DistributedCacheEntryOptions());
        cache.Set("b", value, new DistributedCacheEntryOptions());
        ArrayBufferWriter<byte> a = new();
        ArrayBufferWriter<byte> b = new();

        Assert.True(await cache.TryGetAsync("a", a));
        Assert.True(cache.TryGet("b", b));
        Assert.False(await cache.TryGetAsync("missing", a));

        Assert.Equal(Value, a.WrittenSpan.ToArray());
        Assert.Equal(Value, b.WrittenSpan.ToArray());
    }

    [Fact]
    public async Task An_absolute_expiration_ends_an_entry_at_the_cluster()
    {
        RaftKvDistributedCache cache = Create("absolute/");
        await cache.SetAsync(
            "relative", Value, new DistributedCacheEntryOptions { AbsoluteExpirationRelativeToNow = TimeSpan.FromSeconds(1) });
        await cache.SetAsync("stays", Value, new DistributedCacheEntryOptions { AbsoluteExpirationRelativeToNow = TimeSpan.FromHours(1) });

        await Until.TrueAsync(async () => await nodes.Client.GetAsync("absolute/relative") is null);

        Assert.Null(await cache.GetAsync("relative"));
        Assert.Equal(Value, await cache.GetAsync("stays"));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => cache.SetAsync(
            "past", Value, new DistributedCacheEntryOptions { AbsoluteExpiration = DateTimeOffset.UnixEpoch }));
    }

    [Fact]
    public async Task An_entry_is_over_by_the_reader_s_wall_clock_though_reading_it_had_renewed_it()
    {
        WallClock clock = new();
        RaftKvDistributedCache cache = new(nodes.Client, new RaftKvCacheOptions { Prefix = "wall/", TimeProvider = clock });
        await cache.SetAsync("a", Value, new DistributedCacheEntryOptions
        {
            AbsoluteExpiration = clock.GetUtcNow().AddHours(2),
            SlidingExpiration = TimeSpan.FromHours(1),
        });

        clock.Add(TimeSpan.FromMinutes(119));
        Assert.Equal(Value, await cache.GetAsync("a"));
        clock.Add(TimeSpan.FromMinutes(1));

        Assert.Null(await cache.GetAsync("a"));
    }

    [Fact]
    public async Task A_sliding_entry_lives_while_it_is_read_and_ends_when_it_is_not()
    {
        RaftKvDistributedCache cache = Create("sliding/");
        await cache.SetAsync("idle", Value, new DistributedCacheEntryOptions { SlidingExpiration = TimeSpan.FromSeconds(1) });
        await cache.SetAsync("used", Value, new DistributedCacheEntryOptions { SlidingExpiration = TimeSpan.FromHours(1) });
        TimeSpan? first = null;
        await Until.TrueAsync(async () => (first = (await LeaseOfAsync("sliding/used")).Remaining) < TimeSpan.FromMinutes(60));

        // Time only runs down, so that more is left says that it was renewed.
        await Until.TrueAsync(async () =>
        {
            await cache.RefreshAsync("used");
            return (await LeaseOfAsync("sliding/used")).Remaining > first;
        });
        Assert.Equal(Value, cache.Get("used"));

        await Until.TrueAsync(async () => await nodes.Client.GetAsync("sliding/idle") is null);
        Assert.Null(await cache.GetAsync("idle"));
    }

    [Fact]
    public async Task An_entry_that_is_overwritten_or_removed_leaves_no_lease_behind()
    {
        RaftKvDistributedCache cache = Create("leases/");
        string[] seen = new string[2];
        for (int i = 0; i < 2; i++)
        {
            await cache.SetAsync("a", Value, new DistributedCacheEntryOptions { SlidingExpiration = TimeSpan.FromHours(1) });
            seen[i] = (await LeaseOfAsync("leases/a")).Id;
        }

        Assert.Null(await nodes.Client.Leases.GetAsync(seen[0]));
        await cache.RemoveAsync("a");
        Assert.Null(await nodes.Client.Leases.GetAsync(seen[1]));
    }

    [Fact]
    public async Task A_lease_that_is_over_before_its_entry_is_written_is_made_again()
    {
        using LosingHandler way = new(nodes.Client);
        await using RaftKvClient client = nodes.CreateClient(o => o.HttpMessageHandler = way);
        RaftKvDistributedCache cache = new(client, new RaftKvCacheOptions { Prefix = "slow/" });

        await cache.SetAsync("a", Value, new DistributedCacheEntryOptions { SlidingExpiration = TimeSpan.FromHours(1) });

        Assert.Equal(1, way.LostCount);
        Assert.Equal(Value, await cache.GetAsync("a"));
    }

    [Fact]
    public async Task Null_is_refused_and_what_others_wrote_there_is_no_entry()
    {
        RaftKvDistributedCache cache = Create("bad/");
        await nodes.Client.PutAsync("bad/foreign", "no head");

        Assert.Null(await cache.GetAsync("foreign"));
        Assert.Throws<ArgumentNullException>(() => { _ = cache.SetAsync("a", null!, new DistributedCacheEntryOptions()); });
        await Assert.ThrowsAsync<ArgumentNullException>(() => cache.SetAsync(null!, Value, new DistributedCacheEntryOptions()));
        await Assert.ThrowsAsync<ArgumentNullException>(() => cache.SetAsync("a", Value, null!));
        await Assert.ThrowsAsync<ArgumentNullException>(() => cache.GetAsync(null!));
        Assert.Throws<ArgumentException>(() => new RaftKvCacheOptions { Prefix = "" });
        Assert.Throws<ArgumentOutOfRangeException>(() => new RaftKvCacheOptions { DefaultExpiration = TimeSpan.Zero });
    }

    [Fact]
    public async Task The_cache_goes_on_over_the_death_of_the_leader()
    {
        RaftKvDistributedCache cache = Create("failure/");
        await cache.SetAsync("before", Value, new DistributedCacheEntryOptions { SlidingExpiration = TimeSpan.FromHours(1) });

        await using (await nodes.KillLeaderAsync())
        {
            Assert.Equal(Value, await cache.GetAsync("before"));
            await cache.SetAsync("after", Value, new DistributedCacheEntryOptions());
            Assert.Equal(Value, await cache.GetAsync("after"));
        }
    }

    private RaftKvDistributedCache Create(string prefix) => new(nodes.Client, new RaftKvCacheOptions { Prefix = prefix });

    private async Task<LeaseInfo> LeaseOfAsync(string key) =>
        (await nodes.Client.Leases.GetAsync((await nodes.Client.GetAsync(key))!.Lease!))!;

    /// <summary>Ends the first lease that it sees granted, just before what hangs on it is written.</summary>
    private sealed class LosingHandler(RaftKvClient other) : DelegatingHandler(new SocketsHttpHandler())
    {
        private string? _lease;

        internal int LostCount { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            string path = request.RequestUri!.AbsolutePath;
            if (path.EndsWith("/txn", StringComparison.Ordinal) && LostCount == 0 && _lease is { } lease)
            {
                LostCount++;
                await other.Leases.RevokeAsync(lease, cancellationToken);
            }

            HttpResponseMessage answer = await base.SendAsync(request, cancellationToken);
            if (path.EndsWith("/leases", StringComparison.Ordinal) && answer.IsSuccessStatusCode)
            {
                await answer.Content.LoadIntoBufferAsync(cancellationToken);
                using JsonDocument body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(cancellationToken));
                _lease = body.RootElement.GetProperty("id").GetString();
            }

            return answer;
        }
    }

    private sealed class WallClock : TimeProvider
    {
        private DateTimeOffset _now = DateTimeOffset.UnixEpoch.AddYears(60);

        public override DateTimeOffset GetUtcNow() => _now;

        internal void Add(TimeSpan span) => _now += span;
    }
}
