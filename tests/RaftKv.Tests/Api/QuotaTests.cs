using System.Net;
using System.Text.Json;
using RaftKv.Client;

namespace RaftKv.Tests.Api;

/// <summary>Q4 at the REST door and in the client: what a full store refuses, what goes on, and how it is seen and looked up.</summary>
public sealed class QuotaTests : IAsyncLifetime
{
    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_full_store_is_507_for_what_needs_room_and_deletes_compacts_and_reads_go_on_until_there_is_room()
    {
        await PutAsync("/api/v1/quotas", """{"bytes":20000}""");
        await _host.PostAsync("/api/v1/leases", """{"ttl":"15s","id":"77"}""");
        await FillAsync();
        JsonElement problem = await (await PutKeyAsync("late", 5_000)).ProblemAsync(507, "quota-exceeded");
        Assert.Equal("no", problem.GetProperty("applied").GetString());
        Assert.Equal("", problem.GetProperty("prefix").GetString());
        Assert.Equal(20_000, problem.GetProperty("bytes").GetProperty("allowed").GetInt64());
        Assert.InRange(problem.GetProperty("bytes").GetProperty("used").GetInt64(), 18_000, 20_000);

        await (await PutKeyAsync("small", 1)).ProblemAsync(507, "quota-exceeded");
        await (await _host.PostAsync("/api/v1/txn", """{"else":[{"put":{"key":"x","value":"v"}}]}""")).ProblemAsync(507, "quota-exceeded");
        await (await _host.PostAsync("/api/v1/leases", """{"ttl":"15s"}""")).ProblemAsync(507, "quota-exceeded");
        await (await _host.PostAsync("/api/v1/locks/l", "{}")).ProblemAsync(507, "quota-exceeded");
        await (await _host.PostAsync("/api/v1/counters/n", "{}")).ProblemAsync(507, "quota-exceeded");
        Assert.Equal(HttpStatusCode.OK, (await _host.SendAsync("GET", "/api/v1/kv/k0")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await _host.PostAsync("/api/v1/leases/77/keepalive", "")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await _host.SendAsync("DELETE", "/api/v1/leases/77")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await _host.SendAsync("DELETE", "/api/v1/kv?prefix=k")).StatusCode);

        long revision = _host.Node.View.Revision.Value;
        await _host.PostAsync("/api/v1/compact", $$"""{"revision":{{revision}}}""");
        for (int i = 0; i < 100 && _host.Node.View.ListAlarms().Count > 0; i++)
        {
            await _host.SendAsync("DELETE", "/api/v1/kv/nothing");
        }

        Assert.Equal(HttpStatusCode.Created, (await PutKeyAsync("again", 100)).StatusCode);
    }

    [Fact]
    public async Task What_an_alarm_refuses_anyway_is_in_no_log_but_a_keyed_write_asks_it()
    {
        await PutAsync("/api/v1/quotas", """{"bytes":20000}""");
        (string, string) key = ("Idempotency-Key", "first");
        Assert.Equal(HttpStatusCode.Created, (await _host.SendAsync("PUT", "/api/v1/kv/first", "v", headers: key)).StatusCode);
        await FillAsync();
        await PutKeyAsync("late", 5_000);
        long index = _host.Node.View.AppliedIndex.Value;
        await (await PutKeyAsync("small", 1)).ProblemAsync(507, "quota-exceeded");
        HttpResponseMessage accepted = await _host.SendAsync("PUT", "/api/v1/kv/x", "v", headers: ("RaftKv-Write-Concern", "accepted"));
        await accepted.ProblemAsync(507, "quota-exceeded");
        Assert.Equal(index, _host.Node.View.AppliedIndex.Value);
        HttpResponseMessage repeat = await _host.SendAsync("PUT", "/api/v1/kv/first", "v", headers: key);
        Assert.Equal(HttpStatusCode.Created, repeat.StatusCode);
        Assert.Equal("true", repeat.Headers.GetValues("RaftKv-Replayed").Single());
    }

    [Fact]
    public async Task Alarms_are_listed_shown_in_status_metrics_and_health_and_cleared()
    {
        await PutAsync("/api/v1/quotas", """{"bytes":20000}""");
        await FillAsync();
        await PutKeyAsync("late", 5_000);
        JsonElement alarms = await JsonAsync("/api/v1/alarms");
        JsonElement alarm = alarms.GetProperty("alarms")[0];
        Assert.Equal(("NOSPACE", "quota"), (alarm.GetProperty("kind").GetString(), alarm.GetProperty("cause").GetString()));
        JsonElement status = await JsonAsync("/api/v1/status");
        Assert.Equal("NOSPACE", status.GetProperty("alarms")[0].GetProperty("kind").GetString());
        Assert.Equal(20_000, status.GetProperty("store").GetProperty("bytes").GetProperty("allowed").GetInt64());
        string metrics = await (await _host.SendAsync("GET", "/metrics")).Content.ReadAsStringAsync();
        Assert.Contains("raftkv_alarm{kind=\"NOSPACE\",node=\"\",cause=\"quota\"} 1", metrics);
        Assert.Contains("raftkv_store_limit_bytes 20000", metrics);
        HttpResponseMessage health = await _host.SendAsync("GET", "/health");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
        Assert.Equal("""{"health":"false","reason":"ALARM NOSPACE"}""" + "\n", await health.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.OK, (await _host.SendAsync("DELETE", "/api/v1/alarms/NOSPACE")).StatusCode);
        await (await _host.SendAsync("DELETE", "/api/v1/alarms/NOSPACE")).ProblemAsync(404, "alarm-not-found");
        await (await _host.SendAsync("DELETE", "/api/v1/alarms/other")).ProblemAsync(400, "invalid-request");
        Assert.Equal(HttpStatusCode.Created, (await PutKeyAsync("small", 1)).StatusCode);
    }

