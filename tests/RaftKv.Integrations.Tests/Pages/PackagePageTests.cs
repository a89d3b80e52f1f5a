using System.Security.Cryptography.X509Certificates;
using System.Threading.RateLimiting;
using Medallion.Threading;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Polly;
using Quartz;
using RaftKv.BackgroundWork;
using RaftKv.Caching;
using RaftKv.Client;
using RaftKv.Client.AspNetCore;
using RaftKv.Client.Testing;
using RaftKv.Client.Testing.InMemory;
using RaftKv.Contract;
using RaftKv.DistributedLock;
using RaftKv.Quartz;
using RaftKv.RateLimiting;
using RaftKv.Resilience;
using RaftKv.Tests.Support;

namespace RaftKv.Integrations.Tests.Pages;

/// <summary>The code of the packages' pages is the code below, which compiles; what other tests run as a whole is not run again.</summary>
public sealed class PackagePageTests
{
    [Theory]
    [InlineData("docs/dotnet/application.md")]
    [InlineData("docs/dotnet/caching.md")]
    [InlineData("docs/dotnet/client.md")]
    [InlineData("docs/dotnet/distributedlock.md")]
    [InlineData("src/Integrations/RaftKv.BackgroundWork/README.md")]
    [InlineData("src/Integrations/RaftKv.Caching/README.md")]
    [InlineData("src/Integrations/RaftKv.DistributedLock/README.md")]
    [InlineData("src/Integrations/RaftKv.Quartz/README.md")]
    [InlineData("src/Integrations/RaftKv.RateLimiting/README.md")]
    [InlineData("src/Integrations/RaftKv.Resilience/README.md")]
    [InlineData("src/RaftKv.Client.AspNetCore/README.md")]
    [InlineData("src/RaftKv.Client.Testing/README.md")]
    [InlineData("src/RaftKv.Contract/README.md")]
    public void Every_block_of_a_page_is_compiled_here(string page) => Assert.Empty(PageCode.MissingHere(page));

    [Fact]
    public void Code_that_is_elsewhere_is_noticed()
    {
        const string Page = "```csharp\na();\n\n    b();\n```\n";

        Assert.Equal(["b();"], PageCode.Missing(Page, "  a();\nc();"));
        Assert.Empty(PageCode.Missing(Page, "b();\na();"));
        Assert.NotEmpty(PageCode.Missing("no code", "a();"));
    }

