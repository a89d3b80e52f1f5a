using System.Net;
using System.Text.Json;

namespace RaftKv.Tests.Api.Coordination;

/// <summary>RaftKv-Fence, guards and Idempotency-Key on every kind of write.</summary>
public sealed class FenceAndKeyTests : IAsyncLifetime
{
    // Every write of the door: method, path, body.
    public static readonly TheoryData<string, string, string?> Writes = new()
    {
        { "PUT", "/api/v1/kv/k", "v" },
        { "PUT", "/api/v1/kv?key=k", "v" },
        { "DELETE", "/api/v1/kv/k", null },
        { "DELETE", "/api/v1/kv?prefix=k", null },
        { "POST", "/api/v1/txn", """{"then":[{"put":{"key":"k","value":"v"}}]}""" },
        { "POST", "/api/v1/txn", """{"then":[{"get":{"key":"k"}}]}""" },
        { "POST", "/api/v1/counters/n", """{"by":2}""" },
        { "POST", "/api/v1/compact", """{"revision":2}""" },
        { "POST", "/api/v1/leases", """{"ttl":"15s"}""" },
        { "DELETE", "/api/v1/leases/77", null },
        { "POST", "/api/v1/locks/other", "{}" },
        { "POST", "/api/v1/semaphores/other", """{"limit":1}""" },
        { "POST", "/api/v1/elections/other/campaign", "{}" },
        { "PUT", "/api/v1/guards/g%2F", null },
        { "DELETE", "/api/v1/guards/h%2F", null },
        { "PUT", "/api/v1/quotas/q%2F", """{"keys":5}""" },
        { "DELETE", "/api/v1/quotas/r%2F", null },
        { "PUT", "/api/v1/quotas", """{"bytes":900000000}""" },
    };

    private ApiHost _host = null!;

