using System.Net;
using System.Text.Json;
using RaftKv.Core;
using RaftKv.Core.Raft;
using RaftKv.Core.Reads;
using RaftKv.Service.Sessions;
using RaftKv.Service.Vocabulary;

namespace RaftKv.Tests.Api.Levels;

/// <summary>Each level at the door: what it is served from, what its answer says, and how it is refused.</summary>
public sealed class ReadLevelTests : IAsyncLifetime
{
    private static readonly (string Method, string Path, string? Body)[] _reads =
    [
        ("GET", "/api/v1/kv/k", null),
        ("HEAD", "/api/v1/kv/k", null),
        ("GET", "/api/v1/kv/k?history", null),
        ("GET", "/api/v1/kv/k?revision=2", null),
        ("GET", "/api/v1/kv?prefix=k", null),
        ("GET", "/api/v1/kv?prefix=k&countOnly", null),
        ("POST", "/api/v1/kv/range", """{"ranges":[{"prefix":"k"}]}"""),
        ("POST", "/api/v1/txn", """{"compare":[{"key":"k","target":"version","op":">","operand":0}],"then":[{"get":{"key":"k"}}]}"""),
        ("GET", "/api/v1/status", null),
        ("GET", "/api/v1/cluster", null),
    ];

    private static readonly SessionTokens _tokens = new(new ClusterKeys(SingleNodeFake.ClusterKey), SingleNodeFake.ClusterId, incarnation: 0);

    private ApiHost _host = null!;

    public async Task InitializeAsync()
    {
        _host = await ApiHost.StartAsync();
        await _host.SendAsync("PUT", "/api/v1/kv/k", "v");
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData("linearizable", "0")]
    [InlineData("lease", "0")]
    [InlineData("all", "0")]
    [InlineData("sequential", "11")]
    [InlineData("causal", "11")]
    [InlineData("session", "11")]
    [InlineData("read-your-writes", "11")]
    [InlineData("monotonic-reads", "11")]
    [InlineData("bounded", "11")]
    [InlineData("consistent-prefix", "11")]
    [InlineData("eventual", "11")]
    public async Task Every_read_takes_every_level_and_says_what_was_served_and_how_old_it_can_be(string level, string staleness)
    {
        // 10 ms ago by a clock that may lose 1 %: 10.1 ms and the rounding, so 11.
        _host.Node.ProvenAt = new MonotonicTime(_host.Node.Now.Microseconds - 10_000);
        foreach ((string method, string path, string? body) in _reads)
        {
            HttpResponseMessage answer = await _host.SendAsync(
                method, path, body, body is null ? null : "application/json", ("RaftKv-Consistency", level),
                (level == "bounded" ? "RaftKv-Max-Staleness" : "X-Nothing", "50ms"));
            Assert.True(answer.IsSuccessStatusCode, $"{method} {path} {level}: {await answer.Content.ReadAsStringAsync()}");
            Assert.Equal(level, answer.Header("RaftKv-Consistency"));
            Assert.Equal(staleness, answer.Header("RaftKv-Staleness-Ms"));
            answer.AssertStandardHeaders();
        }
    }

    [Theory]
    [InlineData("eventual")]
    [InlineData("consistent-prefix")]
    [InlineData("session")]
    public async Task Age_is_absent_when_nothing_is_proven_and_grows_with_the_clock(string level)
    {
        HttpResponseMessage unknown = await _host.SendAsync("GET", "/api/v1/kv/k?consistency=" + level);
        Assert.Null(unknown.Header("RaftKv-Staleness-Ms"));
        _host.Node.ProvenAt = _host.Node.Now;
        foreach (long seconds in (long[])[1, 10, 3600])
        {
            _host.Node.Now = _host.Node.ProvenAt.Value + (seconds * 1_000_000);
            HttpResponseMessage known = await _host.SendAsync("GET", "/api/v1/kv/k?consistency=" + level);
            long ms = long.Parse(known.Header("RaftKv-Staleness-Ms")!);
            Assert.InRange(ms, (seconds * 1010) + 1, (seconds * 1011) + 2);
        }
    }