    [Fact]
    public async Task A_prefix_has_a_quota_that_is_looked_up_named_and_removed()
    {
        await PutAsync("/api/v1/quotas/t%2Fa%2F", """{"keys":1,"bytes":100000}""");
        await PutKeyAsync("t/a/1", 10);
        JsonElement problem = await (await PutKeyAsync("t/a/2", 10)).ProblemAsync(507, "quota-exceeded");
        Assert.Equal("t/a/", problem.GetProperty("prefix").GetString());
        JsonElement keys = problem.GetProperty("keys");
        Assert.Equal((1, 1), (keys.GetProperty("used").GetInt64(), keys.GetProperty("allowed").GetInt64()));
        Assert.Equal(HttpStatusCode.Created, (await PutKeyAsync("t/b/1", 10)).StatusCode);
        JsonElement quota = await JsonAsync("/api/v1/quotas/t/a/");
        Assert.Equal(1, quota.GetProperty("keys").GetProperty("used").GetInt64());
        Assert.Equal("t/a/", (await JsonAsync("/api/v1/quotas")).GetProperty("quotas")[0].GetProperty("prefix").GetString());
        Assert.Equal(HttpStatusCode.OK, (await _host.SendAsync("DELETE", "/api/v1/quotas/t/a/")).StatusCode);
        await (await _host.SendAsync("DELETE", "/api/v1/quotas/t/a/")).ProblemAsync(404, "quota-not-found");
        await (await _host.SendAsync("GET", "/api/v1/quotas/t/a/")).ProblemAsync(404, "quota-not-found");
        Assert.Equal(HttpStatusCode.Created, (await PutKeyAsync("t/a/2", 10)).StatusCode);
    }

    [Theory]
    [InlineData("/api/v1/quotas/p", "{}")]
    [InlineData("/api/v1/quotas/p", """{"keys":-1}""")]
    [InlineData("/api/v1/quotas/p", """{"keys":1.5}""")]
    [InlineData("/api/v1/quotas/p", """{"key":1}""")]
    [InlineData("/api/v1/quotas/", """{"keys":1}""")]
    [InlineData("/api/v1/quotas", """{"keys":1}""")]
    [InlineData("/api/v1/quotas", """{"bytes":0}""")]
    [InlineData("/api/v1/quotas", "")]
    public async Task Bad_quotas_are_400_and_change_nothing(string path, string body)
    {
        HttpResponseMessage answer = await _host.SendAsync("PUT", path, body, "application/json");
        await answer.ProblemAsync(400, "invalid-request");
        Assert.Empty(_host.Node.View.ListQuotas(default, 10));
        Assert.Null(_host.Node.View.StoreQuotaBytes);
    }

    [Fact]
    public async Task The_client_sets_looks_up_and_removes_quotas_and_clears_alarms()
    {
        using var client = new RaftKvClient(new RaftKvClientOptions { Endpoints = [_host.Address] });
        await client.Quotas.SetAsync("t/", maxKeys: 1, maxBytes: null);
        await client.PutAsync("t/1", "v");
        RaftKvRequestException refused = await Assert.ThrowsAsync<RaftKvRequestException>(() => client.PutAsync("t/2", "v"));
        Assert.Equal("quota-exceeded", refused.Code);
        PrefixQuota? quota = await client.Quotas.GetAsync("t/");
        Assert.Equal((new SpaceUse(1, 1), (long?)null), (quota!.Keys, quota.Bytes.Allowed));
        Assert.True(await client.Quotas.RemoveAsync("t/"));
        Assert.False(await client.Quotas.RemoveAsync("t/"));
        Assert.Null(await client.Quotas.GetAsync("t/"));
        await client.Quotas.SetStoreAsync(20_000);
        await FillAsync();
        await Assert.ThrowsAsync<RaftKvRequestException>(() => client.PutAsync("late", new string('v', 5_000)));
        StoreSpace space = await client.Quotas.GetStoreAsync();
        Assert.Equal((20_000, "NOSPACE quota"), (space.Bytes.Allowed, space.Alarms.Single()));
        Assert.True(await client.Quotas.ClearAlarmAsync("NOSPACE"));
        Assert.False(await client.Quotas.ClearAlarmAsync("NOSPACE"));
    }

    private async Task FillAsync()
    {
        for (int i = 0; _host.Node.View.UsedBytes < 18_600; i++)
        {
            Assert.Equal(HttpStatusCode.Created, (await PutKeyAsync("k" + i, 100)).StatusCode);
        }
    }

    private Task<HttpResponseMessage> PutKeyAsync(string key, int length) =>
        _host.SendAsync("PUT", "/api/v1/kv/" + key, new string('v', length));

    private async Task PutAsync(string path, string json) =>
        Assert.Equal(HttpStatusCode.OK, (await _host.SendAsync("PUT", path, json, "application/json")).StatusCode);

    private async Task<JsonElement> JsonAsync(string path)
    {
        HttpResponseMessage answer = await _host.SendAsync("GET", path);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
    }
}