    [Fact]
    public async Task The_double_does_what_its_pages_say()
    {
        await UseDoubleAsync();
        await UseDoubleAsync(new Saver());
        await UseDoubleAsync(TimeProvider.System, TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task The_retry_of_the_page_repeats_what_was_not_applied()
    {
        InMemoryKv client = new();
        client.FailNextWrite(isApplied: false);

        await RetryAsync(client);

        Assert.Equal("paid", await client.GetStringAsync("orders/42"));
    }

    private static async Task UseDoubleAsync()
    {
        InMemoryKv kv = new();
        kv.FailNextWrite(isApplied: true);
        await Assert.ThrowsAsync<RaftKvOutcomeUnknownException>(() => kv.PutAsync("app/flag", "on"));
        Assert.Equal("on", await kv.GetStringAsync("app/flag"));

        LockHandle handle = await kv.Locks.AcquireAsync("orders/42", TimeSpan.FromSeconds(10));
        kv.EndLease(handle.LeaseId);     // the holder is dead
    }

    private static async Task UseDoubleAsync(Saver service)
    {
        InMemoryKv kv = new();
        kv.FailNextWrite(isApplied: true);                                   // the hard case: applied, and the caller does not know
        await Assert.ThrowsAsync<RaftKvOutcomeUnknownException>(() => service.SaveAsync(kv));
        Assert.Equal("1", await kv.GetStringAsync("a"));
    }

    private static async Task UseDoubleAsync(TimeProvider time, TimeSpan ttl)
    {
        InMemoryKv kv = new(time);                                           // a TimeProvider of the test's
        LockHandle first = await kv.Locks.AcquireAsync("orders/42", ttl);
        kv.EndLease(first.LeaseId);                                          // its holder died
        await Assert.ThrowsAsync<RaftKvPreconditionException>(() => kv.PutAsync("a", "1", new() { Fence = first.Fence }));
    }

    private static async Task RetryAsync(InMemoryKv client)
    {
        ResiliencePipeline pipeline = new ResiliencePipelineBuilder().AddRaftKvRetry(new RaftKvRetryOptions
        {
            FindOutcome = async (e, stop) => await client.GetAsync("orders/42", cancellationToken: stop) is null
                ? RaftKv.Client.Outcome.NotApplied : RaftKv.Client.Outcome.Applied,
        }).Build();
        await pipeline.ExecuteAsync(async stop => await client.PutAsync("orders/42", "paid", cancellationToken: stop));
    }

    private static async Task UseTestClusterAsync()
    {
        await using RaftKvTestCluster cluster = await RaftKvTestCluster.StartAsync(new TestClusterOptions { Nodes = 3 });
        await using RaftKvClient client = cluster.CreateClient();
        await client.PutAsync("app/flag", "on");
        await cluster.KillAsync(0);      // a power cut
    }

    private static void Register(IServiceCollection services, X509Certificate2 certificate)
    {
        services.AddDataProtection().SetApplicationName("shop")
            .PersistKeysToRaftKv("data-protection/shop").ProtectKeysWithCertificate(certificate);

        services.AddRaftKvDistributedCache(new RaftKvCacheOptions { Prefix = "cache/shop/" });   // IDistributedCache
        services.AddRaftKvHybridCache(new RaftKvCacheOptions { Prefix = "cache/shop/" });        // HybridCache, on top of it

        services.AddRaftKvClient(o => o.Endpoints = [new("http://n1:2379"), new("http://n2:2379"), new("http://n3:2379")]);
        services.AddRaftKvDistributedLocks(new RaftKvDistributedLockOptions { Prefix = "shop/" });

        services.AddRaftKvClient(o => o.Endpoints = [new("http://n1:2379"), new("http://n2:2379"), new("http://n3:2379")]);
        services.AddQuartz(q => q.AddTriggerListener(provider => new RaftKvFireOnceListener(provider.GetRequiredService<RaftKvClient>())));
    }

    private static void Build(WebApplicationBuilder builder)
    {
        builder.Services.AddRaftKvClient(o => o.Endpoints = [new("http://n1:2379"), new("http://n2:2379"), new("http://n3:2379")]);
        builder.Services.AddRaftKvHybridCache(new RaftKvCacheOptions { Prefix = "cache/shop/" });

        builder.Services.AddRaftKvClient(o => o.Endpoints = [new("http://n1:2379"), new("http://n2:2379"), new("http://n3:2379")]);
        builder.Services.AddRaftKvDistributedLocks(new RaftKvDistributedLockOptions { Prefix = "shop/" });

        builder.Services.AddRaftKvClient(o => o.Endpoints = [new("http://n1:2379"), new("http://n2:2379"), new("http://n3:2379")]);
        builder.Services.AddDataProtection().PersistKeysToRaftKv("data-protection/shop");
    }

    private static void Use(WebApplication app)
    {
        app.UseRaftKvCausality();
    }

    private static void Ask(HttpRequestMessage request)
    {
        request.Headers.Add(HeaderNames.Consistency, ReadLevelNames.Bounded);
        request.Headers.Add(HeaderNames.MaxStaleness, "500ms");
    }

    private static async Task<Price> PriceAsync(HybridCache cache)
    {
        Price price = await cache.GetOrCreateAsync("price/42", async stop => await LoadPriceAsync(42, stop));
        return price;
    }

    private static async Task LimitAsync(RaftKvClient client)
    {
        await using RaftKvRateLimiter limiter = new(client, "payments", new() { PermitLimit = 100, Window = TimeSpan.FromSeconds(1) });
        using RateLimitLease lease = await limiter.AcquireAsync();
        if (lease.IsAcquired)
        {
            await PayAsync();
        }
    }

    private static Task<Price> LoadPriceAsync(int number, CancellationToken stop) =>
        stop.IsCancellationRequested ? Task.FromCanceled<Price>(stop) : Task.FromResult(new Price(number));

    private static Task PayAsync() => Task.CompletedTask;

    private static Task PackAsync(CancellationToken lost) => Task.Delay(TimeSpan.Zero, lost);

    private static Task MailNextAsync(int shard, Fence fence, CancellationToken lost) =>
        shard < 0 || fence.Name.Length == 0 ? Task.FromCanceled(lost) : Task.Delay(TimeSpan.Zero, lost);

    private sealed record Price(int Cents);

    private sealed class Saver
    {
        private readonly string _value = "1";

        public Task SaveAsync(InMemoryKv kv) => kv.PutAsync("a", _value);
    }

    internal sealed class Mailer(RaftKvClient client)
        : ShardedBackgroundService(client, new ShardingOptions { Group = "mail", ShardCount = 64 })
    {
        protected override async Task ExecuteShardAsync(Shard shard, CancellationToken lost)
        {
            while (!lost.IsCancellationRequested)
            {
                await MailNextAsync(shard.Index, shard.Fence, lost);
            }
        }
    }

    internal sealed class Shipping(IDistributedLockProvider locks, RaftKvClient client)
    {
        public async Task ShipAsync(CancellationToken stop)
        {
            await using IDistributedSynchronizationHandle handle = await locks.AcquireLockAsync("orders/42", cancellationToken: stop);
            await PackAsync(handle.HandleLostToken);
            Fence fence = ((RaftKvDistributedLockHandle)handle).Fence;
            await client.PutAsync("orders/42/state", "shipped", new WriteOptions { Fence = fence }, handle.HandleLostToken);
        }
    }
}
