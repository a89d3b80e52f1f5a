using System.Text;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using RaftKv.Caching;
using RaftKv.Client;
using RaftKv.Integrations.Tests.Support;

namespace RaftKv.Integrations.Tests.Caching;

/// <summary>Copies that a watch keeps true, by themselves and below the hybrid cache.</summary>
[Collection(ThreeNodes.Name)]
public sealed class NearCopyTests(ThreeNodes nodes)
{
    private static readonly DistributedCacheEntryOptions Hour = new() { AbsoluteExpirationRelativeToNow = TimeSpan.FromHours(1) };

    [Fact]
    public async Task A_copy_costs_no_call_and_goes_when_another_process_writes_or_removes_or_the_entry_expires()
    {
        await using RaftKvDistributedCache cache = Create("near/a/");
        await using RaftKvDistributedCache other = Create("near/a/");
        await Until.TrueAsync(() => cache.Near!.IsCurrent);
        await other.SetAsync("k", "1"u8.ToArray(), Hour);
        await Until.TrueAsync(async () => await CopyOfAsync(cache, "k") == "1");

        await other.SetAsync("k", "2"u8.ToArray(), Hour);
        await Until.TrueAsync(async () => await CopyOfAsync(cache, "k") == "2");
        await other.RemoveAsync("k");
        await Until.TrueAsync(async () => await cache.GetAsync("k") is null);

        await other.SetAsync(
            "k", "3"u8.ToArray(), new DistributedCacheEntryOptions { AbsoluteExpirationRelativeToNow = TimeSpan.FromSeconds(1) });
        await Until.TrueAsync(async () => await cache.GetAsync("k") is null);
        await Until.TrueAsync(() => cache.Near!.Find("k") is null);
    }

    [Fact]
    public async Task One_s_own_writes_are_seen_at_once()
    {
        await using RaftKvDistributedCache cache = Create("near/own/");
        await Until.TrueAsync(() => cache.Near!.IsCurrent);
        for (int i = 0; i < 20; i++)
        {
            await cache.SetAsync("k", [(byte)i], Hour);
            Assert.Equal((byte)i, Assert.Single((await cache.GetAsync("k"))!));
            Assert.Equal((byte)i, Assert.Single((await cache.GetAsync("k"))!));
        }

        await cache.RemoveAsync("k");
        Assert.Null(await cache.GetAsync("k"));
    }

    [Fact]
    public async Task A_copy_that_was_read_before_a_change_and_offered_after_it_is_not_kept()
    {
        await using RaftKvDistributedCache cache = Create("near/late/");
        await Until.TrueAsync(() => cache.Near!.IsCurrent);
        await cache.SetAsync("k", "old"u8.ToArray(), Hour);
        GetResult old = await nodes.Client.TryGetAsync("near/late/k");
        PutResult written = await nodes.Client.PutAsync("near/late/k", old.Entry!.Value);
        cache.Near!.Changed("k", written.ModRevision);

        cache.Near.Offer("k", new NearCopy(old.Entry, default, 0), old.Metadata.Revision);
        Assert.Null(cache.Near.Find("k"));

        cache.Near.Offer("k", new NearCopy(old.Entry, default, 0), written.ModRevision);
        Assert.NotNull(cache.Near.Find("k"));
    }

    [Fact]
    public async Task Copies_are_not_served_while_no_node_streams_changes()
    {
        using CuttableHandler way = new();
        await using RaftKvClient client = nodes.CreateClient(o => o.HttpMessageHandler = way);
        await using RaftKvDistributedCache cache = new(client, new RaftKvCacheOptions { Prefix = "near/cut/", NearCopyBytes = 1 << 20 });
        await Until.TrueAsync(() => cache.Near!.IsCurrent);
        await cache.SetAsync("k", "1"u8.ToArray(), Hour);
        await Until.TrueAsync(async () => await CopyOfAsync(cache, "k") == "1");

        way.Cut();

        await Until.TrueAsync(() => !cache.Near!.IsCurrent);
        Assert.Null(cache.Near!.Find("k"));
    }

    [Fact]
    public async Task The_hybrid_cache_makes_a_value_once_and_shows_what_another_process_wrote()
    {
        await using ServiceProvider here = Host();
        await using ServiceProvider there = Host();
        var cache = here.GetRequiredService<HybridCache>();
        var other = there.GetRequiredService<HybridCache>();
        await Until.TrueAsync(() => here.GetRequiredService<RaftKvDistributedCache>().Near!.IsCurrent);
        int made = 0;
        var allAsk = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        async ValueTask<string> Make(CancellationToken stop)
        {
            // Who asks after the value is made, and before the second level has it, makes it anew.
            await allAsk.Task.WaitAsync(stop);
            return "made " + Interlocked.Increment(ref made);
        }

        Task<string>[] asked = [.. Enumerable.Range(0, 10).Select(_ => cache.GetOrCreateAsync("price", Make).AsTask())];
        allAsk.SetResult();
        Assert.Equal("made 1", Assert.Single((await Task.WhenAll(asked)).Distinct()));

        // The hybrid cache answers before it has written to its second level.
        await Until.TrueAsync(async () => await nodes.Client.GetAsync("near/hybrid/price") is not null);
        Assert.Equal("made 1", await other.GetOrCreateAsync("price", Make));

        await other.SetAsync("price", "written there");
        await Until.TrueAsync(async () => await cache.GetOrCreateAsync("price", Make) == "written there");
        await other.RemoveAsync("price");
        await Until.TrueAsync(async () => await cache.GetOrCreateAsync("price", Make) == "made 2");
        Assert.Equal(2, made);
    }

    private static async Task<string?> CopyOfAsync(RaftKvDistributedCache cache, string key)
    {
        await cache.GetAsync(key);
        return cache.Near!.Find(key) is { } copy ? Encoding.UTF8.GetString(copy.Entry.Value.Span[EntryLife.HeadBytes..]) : null;
    }

    private RaftKvDistributedCache Create(string prefix) =>
        new(nodes.Client, new RaftKvCacheOptions { Prefix = prefix, NearCopyBytes = 1 << 20 });

    private ServiceProvider Host()
    {
        ServiceCollection services = new();
        services.AddRaftKvClient(o => o.Endpoints = nodes.Cluster.Endpoints);
        services.AddRaftKvHybridCache(new RaftKvCacheOptions { Prefix = "near/hybrid/" });
        return services.BuildServiceProvider();
    }
}
