using System.Net;
using System.Text.Json;
using RaftKv.Tests.Node;

namespace RaftKv.Tests.Api.Levels;

/// <summary>Three real nodes in this process, each with its own door: tokens, forwarding and concerns between them.</summary>
public sealed class LevelClusterTests : IAsyncLifetime
{
    private readonly TestCluster _cluster = new(3);
    private readonly ApiHost[] _doors = new ApiHost[3];
    private int _leader;

    private ApiHost Leader => _doors[_leader];

    private int FollowerIndex => (_leader + 1) % 3;

    private ApiHost Follower => _doors[FollowerIndex];

    public async Task InitializeAsync()
    {
        _cluster.StartAll();
        _leader = await _cluster.LeaderAsync();
        for (int i = 0; i < _doors.Length; i++)
        {
            await OpenAsync(i);
        }

        // Every node has heard of the cluster's key.
        foreach (ApiHost door in _doors)
        {
            await UntilAsync(async () => (await door.SendAsync("GET", "/api/v1/kv/none")).Header("RaftKv-Session") is not null);
        }

        _leader = await _cluster.LeaderAsync();
    }

    public async Task DisposeAsync()
    {
        foreach (ApiHost door in _doors)
        {
            await door.DisposeAsync();
        }

        await _cluster.DisposeAsync();
    }

    [Fact]
    public async Task What_became_of_an_accepted_write_is_told_by_every_node()
    {
        HttpResponseMessage accepted = await Leader.SendAsync(
            "PUT", "/api/v1/kv/accepted", "v", headers: [("RaftKv-Write-Concern", "ANY")]);
        string location = accepted.Header("Location")!;
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);

        foreach (ApiHost door in _doors)
        {
            await UntilAsync(async () =>
                (await (await door.SendAsync("GET", location)).JsonAsync()).GetProperty("state").GetString() == "applied");
        }

