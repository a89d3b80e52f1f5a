using Microsoft.Extensions.Configuration;
using RaftKv.Client;
using RaftKv.Client.Configuration;
using RaftKv.Tests.Client.Fakes;
using RaftKv.Tests.Support;

namespace RaftKv.Tests.Client;

/// <summary>The cached prefix, and configuration on top of it.</summary>
public sealed class PrefixCacheTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly string _directory = Directory.CreateTempSubdirectory("raftkv-cache-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_cache_follows_puts_and_deletes_and_compaction_and_never_shows_a_mixture()
    {
        FakeRaftKv fake = new();
        fake.Put("app/a", "1");
        fake.Put("app/b", "1");
        using RaftKvClient client = fake.Client("n1", "n2");
        await using PrefixCache cache = await client.CacheAsync(RaftKvRange.Prefix("app/"));
        Assert.Equal("1", cache["app/a"]?.GetString());
        Assert.Null(cache["app/missing"]);

        TxnResult both = await client.Txn().Then(Op.Put("app/a", "2"), Op.Put("app/c", "2"), Op.Delete("app/b")).CommitAsync();
        await cache.WaitForRevisionAsync(both.Revision).WaitAsync(Patience);
        IReadOnlyDictionary<RaftKvKey, KeyValueEntry> state = cache.Entries;
        Assert.Equal(["app/a", "app/c"], state.Keys.Select(static key => key.ToString()));

        fake.Kill("n1");
        fake.Kill("n2");
        fake.Delete("app/a");
        fake.Put("app/d", "3");
        lock (fake.Store.Gate)
        {
            fake.Store.Compact(fake.Store.Revision);
        }

        Assert.Equal("2", cache["app/a"]?.GetString());
        fake.Revive("n2");
        await cache.WaitForRevisionAsync(fake.Store.Revision).WaitAsync(Patience);

        Assert.Equal(["app/c", "app/d"], cache.Entries.Keys.Select(static key => key.ToString()));
        Assert.Equal(["app/a", "app/c"], state.Keys.Select(static key => key.ToString()));
    }

    [Fact]
    public async Task A_cache_stays_readable_while_the_cluster_is_away_and_tells_its_age()
    {
        ManualTimeProvider time = new();
        FakeRaftKv fake = new(time);
        fake.Put("app/a", "1");
        using RaftKvClient client = fake.Client();
        await using PrefixCache cache = await client.CacheAsync(RaftKvRange.Prefix("app/"));
        Assert.True(cache.IsConnected);
        Assert.Equal(TimeSpan.Zero, cache.SinceHeard);

        fake.Kill("n1");
        await Eventually.TrueAsync(() => !cache.IsConnected);
        time.Advance(TimeSpan.FromMilliseconds(17));

        Assert.Equal(("1", TimeSpan.FromMilliseconds(17)), (cache["app/a"]?.GetString(), cache.SinceHeard));
    }

    [Fact]
    public async Task Listeners_hear_of_changes_and_one_that_throws_ends_nothing()
    {
        FakeRaftKv fake = new();
        using RaftKvClient client = fake.Client();
        await using PrefixCache cache = await client.CacheAsync(RaftKvRange.Prefix("app/"));
        TaskCompletionSource<long> heard = new(TaskCreationOptions.RunContinuationsAsynchronously);
        cache.Changed += static _ => throw new InvalidOperationException("A listener's own fault.");
        fake.Put("app/a", "1");
        await cache.WaitForRevisionAsync(2).WaitAsync(Patience);
        cache.Changed += changed => heard.TrySetResult(changed.Revision);
        fake.Put("app/a", "2");

        await cache.WaitForRevisionAsync(3).WaitAsync(Patience);
        Assert.Equal("2", cache["app/a"]?.GetString());
    }

    [Fact]
    public async Task A_refused_watch_is_told_to_who_waits()
    {
        FakeRaftKv fake = new() { Script = static _ => FakeJson.Problem(403, "forbidden") };
        using RaftKvClient client = fake.Client();

        await Assert.ThrowsAsync<RaftKvRequestException>(() => client.CacheAsync(RaftKvRange.Prefix("app/")));
    }

    [Fact]
    public async Task Settings_reload_when_keys_change_and_deleted_ones_go()
    {
        FakeRaftKv fake = new();
        fake.Put("config/Logging/Level", "Warning");
        fake.Put("config/Name", "shop");
        IConfigurationRoot root = Build(fake);
        using var _ = (IDisposable)root;
        Assert.Equal(("Warning", "shop"), (root["Logging:Level"], root["name"]));

        await ReloadAsync(root, () => fake.Put("config/Logging/Level", "Debug"));
        Assert.Equal("Debug", root["Logging:Level"]);
        await ReloadAsync(root, () => fake.Delete("config/Name"));

        Assert.Null(root["Name"]);
    }

    [Fact]
    public async Task A_start_without_the_cluster_takes_the_last_known_values_and_then_the_cluster_s()
    {
        string file = Path.Combine(_directory, "settings.json");
        FakeRaftKv fake = new();
        fake.Put("config/A", "1");
        fake.Put("config/Gone", "x");
        ((IDisposable)Build(fake, file)).Dispose();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, OperatingSystem.IsWindows() ? (UnixFileMode)384 : File.GetUnixFileMode(file));
        fake.Delete("config/Gone");
        fake.Kill("n1");

        IConfigurationRoot root = Build(fake, file);
        using var _ = (IDisposable)root;
        Assert.Equal(("1", "x"), (root["A"], root["Gone"]));
        await ReloadAsync(root, () => fake.Revive("n1"));

        Assert.Equal(("1", null), (root["A"], root["Gone"]));
        Assert.Equal("""{"A":"1"}""", await File.ReadAllTextAsync(file));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_start_without_the_cluster_and_without_values_fails_unless_it_is_optional(bool isOptional)
    {
        FakeRaftKv fake = new();
        fake.Kill("n1");
        string file = Path.Combine(_directory, "broken.json");
        File.WriteAllText(file, "{ no json");

        if (isOptional)
        {
            Assert.Empty(Build(fake, file, isOptional).AsEnumerable());
        }
        else
        {
            var e = Assert.Throws<InvalidOperationException>(() => Build(fake, file));
            Assert.Contains("no last known values", e.Message, StringComparison.Ordinal);
        }
    }

    private static IConfigurationRoot Build(FakeRaftKv fake, string? file = null, bool isOptional = false) =>
        new ConfigurationBuilder().AddRaftKv(options =>
        {
            options.Endpoints = [new Uri("http://n1/")];
            options.Prefix = "config/";
            options.CacheFile = file;
            options.IsOptional = isOptional;

            // With a cluster the first state comes at once; without one this is the whole of the wait.
            options.LoadTimeout = fake.IsDead("n1") ? TimeSpan.FromMilliseconds(50) : TimeSpan.FromSeconds(20);
            options.ConfigureClient = client => client.HttpMessageHandler = fake;
        }).Build();

    private static async Task ReloadAsync(IConfigurationRoot root, Action change)
    {
        TaskCompletionSource reloaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using IDisposable registration = root.GetReloadToken().RegisterChangeCallback(_ => reloaded.SetResult(), null);
        change();
        await reloaded.Task.WaitAsync(Patience);
    }
}
