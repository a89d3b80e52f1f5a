using System.Net;
using System.Text.Json;
using RaftKv.Doors.Rest;
using RaftKv.Service.Calls;
using RaftKv.Tests.Client;
using RaftKv.Tests.Support;

namespace RaftKv.Tests.Api.Coordination;

/// <summary>Locks and semaphores through the REST door.</summary>
public sealed class LockApiTests : IAsyncLifetime
{
    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_free_lock_is_given_with_a_token_that_grows()
    {
        HttpResponseMessage first = await AcquireAsync("a", """{"owner":"me","ttl":"20s"}""");
        Assert.Equal(HttpStatusCode.Created, first.StatusCode);
        first.AssertStandardHeaders();
        JsonElement grant = await first.JsonAsync();
        Assert.Equal(("a", "lock", "exclusive", "me"), (Text(grant, "name"), Text(grant, "kind"), Text(grant, "mode"), Text(grant, "owner")));
        Assert.Equal(20_000, grant.GetProperty("ttlMs").GetInt64());
        long token = grant.GetProperty("fencingToken").GetInt64();
        JsonElement released = await (await _host.SendAsync("DELETE", $"/api/v1/locks/a?token={token}")).JsonAsync();
        Assert.True(released.GetProperty("released").GetBoolean());
        Assert.True((await (await AcquireAsync("a", "")).JsonAsync()).GetProperty("fencingToken").GetInt64() > token);
    }