    [Fact]
    public async Task Lease_is_served_without_a_barrier_while_it_lasts_and_by_one_afterwards()
    {
        _host.Node.LeaderLeaseUntil = _host.Node.Now + 1;
        HttpResponseMessage held = await _host.SendAsync("GET", "/api/v1/kv/k?consistency=lease");
        Assert.Equal("0", held.Header("RaftKv-Staleness-Ms"));
        Assert.Empty(_host.Node.Demands);

        _host.Node.LeaderLeaseUntil = _host.Node.Now;
        await _host.SendAsync("GET", "/api/v1/kv/k?consistency=lease");
        Assert.True(Assert.Single(_host.Node.Demands).AllowsLeaderLease);
    }

    [Fact]
    public async Task Bounded_is_served_while_the_proof_is_young_and_asks_for_a_barrier_otherwise()
    {
        _host.Node.ProvenAt = new MonotonicTime(_host.Node.Now.Microseconds - 100_000);
        await ReadAsync("bounded", ("RaftKv-Max-Staleness", "200ms"));
        Assert.Empty(_host.Node.Demands);
        HttpResponseMessage refreshed = await ReadAsync("bounded", ("RaftKv-Max-Staleness", "100ms"));
        Assert.Equal("0", refreshed.Header("RaftKv-Staleness-Ms"));
        await ReadAsync("bounded", ("RaftKv-Max-Lag", "5"));
        await ReadAsync("bounded", ("RaftKv-Max-Lag", "5"), ("RaftKv-Max-Staleness", "200ms"));
        Assert.Equal([0, 5, 5], _host.Node.Demands.Select(d => d.MaxLagEntries));
    }

    [Theory]
    [InlineData("session", 0, 5, false)]
    [InlineData("session", 5, 0, false)]
    [InlineData("causal", 5, 0, false)]
    [InlineData("sequential", 0, 5, false)]
    [InlineData("read-your-writes", 0, 5, false)]
    [InlineData("read-your-writes", 5, 2, true)]
    [InlineData("monotonic-reads", 5, 0, false)]
    [InlineData("monotonic-reads", 2, 5, true)]
    [InlineData("session", 2, 2, true)]
    [InlineData("eventual", 5, 5, true)]
    [InlineData("consistent-prefix", 5, 5, true)]
    public async Task Token_levels_look_at_their_part_of_the_token(string level, long read, long write, bool isServed)
    {
        HttpResponseMessage answer = await ReadAsync(level, ("RaftKv-Session", Token(read, write)), ("RaftKv-On-Unmet", "fail"));
        if (isServed)
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            return;
        }

