using System.Globalization;
using System.Net;
using System.Text.Json;
using RaftKv.Core.Store.Commands;

namespace RaftKv.Tests.Api.Coordination;

/// <summary>Client sessions, and the window and shares of plain idempotency keys.</summary>
public sealed class OnceTests : IAsyncLifetime
{
    private ApiHost _host = null!;

    public async Task InitializeAsync()
    {
        _host = await ApiHost.StartAsync();
        await _host.PostAsync("/api/v1/leases", """{"ttl":"15s","id":"77"}""");
        await _host.SendAsync("PUT", "/api/v1/guards/h%2F");
        await _host.SendAsync("PUT", "/api/v1/quotas/r%2F", """{"keys":5}""", "application/json");
        await _host.SendAsync("PUT", "/api/v1/kv/else", "v");
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [MemberData(nameof(FenceAndKeyTests.Writes), MemberType = typeof(FenceAndKeyTests))]
    public async Task A_repeat_under_a_number_gets_the_first_answer_and_changes_nothing(string method, string path, string? body)
    {
        string session = await OpenAsync();
        HttpResponseMessage first = await SendAsync(method, path, body, (Session, $"{session};seq=7;ack=2"));
        Assert.True(first.IsSuccessStatusCode, await first.Content.ReadAsStringAsync());
        Assert.Null(first.Header("RaftKv-Replayed"));
        long revision = _host.Node.View.Revision.Value;
        HttpResponseMessage second = await SendAsync(method, path, body, (Session, $"{session};seq=7"));
        Assert.Equal((first.StatusCode, "true"), (second.StatusCode, second.Header("RaftKv-Replayed")));
        Assert.Equal(await first.Content.ReadAsStringAsync(), await second.Content.ReadAsStringAsync());
        Assert.Equal(revision, _host.Node.View.Revision.Value);
        HttpResponseMessage other = await SendAsync("PUT", "/api/v1/kv/another", "v", (Session, $"{session};seq=7"));
        await other.ProblemAsync(422, "idempotency-key-reused");
        HttpResponseMessage next = await SendAsync("PUT", "/api/v1/kv/another", "v", (Session, $"{session};seq=8;ack=7"));
        Assert.Equal(HttpStatusCode.Created, next.StatusCode);
        HttpResponseMessage late = await SendAsync(method, path, body, (Session, $"{session};seq=7"));
        await late.ProblemAsync(409, "idempotency-expired", applied: "unknown");
        Assert.Equal("v", await (await SendAsync("GET", "/api/v1/kv/another?raw", null)).Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_session_that_is_not_there_is_an_error_and_nothing_runs()
    {
        string session = await OpenAsync();
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("DELETE", "/api/v1/client-sessions/" + session, null)).StatusCode);
        await (await SendAsync("DELETE", "/api/v1/client-sessions/" + session, null)).ProblemAsync(409, "client-session-unknown");
        await (await SendAsync("PUT", "/api/v1/kv/k", "v", (Session, session + ";seq=1"))).ProblemAsync(409, "client-session-unknown");
        await (await SendAsync("PUT", "/api/v1/kv/k", "v", (Session, session), ("Idempotency-Key", "k")))
            .ProblemAsync(409, "client-session-unknown");
        Assert.Null(_host.Node.View.Get("k"u8));
    }

    [Fact]
    public async Task A_number_that_overtakes_itself_is_told_so()
    {
        string session = await OpenAsync();
        TaskCompletionSource hold = _host.Node.Hold();
        Task<HttpResponseMessage> first = SendAsync("POST", "/api/v1/counters/n", null, (Session, session + ";seq=1"));
        await _host.Node.FirstProposed.Task;
        using (HttpResponseMessage second = await SendAsync("POST", "/api/v1/counters/n", null, (Session, session + ";seq=1")))
        {
            await second.ProblemAsync(409, "idempotency-in-flight", applied: "unknown");
        }

        hold.SetResult();
        Assert.Equal(HttpStatusCode.OK, (await first).StatusCode);
    }

    [Fact]
    public async Task A_session_that_acknowledges_nothing_is_told_what_to_do()
    {
        string session = await OpenAsync();
        for (int i = 1; i <= 64; i++)
        {
            Assert.True((await SendAsync("POST", "/api/v1/counters/n", null, (Session, $"{session};seq={i}"))).IsSuccessStatusCode);
        }

        HttpResponseMessage full = await SendAsync("POST", "/api/v1/counters/n", null, (Session, session + ";seq=65"));
        Assert.Contains("ack=N", (await full.ProblemAsync(429, "overloaded")).GetProperty("detail").GetString());
        Assert.True((await SendAsync("POST", "/api/v1/counters/n", null, (Session, session + ";seq=65;ack=64"))).IsSuccessStatusCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("77;seq=1")]
    [InlineData("ffffffffffffffff;seq=1")]
    [InlineData("0000000000000000;seq=1")]
    [InlineData("0000000000000001")]
    [InlineData("0000000000000001;seq=0")]
    [InlineData("0000000000000001;seq=-1")]
    [InlineData("0000000000000001;seq=x")]
    [InlineData("0000000000000001;ack=1")]
    [InlineData("0000000000000001;seq=3;ack=3")]
    [InlineData("0000000000000001;seq=3;ack=1;more=1")]
    [InlineData("0000000000000001;seq=99999999999999999999")]
    public async Task A_header_that_makes_no_sense_is_refused_with_a_sentence(string value)
    {
        await (await SendAsync("PUT", "/api/v1/kv/k", "v", (Session, value))).ProblemAsync(400, "invalid-request");
        await (await SendAsync("PUT", "/api/v1/kv/k", "v", (Session, "0000000000000001;seq=1"), ("Idempotency-Key", "k")))
            .ProblemAsync(400, "invalid-request");
        await (await SendAsync("POST", "/api/v1/client-sessions", null, ("Idempotency-Key", "k"))).ProblemAsync(400, "invalid-request");
        Assert.Null(_host.Node.View.Get("k"u8));
    }

    // The case that ended in a day of refusals: 180 of these txns filled the table of kept answers for all clients.
    [Fact]
    public async Task Q3_after_three_hundred_keyed_txns_with_large_answers_a_small_keyed_write_goes_on()
    {
        await SendAsync("PUT", "/api/v1/kv/big", new string('x', 1_000_000));
        const string Txn = """{"then":[{"put":{"key":"s","value":"1"}},{"get":{"key":"big"}}]}""";
        for (int i = 0; i < 300; i++)
        {
            HttpResponseMessage answer = await SendAsync("POST", "/api/v1/txn", Txn, ("Idempotency-Key", "r" + i));
            Assert.True(answer.StatusCode == HttpStatusCode.OK, $"txn {i}: {answer.StatusCode}");
        }

        Assert.Equal(HttpStatusCode.Created, (await SendAsync("PUT", "/api/v1/kv/small", "1", ("Idempotency-Key", "x"))).StatusCode);
        HttpResponseMessage again = await SendAsync("POST", "/api/v1/txn", Txn, ("Idempotency-Key", "r0"));
        JsonElement problem = await again.ProblemAsync(409, "answer-not-kept", "yes");
        Assert.Equal(16, problem.GetProperty("answerDigest").GetString()!.Length);
        Assert.True(problem.GetProperty("revision").GetInt64() > 1);
    }

    [Fact]
    public async Task Q3_who_fills_a_share_waits_alone_and_is_told_for_how_long()
    {
        await _host.ApplyAsync(new SetOnceLimitsCommand(new() { SharedBytes = 2_000, OwnerBytes = 2_000 }));
        string session = await OpenAsync();
        int i = 0;
        while ((await SendAsync("PUT", "/api/v1/kv/k", "v", ("Idempotency-Key", "k" + i++))).IsSuccessStatusCode)
        {
            Assert.InRange(i, 0, 20);
        }

        HttpResponseMessage refused = await SendAsync("PUT", "/api/v1/kv/k", "w", ("Idempotency-Key", "new"));
        await refused.ProblemAsync(429, "overloaded");
        Assert.Equal("600s", refused.Header("RaftKv-Idempotency-Window"));
        long seconds = long.Parse(refused.Header("Retry-After")!, CultureInfo.InvariantCulture);
        Assert.InRange(seconds, 600, 700);
        Assert.True((await SendAsync("PUT", "/api/v1/kv/k", "w", (Session, session + ";seq=1"))).IsSuccessStatusCode);
        Assert.True((await SendAsync("PUT", "/api/v1/kv/k", "w", (Session, session), ("Idempotency-Key", "new"))).IsSuccessStatusCode);
        Assert.True((await SendAsync("PUT", "/api/v1/kv/k", "w")).IsSuccessStatusCode);

        // The cluster counts 2 % slow, in steps of 10 s: after that many seconds it has counted at least this.
        await _host.ApplyAsync(new AdvanceTimeCommand((seconds - 10) * 1000 * 98 / 100));
        Assert.True((await SendAsync("PUT", "/api/v1/kv/k", "w", ("Idempotency-Key", "new"))).IsSuccessStatusCode);
    }

    [Fact]
    public async Task Window_tables_and_time_are_told_by_header_status_and_metrics()
    {
        string session = await OpenAsync();
        HttpResponseMessage keyed = await SendAsync("PUT", "/api/v1/kv/k", "v", ("Idempotency-Key", "k"));
        Assert.Equal("600s", keyed.Header("RaftKv-Idempotency-Window"));
        Assert.Null((await SendAsync("PUT", "/api/v1/kv/k", "v")).Header("RaftKv-Idempotency-Window"));
        HttpResponseMessage taken = await SendAsync("POST", "/api/v1/locks/a", "{}", ("Idempotency-Key", "l"));
        Assert.Equal("600s", taken.Header("RaftKv-Idempotency-Window"));
        await SendAsync("PUT", "/api/v1/kv/k", "v", (Session, session + ";seq=1"));
        await _host.ApplyAsync(new AdvanceTimeCommand(5_000));
        JsonElement once = (await (await SendAsync("GET", "/api/v1/status", null)).JsonAsync()).GetProperty("idempotency");
        Assert.Equal((5_000, 600_000), (once.GetProperty("clusterTimeMs").GetInt64(), once.GetProperty("windowFloorMs").GetInt64()));
        Assert.Equal((2, 1, 1), (
            once.GetProperty("keys").GetInt64(), once.GetProperty("clientSessions").GetInt64(),
            once.GetProperty("clientSessionAnswers").GetInt64()));
        string metrics = await (await SendAsync("GET", "/metrics", null)).Content.ReadAsStringAsync();
        Assert.Contains("\nraftkv_store_idempotency_window_seconds 600\n", metrics);
        Assert.Contains("\nraftkv_store_client_sessions 1\n", metrics);
    }

    [Fact]
    public async Task A_key_that_was_born_too_long_ago_is_refused_and_one_of_the_future_is_none()
    {
        Assert.True((await SendAsync("POST", "/api/v1/counters/n", null, ("Idempotency-Key", "born=0;a"))).IsSuccessStatusCode);
        await _host.ApplyAsync(new AdvanceTimeCommand(600_000));
        HttpResponseMessage again = await SendAsync("POST", "/api/v1/counters/n", null, ("Idempotency-Key", "born=0;a"));
        Assert.Equal("true", again.Header("RaftKv-Replayed"));
        await (await SendAsync("POST", "/api/v1/counters/n", null, ("Idempotency-Key", "born=0;b")))
            .ProblemAsync(409, "idempotency-expired", applied: "unknown");
        await (await SendAsync("POST", "/api/v1/counters/n", null, ("Idempotency-Key", "born=600001;c")))
            .ProblemAsync(400, "invalid-request");
    }

    private const string Session = "RaftKv-Client-Session";

    private async Task<string> OpenAsync()
    {
        HttpResponseMessage opened = await SendAsync("POST", "/api/v1/client-sessions", null);
        Assert.Equal(HttpStatusCode.Created, opened.StatusCode);
        return (await opened.JsonAsync()).GetProperty("id").GetString()!;
    }

    private Task<HttpResponseMessage> SendAsync(string method, string path, string? body, params (string, string)[] headers) =>
        _host.SendAsync(method, path, body, body is ['{', ..] ? "application/json" : null, headers);
}