    public async Task InitializeAsync()
    {
        _host = await ApiHost.StartAsync();
        await _host.PostAsync("/api/v1/leases", """{"ttl":"15s","id":"77"}""");
        await _host.SendAsync("PUT", "/api/v1/guards/h%2F");
        await _host.SendAsync("PUT", "/api/v1/quotas/r%2F", """{"keys":5}""", "application/json");
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [MemberData(nameof(Writes))]
    public async Task A_write_with_a_fence_runs_only_while_its_token_holds(string method, string path, string? body)
    {
        long token = await LockAsync("mine%20%2C%3B");
        (string, string) fence = ("RaftKv-Fence", $"mine%20%2C%3B;token={token}");
        long before = _host.Node.View.Revision.Value;
        await (await SendAsync(method, path, body, ("RaftKv-Fence", $"mine%20%2C%3B;token={token + 1}"))).ProblemAsync(412, "fence-lost");
        await (await SendAsync(method, path, body, ("RaftKv-Fence", $"mine%20%2C%3B;token={token};kind=election"))).ProblemAsync(412, "fence-lost");
        Assert.Equal(before, _host.Node.View.Revision.Value);
        HttpResponseMessage done = await SendAsync(method, path, body, fence);
        Assert.True(done.IsSuccessStatusCode, await done.Content.ReadAsStringAsync());
        await _host.SendAsync("DELETE", $"/api/v1/locks/mine%20%2C%3B?token={token}");
        await (await SendAsync(method, path, body, fence)).ProblemAsync(412, "fence-lost");
    }

    [Theory]
    [MemberData(nameof(Writes))]
    public async Task A_repeat_under_a_key_gets_the_first_answer_and_changes_nothing(string method, string path, string? body)
    {
        await LockAsync("else");
        (string, string) key = ("Idempotency-Key", "\"" + Guid.NewGuid() + "\"");
        HttpResponseMessage first = await SendAsync(method, path, body, key);
        Assert.True(first.IsSuccessStatusCode, await first.Content.ReadAsStringAsync());
        Assert.Null(first.Header("RaftKv-Replayed"));
        long revision = _host.Node.View.Revision.Value;
        HttpResponseMessage second = await SendAsync(method, path, body, key);
        Assert.Equal(first.StatusCode, second.StatusCode);
        Assert.Equal("true", second.Header("RaftKv-Replayed"));
        Assert.Equal(await first.Content.ReadAsStringAsync(), await second.Content.ReadAsStringAsync());
        Assert.Equal(revision, _host.Node.View.Revision.Value);
        await (await SendAsync("PUT", "/api/v1/kv/another", "v", key)).ProblemAsync(422, "idempotency-key-reused");
    }

    [Fact]
    public async Task Release_and_proclaim_are_replayed_too_though_the_token_holds_nothing_any_more()
    {
        long token = await LockAsync("a");
        (string, string) key = ("Idempotency-Key", "k1");
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("DELETE", $"/api/v1/locks/a?token={token}", null, key)).StatusCode);
        HttpResponseMessage again = await SendAsync("DELETE", $"/api/v1/locks/a?token={token}", null, key);
        Assert.Equal((HttpStatusCode.OK, "true"), (again.StatusCode, again.Header("RaftKv-Replayed")));
        await (await SendAsync("DELETE", $"/api/v1/locks/a?token={token}", null, ("Idempotency-Key", "k2"))).ProblemAsync(412, "not-holder");
    }

    [Fact]
    public async Task A_lock_asked_for_again_under_its_key_is_the_same_place_and_told_when_it_is_gone()
    {
        (string, string) key = ("Idempotency-Key", "k1");
        long token = (await (await SendAsync("POST", "/api/v1/locks/a", "{}", key)).JsonAsync()).GetProperty("fencingToken").GetInt64();
        HttpResponseMessage again = await SendAsync("POST", "/api/v1/locks/a", "{}", key);
        Assert.Equal(token, (await again.JsonAsync()).GetProperty("fencingToken").GetInt64());
        await _host.SendAsync("DELETE", $"/api/v1/locks/a?token={token}");
        HttpResponseMessage late = await SendAsync("POST", "/api/v1/locks/a", "{}", key);
        Assert.Equal("true", late.Header("RaftKv-Replayed"));
        await late.ProblemAsync(404, "lease-not-found");
    }

    [Fact]
    public async Task A_repeat_that_overtakes_the_first_is_told_so()
    {
        TaskCompletionSource hold = _host.Node.Hold();
        (string, string) key = ("Idempotency-Key", "k1");
        Task<HttpResponseMessage> first = SendAsync("POST", "/api/v1/counters/n", null, key);
        await _host.Node.FirstProposed.Task;
        HttpResponseMessage second = await SendAsync("POST", "/api/v1/counters/n", null, key);
        await second.ProblemAsync(409, "idempotency-in-flight", applied: "unknown");
        hold.SetResult();
        Assert.Equal(HttpStatusCode.OK, (await first).StatusCode);
        Assert.Equal("true", (await SendAsync("POST", "/api/v1/counters/n", null, key)).Header("RaftKv-Replayed"));
    }

    [Fact]
    public async Task A_refusal_is_replayed_as_it_was()
    {
        (string, string) key = ("Idempotency-Key", "k1");
        await (await SendAsync("PUT", "/api/v1/kv/k", "v", key, ("If-Match", "\"5\""))).ProblemAsync(412, "precondition-failed");
        HttpResponseMessage again = await SendAsync("PUT", "/api/v1/kv/k", "v", key, ("If-Match", "\"5\""));
        Assert.Equal("true", again.Header("RaftKv-Replayed"));
        await again.ProblemAsync(412, "precondition-failed");
    }

    [Fact]
    public async Task A_refused_lock_is_replayed_as_it_was()
    {
        (string, string) key = ("Idempotency-Key", "k1");
        await (await SendAsync("POST", "/api/v1/locks/a", """{"lease":"8"}""", key)).ProblemAsync(404, "lease-not-found");
        HttpResponseMessage again = await SendAsync("POST", "/api/v1/locks/a", """{"lease":"8"}""", key);
        Assert.Equal("true", again.Header("RaftKv-Replayed"));
        await again.ProblemAsync(404, "lease-not-found");
    }

    [Fact]
    public async Task A_guarded_prefix_takes_writes_of_the_holder_only()
    {
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("PUT", "/api/v1/guards/app%2F", """{"lock":"a"}""")).StatusCode);
        JsonElement guards = (await (await _host.SendAsync("GET", "/api/v1/guards")).JsonAsync()).GetProperty("guards");
        Assert.Equal("app/", guards[0].GetProperty("prefix").GetString());
        long token = await LockAsync("a");
        long wrong = await LockAsync("b");
        foreach ((string method, string path, string? body) in ((string, string, string?)[])
        [
            ("PUT", "/api/v1/kv/app/x", "v"), ("POST", "/api/v1/counters/app/n", null),
            ("POST", "/api/v1/txn", """{"then":[{"put":{"key":"elsewhere","value":"v"}},{"put":{"key":"app/y","value":"v"}}]}"""),
        ])
        {
            await (await SendAsync(method, path, body)).ProblemAsync(412, "fence-required");
            await (await SendAsync(method, path, body, ("RaftKv-Fence", $"b;token={wrong}"))).ProblemAsync(412, "fence-required");
            HttpResponseMessage done = await SendAsync(method, path, body, ("RaftKv-Fence", $"b;token={wrong}, a;token={token}"));
            Assert.True(done.IsSuccessStatusCode, await done.Content.ReadAsStringAsync());
        }

        await (await SendAsync("DELETE", "/api/v1/kv?prefix=a", null)).ProblemAsync(412, "fence-required");
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("DELETE", "/api/v1/guards/app%2F", null)).StatusCode);
        await (await SendAsync("DELETE", "/api/v1/guards/app%2F", null)).ProblemAsync(404, "guard-not-found");
        Assert.True((await SendAsync("PUT", "/api/v1/kv/app/x", "v")).IsSuccessStatusCode);
    }

    [Fact]
    public async Task A_token_is_verified_for_resources_outside()
    {
        long token = await LockAsync("a");
        JsonElement valid = await (await _host.PostAsync("/api/v1/fence/verify", $$"""{"lock":"a","token":{{token}}}""")).JsonAsync();
        Assert.True(valid.GetProperty("valid").GetBoolean());
        Assert.Equal(token, valid.GetProperty("holderTokens")[0].GetInt64());
        Assert.False((await (await _host.PostAsync("/api/v1/fence/verify", $$"""{"lock":"a","token":{{token + 1}}}""")).JsonAsync()).GetProperty("valid").GetBoolean());
        Assert.False((await (await _host.PostAsync(
            "/api/v1/fence/verify", $$"""{"lock":"a","token":{{token}},"kind":"election"}""")).JsonAsync()).GetProperty("valid").GetBoolean());
    }

    [Theory]
    [InlineData("RaftKv-Fence", "a")]
    [InlineData("RaftKv-Fence", ";token=3")]
    [InlineData("RaftKv-Fence", "a;token=0")]
    [InlineData("RaftKv-Fence", "a;token=x")]
    [InlineData("RaftKv-Fence", "a;token=3;token=4")]
    [InlineData("RaftKv-Fence", "a;token=3;kind=key")]
    [InlineData("RaftKv-Fence", "a;token=3;ttl=3")]
    [InlineData("RaftKv-Fence", "a;token=3,")]
    [InlineData("RaftKv-Fence", "%zz;token=3")]
    [InlineData("Idempotency-Key", "\"\"")]
    [InlineData("Idempotency-Key", "two words")]
    public async Task A_header_that_makes_no_sense_is_refused_with_a_sentence(string name, string value)
    {
        await (await SendAsync("PUT", "/api/v1/kv/k", "v", (name, value))).ProblemAsync(400, "invalid-request");
        Assert.Null(_host.Node.View.Get("k"u8));
    }

    [Fact]
    public async Task An_idempotency_key_has_at_most_255_characters_and_a_fence_is_refused_where_it_can_not_be_checked()
    {
        Assert.True((await SendAsync("PUT", "/api/v1/kv/k", "v", ("Idempotency-Key", new string('x', 255)))).IsSuccessStatusCode);
        await (await SendAsync("PUT", "/api/v1/kv/k", "v", ("Idempotency-Key", new string('x', 256)))).ProblemAsync(400, "invalid-request");
        await (await SendAsync("POST", "/api/v1/leases/77/keepalive", null, ("RaftKv-Fence", "a;token=3"))).ProblemAsync(400, "invalid-request");
        await (await SendAsync("GET", "/api/v1/kv/k", null, ("RaftKv-Fence", "a;token=3"))).ProblemAsync(400, "invalid-request");
    }

    [Theory]
    [InlineData("PUT", "/api/v1/kv/_raftkv/locks/a", "v")]
    [InlineData("DELETE", "/api/v1/kv/_raftkv/locks/a", null)]
    [InlineData("DELETE", "/api/v1/kv?key=_raftkv/locks/a", null)]
    [InlineData("POST", "/api/v1/counters/_raftkv/n", null)]
    [InlineData("POST", "/api/v1/txn", """{"then":[{"put":{"key":"_raftkv/x","value":"v"}}]}""")]
    [InlineData("POST", "/api/v1/txn", """{"else":[{"txn":{"then":[{"delete":{"key":"_raftkv/x"}}]}}]}""")]
    [InlineData("POST", "/api/v1/txn", """{"then":[{"increment":{"key":"_raftkv/x"}}]}""")]
    [InlineData("PUT", "/api/v1/guards/_raftkv%2Flocks", null)]
    [InlineData("PUT", "/api/v1/guards/", null)]
    [InlineData("PUT", "/api/v1/guards/x", """{"kind":"lock"}""")]
    public async Task Keys_of_the_servers_own_are_written_by_nobody_else(string method, string path, string? body) =>
        await (await SendAsync(method, path, body)).ProblemAsync(400, "invalid-request");

    private Task<HttpResponseMessage> SendAsync(string method, string path, string? body, params (string, string)[] headers) =>
        _host.SendAsync(method, path, body, body is ['{', ..] ? "application/json" : null, headers);

    private async Task<long> LockAsync(string name)
    {
        HttpResponseMessage answer = await _host.PostAsync("/api/v1/locks/" + name, "{}");
        Assert.True(answer.StatusCode == HttpStatusCode.Created, await answer.Content.ReadAsStringAsync());
        return (await answer.JsonAsync()).GetProperty("fencingToken").GetInt64();
    }
}