        JsonElement problem = await answer.ProblemAsync(503, "consistency-unmet");
        JsonElement asked = problem.GetProperty("asked");
        Assert.Equal(level, asked.GetProperty("level").GetString());
        Assert.Equal(5, asked.GetProperty("revision").GetInt64());
        Assert.Equal(JsonValueKind.Null, asked.GetProperty("maxStalenessMs").ValueKind);
        JsonElement available = problem.GetProperty("available");
        Assert.Equal(2, available.GetProperty("revision").GetInt64());
        Assert.Equal(JsonValueKind.Null, available.GetProperty("stalenessMs").ValueKind);
        Assert.Equal("leader", available.GetProperty("role").GetString());
        Assert.Equal("n1", available.GetProperty("leader").GetString());
        Assert.Equal(1, available.GetProperty("term").GetInt64());
    }

    [Fact]
    public async Task Waiting_read_is_served_once_the_token_is_reached()
    {
        Task<HttpResponseMessage> waiting = ReadAsync("session", ("RaftKv-Session", Token(0, 4)), ("RaftKv-Timeout", "20s"));
        await _host.SendAsync("PUT", "/api/v1/kv/k", "three");
        Assert.False(waiting.IsCompleted);
        await _host.SendAsync("PUT", "/api/v1/kv/k", "four");
        Assert.Equal("four", (await (await waiting).JsonAsync()).GetProperty("value").GetString());
    }

    [Fact]
    public async Task Token_that_is_never_reached_ends_at_the_timeout() =>
        await (await ReadAsync("session", ("RaftKv-Session", Token(99, 0)), ("RaftKv-Timeout", "30ms"))).ProblemAsync(503, "consistency-unmet");

    [Fact]
    public async Task Answers_carry_a_token_of_what_was_really_read_and_written()
    {
        HttpResponseMessage put = await _host.SendAsync("PUT", "/api/v1/kv/k", "w");
        Assert.Equal((0, 3), Parts(put));
        HttpResponseMessage get = await ReadAsync("eventual");
        Assert.Equal((3, 0), Parts(get));
        HttpResponseMessage both = await ReadAsync("eventual", ("RaftKv-Session", put.Header("RaftKv-Session")! + ", " + get.Header("RaftKv-Session")));
        Assert.Equal((3, 3), Parts(both));
        HttpResponseMessage txn = await _host.PostAsync("/api/v1/txn", """{"then":[{"put":{"key":"x","value":"1"}},{"get":{"key":"k"}}]}""");
        Assert.Equal((4, 4), Parts(txn));
        HttpResponseMessage refused = await _host.SendAsync("PUT", "/api/v1/kv/k", "z", null, ("If-Match", "\"1\""));
        Assert.Equal(4, Parts(refused).Read);
        HttpResponseMessage error = await _host.SendAsync("GET", "/api/v1/kv/k?nonsense=1");
        Assert.Equal((0, 0), Parts(error));
        HttpResponseMessage missing = await _host.SendAsync("GET", "/api/v1/kv/none", headers: ("RaftKv-Session", Token(1, 1)));
        Assert.Equal((4, 1), Parts(missing));
    }

    [Theory]
    [InlineData("eventual")]
    [InlineData("linearizable")]
    public async Task Token_is_never_smaller_than_the_one_that_came(string level)
    {
        HttpResponseMessage answer = await ReadAsync(level, ("RaftKv-Session", Token(40, 50)));
        Assert.Equal((40, 50), Parts(answer));
    }

    [Theory]
    [InlineData("RaftKv-Consistency", "serializable")]
    [InlineData("RaftKv-Consistency", "Linearizable")]
    [InlineData("RaftKv-Consistency", "")]
    [InlineData("RaftKv-Consistency", "bounded")]
    [InlineData("RaftKv-On-Unmet", "retry")]
    [InlineData("RaftKv-Timeout", "0ms")]
    [InlineData("RaftKv-Timeout", "61s")]
    [InlineData("RaftKv-Timeout", "5")]
    [InlineData("RaftKv-Max-Staleness", "fast")]
    [InlineData("RaftKv-Max-Staleness", "-1ms")]
    [InlineData("RaftKv-Max-Staleness", "25h")]
    [InlineData("RaftKv-Max-Lag", "-1")]
    [InlineData("RaftKv-Max-Lag", "1.5")]
    [InlineData("RaftKv-Max-Lag", "9999999999999999999")]
    [InlineData("RaftKv-Forwarded", "2")]
    public async Task Bad_headers_are_refused_with_a_sentence(string name, string value) =>
        await (await _host.SendAsync("GET", "/api/v1/kv/k", headers: (name, value))).ProblemAsync(400, "invalid-request");

    [Theory]
    [InlineData("RaftKv-Max-Staleness", "5s", "session")]
    [InlineData("RaftKv-Max-Lag", "5", "eventual")]
    public async Task Bounds_are_refused_at_levels_that_would_not_keep_them(string name, string value, string level) =>
        await (await ReadAsync(level, (name, value))).ProblemAsync(400, "invalid-request");

    [Fact]
    public async Task Bounds_are_kept_by_the_levels_that_are_never_stale()
    {
        HttpResponseMessage answer = await ReadAsync("linearizable", ("RaftKv-Max-Staleness", "5s"), ("RaftKv-Max-Lag", "5"));
        Assert.Equal("0", answer.Header("RaftKv-Staleness-Ms"));
    }

    [Theory]
    [InlineData("linearizable")]
    [InlineData("lease")]
    [InlineData("all")]
    [InlineData("bounded")]
    public async Task Without_a_leader_the_strong_levels_are_unmet_and_the_weak_ones_answer(string level)
    {
        _host.Node.Mode = FakeMode.Leaderless;
        _host.Node.ProvenAt = new MonotonicTime(_host.Node.Now.Microseconds - 1_000_000);
        foreach (string policy in (string[])["wait", "fail", "forward"])
        {
            HttpResponseMessage refused = await ReadAsync(
                level, ("RaftKv-On-Unmet", policy), (level == "bounded" ? "RaftKv-Max-Staleness" : "X-Nothing", "500ms"));
            JsonElement problem = JsonDocument.Parse(await refused.Content.ReadAsStringAsync()).RootElement;
            Assert.Equal("consistency-unmet", problem.GetProperty("code").GetString());
            Assert.Equal("no", problem.GetProperty("applied").GetString());
            Assert.Equal(level, problem.GetProperty("asked").GetProperty("level").GetString());
            Assert.InRange(problem.GetProperty("available").GetProperty("stalenessMs").GetInt64(), 1010, 1013);
            Assert.Equal("1", refused.Header("Retry-After"));
        }

        foreach (string weak in (string[])["eventual", "consistent-prefix", "session", "causal"])
        {
            Assert.Equal(HttpStatusCode.OK, (await ReadAsync(weak)).StatusCode);
        }
    }

    [Fact]
    public async Task An_error_that_served_nothing_names_no_level()
    {
        HttpResponseMessage bad = await _host.SendAsync("GET", "/api/v1/kv/k?revision=x");
        HttpResponseMessage missing = await _host.SendAsync("GET", "/api/v1/kv/missing");
        _host.Node.Mode = FakeMode.Leaderless;
        HttpResponseMessage unmet = await _host.SendAsync("GET", "/api/v1/kv/k");

        Assert.Equal((400, null, null), ((int)bad.StatusCode, bad.Header("RaftKv-Consistency"), bad.Header("RaftKv-Staleness-Ms")));
        Assert.Equal((503, null, null), ((int)unmet.StatusCode, unmet.Header("RaftKv-Consistency"), unmet.Header("RaftKv-Staleness-Ms")));

        // That a key is not there was read, and at which level.
        Assert.Equal(404, (int)missing.StatusCode);
        Assert.Equal(("linearizable", "0"), (missing.Header("RaftKv-Consistency"), missing.Header("RaftKv-Staleness-Ms")));
    }

    [Fact]
    public async Task All_is_unmet_while_a_voter_lags_and_says_so()
    {
        _host.Node.AllApply = false;
        JsonElement problem = await (await ReadAsync("all")).ProblemAsync(503, "consistency-unmet");
        Assert.Contains("voter", problem.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task All_shows_nothing_newer_than_what_every_voter_was_awaited_for()
    {
        LogIndex awaited = default;
        LogIndex before = _host.Node.View.AppliedIndex;
        _host.Node.WhileWaitingForAll = async index =>
        {
            awaited = index;
            _host.Node.WhileWaitingForAll = null;
            await _host.SendAsync("PUT", "/api/v1/kv/k", "newer");
        };

        HttpResponseMessage answer = await ReadAsync("all");

        Assert.Equal(before, awaited);
        Assert.Equal("v", (await answer.JsonAsync()).GetProperty("value").GetString());
        Assert.Equal("2", answer.Header("RaftKv-Revision"));
        Assert.Equal(awaited.Value.ToString(System.Globalization.CultureInfo.InvariantCulture), answer.Header("RaftKv-Applied-Index"));
    }

    [Fact]
    public async Task Future_revision_waits_at_weak_levels_and_is_a_mistake_at_strong_ones()
    {
        Task<HttpResponseMessage> waiting = _host.SendAsync("GET", "/api/v1/kv/k?revision=3&consistency=eventual");
        await _host.SendAsync("PUT", "/api/v1/kv/k", "three");
        Assert.Equal("three", (await (await waiting).JsonAsync()).GetProperty("value").GetString());
        await (await _host.SendAsync("GET", "/api/v1/kv/k?revision=9")).ProblemAsync(400, "invalid-request");
        JsonElement problem = await (await _host.SendAsync("GET", "/api/v1/kv/k?revision=9&consistency=eventual", headers: ("RaftKv-On-Unmet", "fail")))
            .ProblemAsync(503, "consistency-unmet");
        Assert.Equal(9, problem.GetProperty("asked").GetProperty("revision").GetInt64());
    }

    [Fact]
    public async Task Bad_tokens_are_refused_on_reads_and_writes_alike()
    {
        string foreign = new SessionTokens(new ClusterKeys(SingleNodeFake.ClusterKey), 0xBAD, 0).Encode(default);
        foreach (string bad in (string[])["abc", foreign, Token(1, 1)[..^1]])
        {
            await (await ReadAsync("eventual", ("RaftKv-Session", bad))).ProblemAsync(400, "session-mismatch");
            await (await _host.SendAsync("PUT", "/api/v1/kv/k", "x", null, ("RaftKv-Session", bad))).ProblemAsync(400, "session-mismatch");
        }

        Assert.Equal("v", (await (await ReadAsync("eventual")).JsonAsync()).GetProperty("value").GetString());
    }

    [Fact]
    public async Task Node_that_does_not_know_the_key_gives_no_token_and_takes_none()
    {
        await using ApiHost young = await ApiHost.StartAsync(new SingleNodeFake(hasKey: false));
        HttpResponseMessage answer = await young.SendAsync("GET", "/api/v1/kv?consistency=eventual", headers: ("RaftKv-Receipt", "1"));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Null(answer.Header("RaftKv-Session"));
        Assert.Null(answer.Header("RaftKv-Receipt"));
        HttpResponseMessage refused = await young.SendAsync("GET", "/api/v1/kv?consistency=eventual", headers: ("RaftKv-Session", Token(1, 1)));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal("not-ready", (await refused.JsonAsync()).GetProperty("code").GetString());
    }

    [Fact]
    public void Names_and_aliases_are_those_of_the_contract()
    {
        Assert.Equal(11, ReadLevels.Count);
        foreach (ReadLevel level in ReadLevels.All)
        {
            Assert.True(ReadLevels.TryParse(ReadLevels.NameOf(level), out ReadLevel same) && same == level);
        }

        Assert.True(ReadLevels.TryParse("one", out ReadLevel one) && one == ReadLevel.Eventual);
        Assert.False(ReadLevels.TryParse("", out _));
    }

    [Fact]
    public async Task Follower_says_so_and_does_not_lead()
    {
        _host.Node.Role = Role.Follower;
        HttpResponseMessage answer = await ReadAsync("linearizable");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("linearizable", answer.Header("RaftKv-Consistency"));
    }

    private static string Token(long read, long write) => _tokens.Encode(new SessionMark(new Revision(read), new Revision(write)));

    private static (long Read, long Write) Parts(HttpResponseMessage answer)
    {
        int count = 0;
        SessionMark seen = _tokens.Merge(default, answer.Header("RaftKv-Session"), ref count);
        Assert.Equal(1, count);
        return (seen.Read.Value, seen.Write.Value);
    }

    private Task<HttpResponseMessage> ReadAsync(string level, params (string Name, string Value)[] headers) =>
        _host.SendAsync("GET", "/api/v1/kv/k", headers: [("RaftKv-Consistency", level), .. headers]);
}