    [Fact]
    public async Task Names_that_clients_take_out_of_a_path_are_refused_with_a_sentence()
    {
        string[] targets =
        [
            "/api/v1/locks/.", "/api/v1/locks/..", "/api/v1/locks/%2E", "/api/v1/locks/%2e%2E", "/api/v1/semaphores/..",
            "/api/v1/elections/../campaign",
        ];
        foreach (string target in targets)
        {
            string answer = await _host.SendTargetAsync("POST", target, "{}");
            Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
            Assert.Contains("are no names", answer, StringComparison.Ordinal);
        }

        HttpResponseMessage fenced = await _host.SendAsync("PUT", "/api/v1/kv/a", "x", null, ("RaftKv-Fence", "..;token=2"));
        await fenced.ProblemAsync(400, "invalid-request");
        Assert.Equal(HttpStatusCode.Created, (await AcquireAsync("a%2F..", "")).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await AcquireAsync("...", "")).StatusCode);
    }

    [Fact]
    public async Task A_try_of_a_held_lock_tells_the_holder_and_leaves_nothing_behind()
    {
        JsonElement grant = await (await AcquireAsync("orders%2F42", """{"owner":"me"}""")).JsonAsync();
        JsonElement held = await (await AcquireAsync("orders%2F42", """{"owner":"you","wait":"0s"}""")).ProblemAsync(409, "lock-held");
        JsonElement holder = held.GetProperty("holders")[0];
        Assert.Equal(("me", "exclusive"), (Text(holder, "owner"), Text(holder, "mode")));
        Assert.Equal(grant.GetProperty("fencingToken").GetInt64(), holder.GetProperty("fencingToken").GetInt64());
        Assert.Equal(15_000, holder.GetProperty("remainingMs").GetInt64());
        Assert.Equal(0, held.GetProperty("queueLength").GetInt64());
        Assert.Equal(1, _host.Node.View.LeaseCount);
    }

    [Fact]
    public async Task Waiters_are_woken_in_the_order_of_their_arrival()
    {
        long token = await TokenAsync(await AcquireAsync("a", ""));
        Task<HttpResponseMessage> second = await WaitInQueueAsync("a", """{"owner":"second"}""", 1);
        Task<HttpResponseMessage> third = await WaitInQueueAsync("a", """{"owner":"third"}""", 2);
        JsonElement seen = await (await _host.SendAsync("GET", "/api/v1/locks/a")).JsonAsync();
        Assert.Equal(["second", "third"], seen.GetProperty("queue").EnumerateArray().Select(w => Text(w, "owner")));
        Assert.Equal([1L, 2L], seen.GetProperty("queue").EnumerateArray().Select(w => w.GetProperty("position").GetInt64()));
        JsonElement listed = (await (await _host.SendAsync("GET", "/api/v1/locks")).JsonAsync()).GetProperty("locks")[0];
        Assert.Equal(("a", 2L), (Text(listed, "name"), listed.GetProperty("queueLength").GetInt64()));

        // Each looks at its own place and at the one before.
        await Eventually.TrueAsync(() => _host.Node.Watches.ParkedCount == 4);
        await ReleaseAsync("a", token);
        long next = await TokenAsync(await second);
        Assert.False(third.IsCompleted);
        await ReleaseAsync("a", next);
        Assert.True(await TokenAsync(await third) > next);
        Assert.Equal(2, _host.Node.Watches.WokenCount);
    }

    [Fact]
    public async Task A_wait_that_ends_leaves_the_queue_with_its_lease()
    {
        await AcquireAsync("a", "");
        JsonElement held = await (await AcquireAsync("a", """{"wait":"50ms"}""")).ProblemAsync(409, "lock-held");
        Assert.Equal(1, held.GetProperty("holders").GetArrayLength());
        AssertAloneInQueue("a");
    }

    [Fact]
    public async Task A_client_that_hangs_up_leaves_the_queue_with_its_lease()
    {
        await AcquireAsync("a", "");
        using var hangUp = new CancellationTokenSource();
        Task waiting = _host.Client.PostAsync("/api/v1/locks/a", null, hangUp.Token);
        await Eventually.TrueAsync(() => Queue("a").WaiterCount == 1);
        hangUp.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await Eventually.TrueAsync(() => Queue("a").WaiterCount == 0 && _host.Node.Watches.OpenCount == 0);
        AssertAloneInQueue("a");
    }

    [Fact]
    public async Task A_place_with_the_clients_own_lease_goes_and_the_lease_stays()
    {
        await AcquireAsync("a", "");
        await _host.PostAsync("/api/v1/leases", """{"ttl":"15s","id":"7"}""");
        await (await AcquireAsync("a", """{"lease":"7","wait":"50ms"}""")).ProblemAsync(409, "lock-held");
        Assert.NotNull(_host.Node.View.GetLease(new Core.LeaseId(7)));
        Assert.Equal(0, Queue("a").WaiterCount);
        await (await AcquireAsync("a", """{"lease":"8"}""")).ProblemAsync(404, "lease-not-found");
    }

    [Fact]
    public async Task A_place_that_was_asked_for_again_outlives_the_connection_of_the_first_request()
    {
        long held = (await (await AcquireAsync("a", "")).JsonAsync()).GetProperty("fencingToken").GetInt64();
        await _host.PostAsync("/api/v1/leases", """{"ttl":"15s","id":"7"}""");
        using var hangUp = new CancellationTokenSource();
        using var body = new StringContent("""{"lease":"7"}""", System.Text.Encoding.UTF8, "application/json");
        Task first = _host.Client.PostAsync("/api/v1/locks/a", body, hangUp.Token);

        // A place stands in the queue before who asked for it waits; one who waits is parked twice: behind the one ahead,
        // and on the loss of its own place.
        await Eventually.TrueAsync(() => _host.Node.Watches.ParkedCount == 2);
        Task<HttpResponseMessage> second = _host.PostAsync("/api/v1/locks/a", """{"lease":"7"}""");
        await Eventually.TrueAsync(() => Queue("a").Entries[1].Pair.Version == 2 && _host.Node.Watches.ParkedCount == 4);
        hangUp.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        await Eventually.TrueAsync(() => _host.Node.Watches.ParkedCount == 2);
        await _host.SendAsync("DELETE", $"/api/v1/locks/a?token={held}");
        Assert.Equal(HttpStatusCode.Created, (await second).StatusCode);
        Assert.Equal(1, Queue("a").HolderCount);
    }

    [Fact]
    public async Task A_wait_that_is_longer_than_the_ttl_keeps_its_place()
    {
        const int TtlMs = 1500;
        var time = new ManualTimeProvider();
        await using ApiHost host = await ApiHost.StartAsync(new SingleNodeFake(time), new ApiOptions { Time = time });
        JsonElement first = await (await host.PostAsync("/api/v1/locks/a", """{"ttl":"30s"}""")).JsonAsync();
        Task<HttpResponseMessage> waiting = host.PostAsync("/api/v1/locks/a", $$"""{"ttl":"{{TtlMs}}ms","wait":"20s"}""");
        for (int renewals = 0; renewals < 9; renewals++)
        {
            // A tick of the wheel later than a third of the ttl; three times the ttl in all.
            await Eventually.TrueAsync(() => host.Node.KeepAliveCount == renewals && host.Node.Watches.ParkedCount == 2);
            time.Advance(TimeSpan.FromMilliseconds((TtlMs / 3) + 20));
        }

        await host.SendAsync("DELETE", $"/api/v1/locks/a?token={first.GetProperty("fencingToken")}");
        HttpResponseMessage second = await waiting;
        Assert.True(second.StatusCode == HttpStatusCode.Created, await second.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_waiter_whose_lease_ends_is_told_and_holds_nothing()
    {
        await AcquireAsync("a", "");
        await _host.PostAsync("/api/v1/leases", """{"ttl":"15s","id":"7"}""");
        Task<HttpResponseMessage> waiting = await WaitInQueueAsync("a", """{"lease":"7"}""", 1);
        await _host.SendAsync("DELETE", "/api/v1/leases/7");
        await (await waiting).ProblemAsync(404, "lease-not-found");
        AssertAloneInQueue("a");
    }

    [Fact]
    public async Task A_node_that_leaves_gives_no_place_away_that_nobody_waits_for()
    {
        await AcquireAsync("a", "");
        Task<HttpResponseMessage> waiting = await WaitInQueueAsync("a", "{}", 1);
        _host.Node.Watches.Stop();
        await (await waiting).ProblemAsync(503, "shutting-down");
        Assert.True(await _host.Node.Watches.StopAsync(Watch.WatchClient.Patience));
        AssertAloneInQueue("a");
    }

    [Fact]
    public async Task Shared_holders_hold_together_and_a_writer_waits_for_all_of_them()
    {
        const string Shared = """{"mode":"shared"}""";
        long one = await TokenAsync(await AcquireAsync("a", Shared));
        long two = await TokenAsync(await AcquireAsync("a", Shared));
        Task<HttpResponseMessage> writer = await WaitInQueueAsync("a", "{}", 1);
        Task<HttpResponseMessage> three = await WaitInQueueAsync("a", Shared, 2);
        Task<HttpResponseMessage> four = await WaitInQueueAsync("a", Shared, 3);
        await ReleaseAsync("a", two);
        await ReleaseAsync("a", one);
        long writing = await TokenAsync(await writer);
        Assert.False(three.IsCompleted || four.IsCompleted);
        await ReleaseAsync("a", writing);
        Assert.True(await TokenAsync(await three) < await TokenAsync(await four));
    }

    [Fact]
    public async Task A_shared_lock_is_not_turned_into_an_exclusive_one_and_neither_is_lost_by_asking()
    {
        await _host.PostAsync("/api/v1/leases", """{"ttl":"60s","id":"7a"}""");
        long shared = await TokenAsync(await _host.PostAsync("/api/v1/locks/upgrade", """{"mode":"shared","lease":"7a"}"""));

        await (await _host.PostAsync("/api/v1/locks/upgrade", """{"mode":"exclusive","lease":"7a","wait":"0s"}""")).ProblemAsync(
            409, "limit-mismatch");

        JsonElement held = await (await _host.SendAsync("GET", "/api/v1/locks/upgrade")).JsonAsync();
        Assert.Equal(shared, held.GetProperty("holders")[0].GetProperty("fencingToken").GetInt64());
        await ReleaseAsync("upgrade", shared);
        await TokenAsync(await _host.PostAsync("/api/v1/locks/upgrade", """{"mode":"exclusive","lease":"7a","wait":"0s"}"""));
    }

    [Fact]
    public async Task A_semaphore_has_as_many_holders_as_its_limit()
    {
        const string Two = """{"limit":2}""";
        long one = await TokenAsync(await _host.PostAsync("/api/v1/semaphores/s", Two));
        await TokenAsync(await _host.PostAsync("/api/v1/semaphores/s", Two));
        await (await _host.PostAsync("/api/v1/semaphores/s", """{"limit":2,"wait":"0s"}""")).ProblemAsync(409, "lock-held");
        await (await _host.PostAsync("/api/v1/semaphores/s", """{"limit":3}""")).ProblemAsync(409, "limit-mismatch");
        Task<HttpResponseMessage> third = _host.PostAsync("/api/v1/semaphores/s", Two);
        await Eventually.TrueAsync(
            () => _host.Node.View.GetLockQueue(Core.Store.Commands.LockKind.Semaphore, "s"u8.ToArray()).WaiterCount == 1);
        Assert.Equal(HttpStatusCode.OK, (await _host.SendAsync("DELETE", $"/api/v1/semaphores/s?token={one}")).StatusCode);
        await TokenAsync(await third);
        JsonElement seen = await (await _host.SendAsync("GET", "/api/v1/semaphores/s")).JsonAsync();
        Assert.Equal((2L, 2), (seen.GetProperty("limit").GetInt64(), seen.GetProperty("holders").GetArrayLength()));
        Assert.Equal("s", Text((await (await _host.SendAsync("GET", "/api/v1/semaphores")).JsonAsync()).GetProperty("semaphores")[0], "name"));
    }

    [Fact]
    public async Task Only_the_holder_keeps_alive_and_releases()
    {
        long token = await TokenAsync(await AcquireAsync("a", ""));
        Task<HttpResponseMessage> waiting = await WaitInQueueAsync("a", "{}", 1);
        long waiter = Queue("a").Entries[1].Token.Value;
        JsonElement kept = await (await _host.SendAsync("POST", $"/api/v1/locks/a/keepalive?token={token}")).JsonAsync();
        Assert.Equal((token, 15_000L), (kept.GetProperty("fencingToken").GetInt64(), kept.GetProperty("remainingMs").GetInt64()));
        foreach (long other in (long[])[1, token + 1000, waiter])
        {
            await (await _host.SendAsync("POST", $"/api/v1/locks/a/keepalive?token={other}")).ProblemAsync(412, "not-holder");
            await (await _host.SendAsync("DELETE", $"/api/v1/locks/a?token={other}")).ProblemAsync(412, "not-holder");
        }

        await ReleaseAsync("a", token);
        await TokenAsync(await waiting);
        await (await _host.SendAsync("DELETE", $"/api/v1/locks/a?token={token}")).ProblemAsync(412, "not-holder");
    }

    [Fact]
    public async Task A_free_lock_is_no_error_to_look_at()
    {
        JsonElement free = await (await _host.SendAsync("GET", "/api/v1/locks/nobody")).JsonAsync();
        Assert.Equal((0, 0), (free.GetProperty("holders").GetArrayLength(), free.GetProperty("queue").GetArrayLength()));
    }

    [Fact]
    public async Task A_full_queue_refuses_more()
    {
        await AcquireAsync("a", "");
        var leases = new List<Task<HttpResponseMessage>>();
        for (int i = 1; i < Core.Store.Commands.KvLimits.DefaultLockQueue; i++)
        {
            leases.Add(AcquireAsync("a", """{"wait":"20s"}"""));
        }

        await Eventually.TrueAsync(() => Queue("a").Entries.Count == Core.Store.Commands.KvLimits.DefaultLockQueue);
        await (await AcquireAsync("a", "")).ProblemAsync(429, "overloaded");
        _host.Node.Watches.Stop();
        await Task.WhenAll(leases);
        AssertAloneInQueue("a");
    }

    [Theory]
    [InlineData("locks/a", """{"ttl":"1ms"}""")]
    [InlineData("locks/a", """{"ttl":"15s","lease":"7"}""")]
    [InlineData("locks/a", """{"lease":"0"}""")]
    [InlineData("locks/a", """{"wait":"61s"}""")]
    [InlineData("locks/a", """{"wait":"soon"}""")]
    [InlineData("locks/a", """{"mode":"counted"}""")]
    [InlineData("locks/a", """{"limit":2}""")]
    [InlineData("locks/a", """{"value":"x"}""")]
    [InlineData("locks/a", """{"owner":1}""")]
    [InlineData("locks/a", """{"unknown":1}""")]
    [InlineData("fence/verify", """{"lock":"a\u0000b","token":3}""")]
    [InlineData("fence/verify", """{"lock":"a"}""")]
    [InlineData("fence/verify", """{"lock":"a","token":0}""")]
    [InlineData("fence/verify", """{"lock":"","token":3}""")]
    [InlineData("fence/verify", """{"lock":"a","token":3,"kind":"key"}""")]
    [InlineData("locks/%FF", "")]
    [InlineData("locks/", "")]
    [InlineData("semaphores/s", "")]
    [InlineData("semaphores/s", """{"limit":0}""")]
    [InlineData("semaphores/s", """{"limit":2,"mode":"shared"}""")]
    [InlineData("elections/e/campaign", """{"owner":"x"}""")]
    [InlineData("elections/e/campaign", """{"value":"!","encoding":"base64"}""")]
    public async Task A_request_that_makes_no_sense_is_refused_with_a_sentence(string path, string body) =>
        await (await _host.PostAsync("/api/v1/" + path, body)).ProblemAsync(400, "invalid-request");

    [Theory]
    [InlineData("DELETE", "/api/v1/locks/a")]
    [InlineData("DELETE", "/api/v1/locks/a?token=0")]
    [InlineData("DELETE", "/api/v1/locks/a?token=x")]
    [InlineData("POST", "/api/v1/locks/a/keepalive")]
    [InlineData("PUT", "/api/v1/elections/e/value")]
    [InlineData("GET", "/api/v1/locks?limit=x")]
    [InlineData("GET", "/api/v1/locks/a?token=3")]
    public async Task A_token_or_query_that_makes_no_sense_is_refused_with_a_sentence(string method, string path) =>
        await (await _host.SendAsync(method, path)).ProblemAsync(400, "invalid-request");

    [Fact]
    public async Task A_name_of_the_longest_size_works_and_a_longer_one_is_refused()
    {
        string longest = new('n', Core.Store.Commands.KvLimits.MaxLockNameBytes);
        await TokenAsync(await AcquireAsync(longest, ""));
        await (await AcquireAsync(longest + "n", "")).ProblemAsync(400, "invalid-request");
    }

    private static string? Text(JsonElement json, string name) => json.GetProperty(name).GetString();

    private static async Task<long> TokenAsync(HttpResponseMessage answer)
    {
        Assert.True(answer.StatusCode == HttpStatusCode.Created, await answer.Content.ReadAsStringAsync());
        return (await answer.JsonAsync()).GetProperty("fencingToken").GetInt64();
    }

    private Task<HttpResponseMessage> AcquireAsync(string name, string body) => _host.PostAsync("/api/v1/locks/" + name, body);

    private async Task<Task<HttpResponseMessage>> WaitInQueueAsync(string name, string body, int waiters)
    {
        Task<HttpResponseMessage> waiting = AcquireAsync(name, body);
        await Eventually.TrueAsync(() => Queue(name).WaiterCount == waiters);
        return waiting;
    }

    private async Task ReleaseAsync(string name, long token) =>
        Assert.Equal(HttpStatusCode.OK, (await _host.SendAsync("DELETE", $"/api/v1/locks/{name}?token={token}")).StatusCode);

    private Core.Store.Locks.LockQueue Queue(string name) =>
        _host.Node.View.GetLockQueue(Core.Store.Commands.LockKind.Lock, System.Text.Encoding.UTF8.GetBytes(name));

    private void AssertAloneInQueue(string name)
    {
        Assert.Single(Queue(name).Entries);
        Assert.True(_host.Node.View.LeaseCount <= 2, "leases of those who left are gone");
    }
}
