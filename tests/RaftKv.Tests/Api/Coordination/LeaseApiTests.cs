using System.Net;
using System.Text.Json;
using RaftKv.Tests.Watch;

namespace RaftKv.Tests.Api.Coordination;

/// <summary>Leases through the REST door.</summary>
public sealed class LeaseApiTests : IAsyncLifetime
{
    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_lease_is_granted_shown_kept_alive_and_revoked_with_its_keys()
    {
        HttpResponseMessage granted = await _host.PostAsync("/api/v1/leases", """{"ttl":"1500ms","id":"00000000000000FF"}""");
        Assert.Equal(HttpStatusCode.Created, granted.StatusCode);
        JsonElement lease = await granted.JsonAsync();
        Assert.Equal(("ff", 1500L, 1500L), (lease.GetProperty("id").GetString(), Number(lease, "ttlMs"), Number(lease, "remainingMs")));

        Assert.Equal(HttpStatusCode.Created, (await _host.SendAsync("PUT", "/api/v1/kv/a?lease=ff", "1")).StatusCode);
        await _host.SendAsync("PUT", "/api/v1/kv/b?lease=ff", "1");
        JsonElement shown = await (await _host.SendAsync("GET", "/api/v1/leases/ff")).JsonAsync();
        Assert.Equal(["a", "b"], shown.GetProperty("keys").EnumerateArray().Select(k => k.GetProperty("key").GetString()));
        Assert.Equal(1500, Number(shown, "remainingMs"));
        JsonElement kept = await (await _host.SendAsync("POST", "/api/v1/leases/ff/keepalive")).JsonAsync();
        Assert.Equal(("ff", 1500L), (kept.GetProperty("id").GetString(), Number(kept, "remainingMs")));

        await using WatchClient watch = await WatchClient.OpenAsync(_host.Client, "prefix=&startRevision=4&timeout=200ms");
        JsonElement ended = await (await _host.SendAsync("DELETE", "/api/v1/leases/ff")).JsonAsync();
        Assert.Equal((2L, 4L), (Number(ended, "deletedKeys"), Number(ended, "revision")));
        JsonElement poll = await (await _host.SendAsync(
            "GET", "/api/v1/watch?prefix=&startRevision=4", headers: ("Accept", "application/json"))).JsonAsync();
        Assert.Equal(["revoked", "revoked"], poll.GetProperty("events").EnumerateArray().Select(e => e.GetProperty("reason").GetString()));
        Assert.Equal(HttpStatusCode.NotFound, (await _host.SendAsync("GET", "/api/v1/kv/a")).StatusCode);
        foreach ((string method, string path) in ((string, string)[])
            [("GET", "leases/ff"), ("DELETE", "leases/ff"), ("POST", "leases/ff/keepalive"), ("PUT", "kv/c?lease=ff")])
        {
            await (await _host.SendAsync(method, "/api/v1/" + path, method == "PUT" ? "x" : null)).ProblemAsync(404, "lease-not-found");
        }
    }

    [Fact]
    public async Task A_taken_id_is_refused_and_no_id_gives_a_new_one_each_time()
    {
        await _host.PostAsync("/api/v1/leases", """{"ttl":"15s","id":"7"}""");
        await (await _host.PostAsync("/api/v1/leases", """{"ttl":"15s","id":"7"}""")).ProblemAsync(409, "lease-exists");
        string? one = (await (await _host.PostAsync("/api/v1/leases", """{"ttl":"15s"}""")).JsonAsync()).GetProperty("id").GetString();
        string? two = (await (await _host.PostAsync("/api/v1/leases", """{"ttl":"9000000000s"}""")).JsonAsync()).GetProperty("id").GetString();
        Assert.NotEqual(one, two);
    }

    [Fact]
    public async Task Leases_are_listed_page_by_page()
    {
        for (int i = 1; i <= 5; i++)
        {
            await _host.PostAsync("/api/v1/leases", $$"""{"ttl":"{{i}}m","id":"{{i}}"}""");
        }

        JsonElement first = await (await _host.SendAsync("GET", "/api/v1/leases?limit=3")).JsonAsync();
        Assert.Equal(["1", "2", "3"], first.GetProperty("leases").EnumerateArray().Select(l => l.GetProperty("id").GetString()));
        JsonElement rest = await (await _host.SendAsync("GET", "/api/v1/leases?limit=3&cursor=" + first.GetProperty("nextCursor").GetString())).JsonAsync();
        Assert.Equal([240_000L, 300_000L], rest.GetProperty("leases").EnumerateArray().Select(l => Number(l, "ttlMs")));
        Assert.False(rest.TryGetProperty("nextCursor", out _));
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"ttl":"99ms"}""")]
    [InlineData("""{"ttl":"15"}""")]
    [InlineData("""{"ttl":"-1s"}""")]
    [InlineData("""{"ttl":"9000000001s"}""")]
    [InlineData("""{"ttl":"99999999999999s"}""")]
    [InlineData("""{"ttl":"9999999999999d"}""")]
    [InlineData("""{"ttl":15}""")]
    [InlineData("""{"ttl":"15s","id":"0"}""")]
    [InlineData("""{"ttl":"15s","id":"xyz"}""")]
    [InlineData("""{"ttl":"15s","id":"ffffffffffffffff"}""")]
    [InlineData("""{"ttl":"15s","id":"12345678901234567"}""")]
    [InlineData("""{"ttl":"15s","more":1}""")]
    [InlineData("""[]""")]
    [InlineData("")]
    public async Task A_grant_that_makes_no_sense_is_refused_with_a_sentence(string body) =>
        await (await _host.PostAsync("/api/v1/leases", body)).ProblemAsync(400, "invalid-request");

    [Theory]
    [InlineData("GET", "/api/v1/leases/xyz")]
    [InlineData("DELETE", "/api/v1/leases/0")]
    [InlineData("POST", "/api/v1/leases//keepalive")]
    [InlineData("GET", "/api/v1/leases?cursor=zz")]
    [InlineData("GET", "/api/v1/leases?limit=0")]
    [InlineData("GET", "/api/v1/leases/ff?limit=3")]
    public async Task A_path_that_makes_no_sense_is_refused_with_a_sentence(string method, string path) =>
        await (await _host.SendAsync(method, path)).ProblemAsync(400, "invalid-request");

    [Fact]
    public async Task Without_a_leader_nothing_is_granted_and_nothing_renewed()
    {
        await _host.PostAsync("/api/v1/leases", """{"ttl":"15s","id":"7"}""");
        _host.Node.Mode = FakeMode.Leaderless;
        await (await _host.PostAsync("/api/v1/leases", """{"ttl":"15s"}""")).ProblemAsync(503, "no-leader");
        await (await _host.SendAsync("POST", "/api/v1/leases/7/keepalive")).ProblemAsync(503, "no-leader");
        await (await _host.SendAsync("GET", "/api/v1/leases/7?consistency=eventual")).ProblemAsync(503, "no-leader");
    }

    private static long Number(JsonElement json, string name) => json.GetProperty(name).GetInt64();
}
