using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using RaftKv.Client;
using RaftKv.Client.AspNetCore;
using RaftKv.Client.Configuration;
using RaftKv.Client.Testing;
using RaftKv.Tests.Client.Fakes;
using static RaftKv.Client.Compare;
using RaftKv.Tests.Support;

namespace RaftKv.Tests.Client;

/// <summary>The code in the client's README is the code below, which compiles and runs.</summary>
public sealed partial class ReadmeTests
{
    [Fact]
    public void Every_block_of_the_readme_is_compiled_here()
    {
        string root = FindRoot();
        string source = Normalize(File.ReadAllText(Path.Combine(root, "tests/RaftKv.Tests/Client/ReadmeTests.cs")));
        MatchCollection blocks = CodeBlock().Matches(File.ReadAllText(Path.Combine(root, "src/RaftKv.Client/README.md")));

        Assert.NotEmpty(blocks);
        foreach (Match block in blocks)
        {
            Assert.Contains(Normalize(block.Groups[1].Value), source, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_tour_runs()
    {
        using StubNode node = StubNode.Computing(static request => request switch
        {
            { Method: "PUT" } => new StubReply(201, """{"key":"app/flag","createRevision":2,"modRevision":2,"version":1,"lease":null}"""),
            { Target: "/api/v1/txn" } => StubReply.Ok("""{"succeeded":true,"revision":3,"responses":[]}"""),
            { Target: "/api/v1/counters/visits" } => StubReply.Ok("""{"value":1,"revision":4}"""),
            { Target: "/api/v1/kv/settings" } => StubReply.Problem(404, "key-not-found", "no"),
            { Target: var target } when target.StartsWith("/api/v1/kv?", StringComparison.Ordinal) => StubReply.Ok("""{"items":[],"hasMore":false}"""),
            _ => StubReply.Entry("app/flag", "on", 2),
        });
        using RaftKvClient client = ClientFixture.Client(node.Endpoint);

        await TourAsync(client);

        Assert.Equal(14, node.Requests.Count);
    }

    [Fact]
    public void The_client_is_made_as_the_readme_says()
    {
        ServiceCollection services = new();
        MakeAndRegister(services);

        using ServiceProvider provider = services.BuildServiceProvider();
        Assert.NotNull(provider.GetRequiredService<RaftKvClient>());
    }

    private static void MakeAndRegister(ServiceCollection services)
    {
        using var client = new RaftKvClient("http://n1:2379", "http://n2:2379", "http://n3:2379");

        services.AddRaftKvClient(o =>
        {
            o.Endpoints = [new("http://n1:2379"), new("http://n2:2379"), new("http://n3:2379")];
            o.Timeout = TimeSpan.FromSeconds(5);
        });

        services.AddTransient<RaftKvTokenHandler>();
        services.AddHttpClient("orders").AddHttpMessageHandler<RaftKvTokenHandler>();
    }

    // Compiled only: its files are nowhere.
    private static void MakeSecured()
    {
        using var secured = new RaftKvClient(new RaftKvClientOptions
        {
            Endpoints = [new("https://n1:2379"), new("https://n2:2379"), new("https://n3:2379")],
            Tls = new() { CaFile = "ca.crt", CertificateFile = "ada.crt", KeyFile = "ada.key" },
        });
    }

    private static async Task TourAsync(RaftKvClient client)
    {
        PutResult put = await client.PutAsync("app/flag", "on");
        KeyValueEntry? entry = await client.GetAsync("app/flag");          // null when missing
        string? text = await client.GetStringAsync("app/flag");

        // Compare-and-set: the key must still be as it was read.
        CompareAndSetResult set = await client.TryCompareAndSetAsync("app/flag", Precondition.Unchanged(entry), "off");
        Console.WriteLine(set.Succeeded ? $"now at revision {set.ModRevision}" : "somebody was faster");

        // The same as a loop, for a value in JSON: no update is lost.
        await client.UpdateAsync("settings", s => s with { Limit = s.Limit + 1 }, AppJson.Default.Settings);

        IncrementResult visits = await client.IncrementAsync("visits");

        await foreach (KeyValueEntry pair in client.RangeAsync(RaftKvRange.Prefix("app/")))
        {
            Console.WriteLine($"{pair.Key} = {pair.GetString()}");
        }

        TxnResult txn = await client.Txn()
            .When(Key("stock/7").Value == "1", Key("orders/1").IsMissing)
            .Then(Op.Put("stock/7", "0"), Op.Put("orders/1", "sold"))
            .Else(Op.Get("stock/7"))
            .CommitAsync();

        var fresh = new ReadOptions { Level = ReadLevel.Bounded, MaxStaleness = TimeSpan.FromMilliseconds(500) };
        GetResult read = await client.TryGetAsync("app/flag", fresh);
        Console.WriteLine($"{read.Metadata.ServedBy} served {read.Metadata.Consistency}, at most {read.Metadata.StalenessMs} ms old");

        RaftKvSession session = client.BeginSession();
        await session.PutAsync("profile/7", "new");
        KeyValueEntry? own = await session.GetAsync("profile/7");                        // the new one, on any node
        KeyValueEntry? cheap = await session.GetAsync("profile/8", ReadLevel.Eventual);  // a level for one call
        RaftKvSession elsewhere = client.BeginSession(token: session.Token);

        try
        {
            await client.PutAsync("app/flag", "on");
        }
        catch (RaftKvOutcomeUnknownException)
        {
            // It may or may not be there: read before you repeat it, or write it as compare-and-set.
        }
        catch (RaftKvException e) when (e.Outcome == Outcome.NotApplied)
        {
            // Surely not there; e.Code says why.
        }

        Assert.Equal(elsewhere.Token, session.Token);
        Assert.NotNull(own);
        Assert.NotNull(cheap);
        Assert.Equal((2L, "on", 1L, true), (put.ModRevision, text, visits.Value, txn.Succeeded));
    }

    [Fact]
    public async Task The_tour_of_coordination_runs()
    {
        FakeRaftKv fake = new();
        fake.Put("flags/new-ui", "on");
        using RaftKvClient client = fake.Client();
        using CancellationTokenSource stop = new();

        Task watching = WatchAsync(client, stop.Token);
        await CoordinateAsync(client, stop.Token);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watching);
        Assert.Equal("shipped", fake.Get("orders/42/state"));
        using Billing billing = new(client);
        await billing.StartAsync(default);
        await Eventually.TrueAsync(() => billing.IsLeader);
        await billing.StopAsync(default);
    }

    [Fact]
    public void An_application_is_made_as_the_readme_says()
    {
        ServiceCollection services = new();
        services.AddLogging();
        services.AddSingleton(new FakeRaftKv().Client());
        ConfigurationBuilder configuration = new();
        Integrate(services, configuration);

        using ServiceProvider provider = services.BuildServiceProvider();
        Assert.NotNull(provider.GetRequiredService<HealthCheckService>());
        Assert.Single(configuration.Sources);
    }

    private static async Task WatchAsync(RaftKvClient client, CancellationToken stop)
    {
        await foreach (WatchEvent change in client.WatchAsync(RaftKvRange.Prefix("app/"), cancellationToken: stop))
        {
            Console.WriteLine($"{change.Revision}: {change.Type} {change.Key} {change.Entry.GetString()}");
        }
    }

    private static async Task CoordinateAsync(RaftKvClient client, CancellationToken stop)
    {
        await using PrefixCache flags = await client.CacheAsync(RaftKvRange.Prefix("flags/"));
        bool isOn = flags["flags/new-ui"]?.GetString() == "on";
        Console.WriteLine($"{isOn}, heard of {flags.SinceHeard} ago");

        await using (LockHandle handle = await client.Locks.AcquireAsync("orders/42", TimeSpan.FromSeconds(10), stop))
        {
            await WorkAsync(handle.LostToken);
            await client.PutAsync("orders/42/state", "shipped", new WriteOptions { Fence = handle.Fence });
        }

        await using LeaseKeeper lease = await client.Leases.KeepAsync(TimeSpan.FromSeconds(10));
        await client.PutAsync("services/api/1", "10.0.0.7", new WriteOptions { Lease = lease.Id });   // goes when this process goes

        WorkQueue queue = new(client, "queues/mail", claimTtl: TimeSpan.FromSeconds(30));
        await queue.EnqueueAsync("welcome:7");

        await using WorkItem item = await queue.ClaimAsync(stop);
        await WorkAsync(item.LostToken);
        await item.CompleteAsync();
    }

    private static void Integrate(IServiceCollection services, IConfigurationBuilder configuration)
    {
        configuration.AddRaftKv(o =>
        {
            o.Endpoints = [new("http://n1:2379"), new("http://n2:2379")];
            o.Prefix = "config/shop/";
            o.CacheFile = "/var/lib/shop/settings.json";
        });

        services.AddHealthChecks().AddRaftKv();
        services.AddDataProtection().SetApplicationName("shop").PersistKeysToRaftKv("data-protection/shop");
    }

    /// <summary>Run as a whole by <see cref="TestClusterTests"/>; here it only compiles.</summary>
    private static async Task UseTestClusterAsync()
    {
        await using RaftKvTestCluster cluster = await RaftKvTestCluster.StartAsync(new TestClusterOptions { Nodes = 3 });
        await using RaftKvClient tester = cluster.CreateClient();
        await cluster.KillAsync(0);      // a power cut
        await cluster.RestartAsync(0);
    }

    private static Task WorkAsync(CancellationToken lost)
    {
        lost.ThrowIfCancellationRequested();
        return Task.CompletedTask;
    }

    private static Task BillNextAsync(Fence fence, CancellationToken lost)
    {
        Assert.Equal("billing", fence.Name);
        return Task.Delay(Timeout.InfiniteTimeSpan, lost);
    }

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "RaftKv.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("RaftKv.sln is in no folder above the tests.");
    }

    private static string Normalize(string code) =>
        string.Join('\n', code.Split('\n').Select(static line => line.Trim()).Where(static line => line.Length > 0));

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    internal readonly record struct Settings(int Limit);

    internal sealed class Billing(RaftKvClient client) : LeaderBackgroundService(client, new LeaderOptions { Election = "billing" })
    {
        protected override async Task ExecuteAsLeaderAsync(Leadership leadership, CancellationToken lost)
        {
            while (!lost.IsCancellationRequested)
            {
                await BillNextAsync(leadership.Fence, lost);
            }
        }
    }

    [JsonSerializable(typeof(Settings))]
    internal sealed partial class AppJson : JsonSerializerContext;
}