        // Of a node that nobody knows nothing is known.
        string stranger = $"/api/v1/operations/{new string('9', 16)}{location[location.IndexOf('-', StringComparison.Ordinal)..]}";
        Assert.Equal("unknown", (await (await Leader.SendAsync("GET", stranger)).JsonAsync()).GetProperty("state").GetString());
    }

    [Fact]
    public async Task Leadership_goes_where_it_is_asked_to_and_away_from_a_node_that_drains_whoever_is_asked()
    {
        int target = FollowerIndex;
        int other = (_leader + 2) % 3;
        HttpResponseMessage moved = await _doors[other].SendAsync("POST", $"/api/v1/cluster/members/n{target + 1}/lead");
        Assert.True(moved.StatusCode == HttpStatusCode.OK, await moved.Content.ReadAsStringAsync());
        Assert.Equal($"n{target + 1}", (await moved.JsonAsync()).GetProperty("leader").GetProperty("name").GetString());
        Assert.Equal(target, await _cluster.LeaderAsync());

        HttpResponseMessage asked = await _doors[other].SendAsync("POST", $"/api/v1/cluster/members/n{target + 1}/drain");
        Assert.True(asked.StatusCode == HttpStatusCode.OK, await asked.Content.ReadAsStringAsync());
        JsonElement drained = await asked.JsonAsync();
        Assert.Equal(
            ($"n{target + 1}", "draining"), (drained.GetProperty("node").GetString(), drained.GetProperty("phase").GetString()));
        Assert.NotEqual(target, await _cluster.LeaderAsync());

        // It takes no writes, and is read; the others go on.
        HttpResponseMessage refused = await _doors[target].SendAsync("PUT", "/api/v1/kv/k", "v");
        Assert.Equal("shutting-down", (await refused.JsonAsync()).GetProperty("code").GetString());
        Assert.True((await _doors[other].SendAsync("PUT", "/api/v1/kv/k", "v")).IsSuccessStatusCode);
        Assert.Equal("v", await (await _doors[target].SendAsync("GET", "/api/v1/kv/k?raw")).Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Token_of_one_node_makes_another_show_the_write_at_once_or_wait_for_it()
    {
        for (int i = 0; i < 50; i++)
        {
            HttpResponseMessage put = await _doors[i % 3].SendAsync("PUT", "/api/v1/kv/k", $"{i}");
            HttpResponseMessage get = await _doors[(i + 1) % 3].SendAsync(
                "GET", "/api/v1/kv/k?raw", headers: [("RaftKv-Consistency", "session"), ("RaftKv-Session", put.Header("RaftKv-Session")!)]);
            Assert.Equal($"{i}", await get.Content.ReadAsStringAsync());
            Assert.Equal($"n{((i + 1) % 3) + 1}", get.Header("RaftKv-Served-By"));
        }
    }

    [Fact]
    public async Task Read_is_passed_on_to_the_leader_and_its_answer_comes_back_as_it_is()
    {
        await Leader.SendAsync("PUT", "/api/v1/kv/a%2Fb", "slash");
        await Leader.SendAsync("PUT", "/api/v1/kv/a%252Fb", "percent");
        (string Name, string Value)[] forward = [("RaftKv-On-Unmet", "forward"), ("Connection", "X-Hop"), ("X-Hop", "1")];
        foreach ((string method, string path, string? body) in (List<(string, string, string?)>)[
            ("GET", "/api/v1/kv/a%2Fb?raw", null), ("GET", "/api/v1/kv/a%252Fb?raw", null), ("HEAD", "/api/v1/kv/a%2Fb?raw", null),
            ("GET", "/api/v1/kv/none", null), ("GET", "/api/v1/kv?limit=1", null), ("GET", "/api/v1/kv/a%2Fb?history", null),
            ("POST", "/api/v1/kv/range", """{"ranges":[{"prefix":"a"}]}"""),
            ("POST", "/api/v1/txn", """{"then":[{"get":{"prefix":"a"}}]}""")])
        {
            string? type = body is null ? null : "application/json";
            HttpResponseMessage direct = await Leader.SendAsync(method, path, body, type);
            HttpResponseMessage passed = await Follower.SendAsync(method, path, body, type, forward);
            Assert.Equal(direct.StatusCode, passed.StatusCode);
            Assert.Equal($"n{_leader + 1}", passed.Header("RaftKv-Served-By"));
            Assert.Equal("linearizable", passed.Header("RaftKv-Consistency"));
            Assert.Equal(direct.Header("ETag"), passed.Header("ETag"));
            Assert.Equal(direct.Header("Link"), passed.Header("Link"));
            Assert.Equal(direct.Content.Headers.ContentType?.ToString(), passed.Content.Headers.ContentType?.ToString());
            Assert.Equal(direct.Content.Headers.ContentLength, passed.Content.Headers.ContentLength);
            if (direct.IsSuccessStatusCode)
            {
                Assert.Equal(await direct.Content.ReadAsStringAsync(), await passed.Content.ReadAsStringAsync());
            }
        }
    }

    [Fact]
    public async Task A_read_that_is_passed_on_has_the_rights_of_who_asked_and_no_others()
    {
        (string Path, string Body)[] changes =
        [
            ("users", """{"name":"root","password":"root-password"}"""), ("users/root/grant", """{"role":"root"}"""),
            ("users", """{"name":"ann","password":"ann-password"}"""), ("roles", """{"role":"a"}"""),
            ("roles/a/grant", """{"prefix":"a/","rights":["read"]}"""), ("users/ann/grant", """{"role":"a"}"""), ("enable", "{}"),
        ];
        foreach ((string path, string body) in changes)
        {
            HttpResponseMessage changed = await Leader.PostAsync("/api/v1/auth/" + path, body);
            Assert.True(changed.IsSuccessStatusCode, await changed.Content.ReadAsStringAsync());
        }

        // The follower has heard of it, and so has all that was done before.
        await UntilAsync(async () => (int)(await Follower.SendAsync("GET", "/api/v1/kv/a/1")).StatusCode == 401);
        (string, string) forward = ("RaftKv-On-Unmet", "forward");
        (string User, string Key, int Status)[] reads = [("ann", "a/1", 404), ("ann", "b/1", 403), ("root", "b/1", 404), ("", "a/1", 401)];
        foreach ((string user, string key, int status) in reads)
        {
            (string, string)[] headers = user.Length == 0 ? [forward] : [forward, Access.AccessHost.Basic(user)];
            HttpResponseMessage passed = await Follower.SendAsync("GET", "/api/v1/kv/" + key, headers: headers);
            Assert.Equal(status, (int)passed.StatusCode);
            Assert.True(status != 404 || passed.Header("RaftKv-Served-By") == $"n{_leader + 1}", "it was passed on");
        }
    }

    [Fact]
    public async Task Large_answers_are_passed_on_whole()
    {
        byte[] value = new byte[1_500_000];
        new Random(1).NextBytes(value);
        await Leader.Client.PutAsync("/api/v1/kv/big", new ByteArrayContent(value));
        HttpResponseMessage passed = await Follower.SendAsync("GET", "/api/v1/kv/big?raw", headers: ("RaftKv-On-Unmet", "forward"));
        Assert.Equal(value, await passed.Content.ReadAsByteArrayAsync());
        Assert.Equal($"n{_leader + 1}", passed.Header("RaftKv-Served-By"));
    }

    [Fact]
    public async Task Read_that_was_passed_on_is_not_passed_on_again()
    {
        HttpResponseMessage own = await Follower.SendAsync(
            "GET", "/api/v1/kv?countOnly", headers: [("RaftKv-On-Unmet", "forward"), ("RaftKv-Forwarded", "1")]);
        Assert.Equal($"n{FollowerIndex + 1}", own.Header("RaftKv-Served-By"));
        HttpResponseMessage atLeader = await Leader.SendAsync("GET", "/api/v1/kv?countOnly", headers: ("RaftKv-On-Unmet", "forward"));
        Assert.Equal($"n{_leader + 1}", atLeader.Header("RaftKv-Served-By"));
        HttpResponseMessage enough = await Follower.SendAsync(
            "GET", "/api/v1/kv?countOnly", headers: [("RaftKv-On-Unmet", "forward"), ("RaftKv-Consistency", "eventual")]);
        Assert.Equal($"n{FollowerIndex + 1}", enough.Header("RaftKv-Served-By"));
    }

    [Fact]
    public async Task Leader_that_does_not_answer_leaves_the_read_unmet()
    {
        _cluster.Network.ClientUrls[_cluster[_leader].Identity.Id] = "http://127.0.0.1:1";
        HttpResponseMessage refused = await Follower.SendAsync("GET", "/api/v1/kv/k", headers: ("RaftKv-On-Unmet", "forward"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        JsonElement problem = await refused.JsonAsync();
        Assert.Equal("consistency-unmet", problem.GetProperty("code").GetString());
        Assert.Equal("linearizable", problem.GetProperty("asked").GetProperty("level").GetString());
        Assert.Equal($"n{FollowerIndex + 1}", refused.Header("RaftKv-Served-By"));
    }

    [Fact]
    public async Task Cut_off_follower_refuses_a_token_that_it_has_not_reached_and_all_waits_for_it()
    {
        _cluster.Network.CutOff(_cluster[FollowerIndex].Identity.Id);
        HttpResponseMessage put = await Leader.SendAsync("PUT", "/api/v1/kv/k", "v");
        (string, string) token = ("RaftKv-Session", put.Header("RaftKv-Session")!);
        foreach (string level in (string[])["session", "causal", "read-your-writes"])
        {
            HttpResponseMessage unmet = await Follower.SendAsync(
                "GET", "/api/v1/kv/k", headers: [("RaftKv-Consistency", level), token, ("RaftKv-Timeout", "50ms")]);
            Assert.Equal("consistency-unmet", (await unmet.JsonAsync()).GetProperty("code").GetString());
            Assert.Equal(put.Header("RaftKv-Session"), unmet.Header("RaftKv-Session"));
        }

        // Applied, and not everywhere; a machine that stands still for so long may not know whether it is applied.
        JsonElement problem = default;
        await UntilAsync(async () =>
        {
            HttpResponseMessage concern = await Leader.SendAsync(
                "PUT", "/api/v1/kv/k", "w", headers: [("RaftKv-Write-Concern", "all"), ("RaftKv-Timeout", "300ms")]);
            Assert.Equal(HttpStatusCode.GatewayTimeout, concern.StatusCode);
            problem = await concern.JsonAsync();
            return problem.GetProperty("code").GetString() != "outcome-unknown";
        });
        Assert.Equal(("write-concern-unmet", "yes"), (problem.GetProperty("code").GetString(), problem.GetProperty("applied").GetString()));
        HttpResponseMessage all = await Leader.SendAsync("GET", "/api/v1/kv/k", headers: [("RaftKv-Consistency", "all"), ("RaftKv-Timeout", "300ms")]);
        Assert.Equal("consistency-unmet", (await all.JsonAsync()).GetProperty("code").GetString());

        _cluster.Network.Heal(_cluster[FollowerIndex].Identity.Id);
        await UntilAsync(async () => (await Leader.SendAsync(
            "PUT", "/api/v1/kv/k", "x", headers: ("RaftKv-Write-Concern", "all"))).StatusCode == HttpStatusCode.OK);
        HttpResponseMessage everywhere = await Follower.SendAsync("GET", "/api/v1/kv/k?raw", headers: ("RaftKv-Consistency", "eventual"));
        Assert.Equal("x", await everywhere.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.OK, (await Follower.SendAsync("GET", "/api/v1/kv/k", headers: ("RaftKv-Consistency", "all"))).StatusCode);
    }

    [Fact]
    public async Task Lost_write_of_a_deposed_leader_is_looked_up_as_not_applied()
    {
        JsonElement problem = await LoseWriteAsync();
        string operation = problem.GetProperty("operation").GetString()!;
        Assert.Equal("unknown", await StateAsync(operation));

        await UntilAsync(async () => (await Follower.SendAsync("PUT", "/api/v1/kv/other", "v", headers: ("RaftKv-Timeout", "1s"))).IsSuccessStatusCode);
        _cluster.Network.Heal(_cluster[_leader].Identity.Id);
        await UntilAsync(async () => await StateAsync(operation) != "unknown");
        Assert.Equal("not-applied", await StateAsync(operation));
        Assert.Equal(HttpStatusCode.NotFound, (await Follower.SendAsync("GET", "/api/v1/kv/lost")).StatusCode);
    }

    [Fact]
    public async Task Tokens_and_receipts_outlive_a_restart_and_are_checked_by_every_node()
    {
        HttpResponseMessage put = await Follower.SendAsync("PUT", "/api/v1/kv/k", "v", headers: ("RaftKv-Receipt", "1"));
        int index = FollowerIndex;
        await _doors[index].DisposeAsync();
        await _cluster.StopAsync(index);
        _cluster.Start(index);
        await OpenAsync(index);
        await UntilAsync(async () => (await _doors[index].SendAsync(
            "GET", "/api/v1/kv/k", headers: [("RaftKv-Consistency", "session"), ("RaftKv-Session", put.Header("RaftKv-Session")!)])).IsSuccessStatusCode);
        foreach (ApiHost door in _doors)
        {
            string receipt = JsonSerializer.Serialize(new { receipt = put.Header("RaftKv-Receipt") });
            JsonElement verdict = await (await door.PostAsync("/api/v1/receipts/verify", receipt)).JsonAsync();
            Assert.True(verdict.GetProperty("valid").GetBoolean(), verdict.ToString());
        }
    }

    [Fact]
    public async Task Leader_shows_how_far_behind_a_cut_off_follower_is()
    {
        _cluster.Network.CutOff(_cluster[FollowerIndex].Identity.Id);
        await Leader.SendAsync("PUT", "/api/v1/kv/k", "v");
        string name = $"n{FollowerIndex + 1}";
        await UntilAsync(async () =>
        {
            string metrics = await Leader.Client.GetStringAsync("/metrics");
            string? line = metrics.Split('\n').FirstOrDefault(l => l.StartsWith($"raftkv_follower_lag_entries{{follower=\"{name}\"}}", StringComparison.Ordinal));
            return line is not null && !line.EndsWith(" 0", StringComparison.Ordinal);
        });
        JsonElement status = await (await Leader.SendAsync("GET", "/api/v1/status")).JsonAsync();
        Assert.Contains(status.GetProperty("followers").EnumerateArray(), f => f.GetProperty("name").GetString() == name && f.GetProperty("lagEntries").GetInt64() > 0);
        Assert.Equal(0, status.GetProperty("alarms").GetArrayLength());
    }

    // A leader that is cut off takes a write until it has noticed; on a machine that stood still meanwhile, once more.
    private async Task<JsonElement> LoseWriteAsync()
    {
        while (true)
        {
            _cluster.Network.CutOff(_cluster[_leader].Identity.Id);
            HttpResponseMessage lost = await Leader.SendAsync("PUT", "/api/v1/kv/lost", "v", headers: ("RaftKv-Timeout", "200ms"));
            JsonElement problem = await lost.JsonAsync();
            if (problem.GetProperty("code").GetString() == "outcome-unknown")
            {
                return problem;
            }

            Assert.Equal("no", problem.GetProperty("applied").GetString());
            _cluster.Network.Heal(_cluster[_leader].Identity.Id);
            _leader = await _cluster.LeaderAsync();
        }
    }

    // Each look is a real request or a real election; nothing here asserts how long it took.
    private static async Task UntilAsync(Func<Task<bool>> isReached)
    {
        using var patience = new CancellationTokenSource(TestCluster.Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!await isReached())
        {
            await timer.WaitForNextTickAsync(patience.Token);
        }
    }

    private async Task OpenAsync(int index)
    {
        _doors[index] = await ApiHost.StartAsync(_cluster[index]);
        _cluster.Network.ClientUrls[_cluster[index].Identity.Id] = _doors[index].Address.ToString();
    }

    private async Task<string> StateAsync(string operation) =>
        (await (await Leader.SendAsync("GET", operation)).JsonAsync()).GetProperty("state").GetString()!;
}
