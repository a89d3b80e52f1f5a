using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using RaftKv.Core;
using RaftKv.Core.Calls;
using RaftKv.Node;
using RaftKv.Service.Calls;
using RaftKv.Service.Refusals;

namespace RaftKv.Tests.Api;

/// <summary>Applied, surely not applied, unknown: three outcomes, never mixed up.</summary>
public sealed class OutcomeTests : IAsyncLifetime
{
    private static readonly (string Method, string Path, string Body)[] _writes =
    [
        ("PUT", "/api/v1/kv/k", "v"),
        ("DELETE", "/api/v1/kv/k", ""),
        ("DELETE", "/api/v1/kv?prefix=k", ""),
        ("POST", "/api/v1/txn", """{"then":[{"put":{"key":"k","value":"v"}}]}"""),
        ("POST", "/api/v1/counters/n", """{"by":1}"""),
        ("POST", "/api/v1/compact", """{"revision":1}"""),
    ];

    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.StartAsync(new ApiOptions { MaxPendingOperations = 2 });

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData(FakeMode.Leaderless, 503, "no-leader", true)]
    [InlineData(FakeMode.Starting, 503, "not-ready", true)]
    [InlineData(FakeMode.Draining, 503, "shutting-down", true)]
    [InlineData(FakeMode.Overloaded, 429, "overloaded", true)]
    public async Task Refused_writes_say_surely_not_applied_and_are_not(FakeMode mode, int status, string code, bool isRetryable)
    {
        _host.Node.Mode = mode;
        foreach ((string method, string path, string body) in _writes)
        {
            HttpResponseMessage refused = await SendAsync(method, path, body);
            JsonElement problem = await refused.ProblemAsync(status, code);
            Assert.Equal(isRetryable, problem.GetProperty("retryable").GetBoolean());
            Assert.Equal("1", refused.Header("Retry-After"));
        }

        Assert.Equal(0, _host.Node.View.KeyCount);
    }

    [Fact]
    public async Task Lost_answer_is_504_unknown_with_the_operation_and_may_have_been_applied()
    {
        _host.Node.Mode = FakeMode.AppliesButForgets;
        HttpResponseMessage lost = await SendAsync("PUT", "/api/v1/kv/k", "v");
        JsonElement problem = await lost.ProblemAsync(504, "outcome-unknown", applied: "unknown");
        JsonElement operation = await (await SendAsync("GET", problem.GetProperty("operation").GetString()!, "")).JsonAsync();
        Assert.Equal("unknown", operation.GetProperty("state").GetString());
        Assert.NotNull(_host.Node.View.Get("k"u8));

        _host.Node.TellLate(_host.Node.Forgotten[0]);
        HttpResponseMessage found = await SendAsync("GET", problem.GetProperty("operation").GetString()!, "");
        operation = await found.JsonAsync();
        Assert.Equal("applied", operation.GetProperty("state").GetString());
        Assert.Equal(201, operation.GetProperty("status").GetInt32());
        Assert.Equal("k", operation.GetProperty("answer").GetProperty("key").GetString());
        _host.Node.Mode = FakeMode.Serving;
        HttpResponseMessage later = await SendAsync(
            "GET", "/api/v1/kv/k", "", ("RaftKv-Consistency", "read-your-writes"), ("RaftKv-Session", found.Header("RaftKv-Session")!));
        Assert.Equal(HttpStatusCode.OK, later.StatusCode);
    }

    [Fact]
    public async Task Late_outcome_that_comes_before_the_answer_is_kept_and_a_lost_write_is_told_so()
    {
        _host.Node.Mode = FakeMode.AppliesButForgets;
        var early = new OperationId(new NodeId(1), 7, 1);
        _host.Node.TellLate(new ProposeResult(ProposalOutcome.NoLeader, null, default, null, early));
        JsonElement problem = await (await SendAsync("PUT", "/api/v1/kv/k", "v")).ProblemAsync(504, "outcome-unknown", applied: "unknown");
        Assert.EndsWith(early.ToString(), problem.GetProperty("operation").GetString());
        JsonElement operation = await (await SendAsync("GET", problem.GetProperty("operation").GetString()!, "")).JsonAsync();
        Assert.Equal("not-applied", operation.GetProperty("state").GetString());
    }

    [Fact]
    public async Task Concern_all_is_met_once_every_voter_has_it_and_else_says_that_it_is_applied()
    {
        Assert.Equal(HttpStatusCode.Created, (await SendAsync("PUT", "/api/v1/kv/k", "v", ("RaftKv-Write-Concern", "all"))).StatusCode);
        _host.Node.AllApply = false;
        foreach ((string method, string path, string body) in _writes)
        {
            HttpResponseMessage unmet = await SendAsync(method, path, body, ("RaftKv-Write-Concern", "all"));
            JsonElement problem = await unmet.ProblemAsync(504, "write-concern-unmet", applied: "yes");
            Assert.False(problem.GetProperty("retryable").GetBoolean());
        }

        HttpResponseMessage put = await SendAsync("PUT", "/api/v1/kv/k2", "w", ("RaftKv-Write-Concern", "all"));
        Assert.Equal($"\"{put.Header("RaftKv-Revision")}\"", put.Header("ETag"));
        Assert.NotNull(_host.Node.View.Get("k2"u8));

        // What had no effect has nothing to wait for.
        await (await SendAsync("PUT", "/api/v1/kv/k2", "x", ("RaftKv-Write-Concern", "all"), ("If-None-Match", "*"))).ProblemAsync(412, "precondition-failed");
    }

    [Fact]
    public async Task Accepted_write_answers_202_before_commit_and_its_outcome_is_found_later()
    {
        TaskCompletionSource hold = _host.Node.Hold();
        HttpResponseMessage accepted = await SendAsync("PUT", "/api/v1/kv/k", "v", ("RaftKv-Write-Concern", "accepted"));
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        accepted.AssertStandardHeaders();
        string location = accepted.Header("Location")!;
        JsonElement pending = await (await SendAsync("GET", location, "")).JsonAsync();
        Assert.Equal("pending", pending.GetProperty("state").GetString());
        HttpResponseMessage failing = await SendAsync(
            "PUT", "/api/v1/kv/k", "w", ("RaftKv-Write-Concern", "accepted"), ("If-Match", "\"99\""));
        await (await SendAsync("PUT", "/api/v1/kv/k", "x", ("RaftKv-Write-Concern", "accepted"))).ProblemAsync(429, "overloaded");

        hold.SetResult();
        JsonElement done = await WaitForOutcomeAsync(location);
        Assert.Equal("applied", done.GetProperty("state").GetString());
        Assert.Equal(201, done.GetProperty("status").GetInt32());
        Assert.Equal("k", done.GetProperty("answer").GetProperty("key").GetString());
        JsonElement refused = await WaitForOutcomeAsync(failing.Header("Location")!);
        Assert.Equal("not-applied", refused.GetProperty("state").GetString());
        Assert.Equal("precondition-failed", refused.GetProperty("code").GetString());
    }

    [Fact]
    public async Task Accepted_write_that_is_refused_at_once_is_no_202()
    {
        _host.Node.Mode = FakeMode.Leaderless;
        await (await SendAsync("PUT", "/api/v1/kv/k", "v", ("RaftKv-Write-Concern", "accepted"))).ProblemAsync(503, "no-leader");
    }

    [Fact]
    public async Task Operation_of_another_run_is_unknown_and_a_broken_id_is_refused()
    {
        JsonElement other = await (await SendAsync("GET", "/api/v1/operations/0000000000000001-0000000000000001-1", "")).JsonAsync();
        Assert.Equal("unknown", other.GetProperty("state").GetString());
        await (await SendAsync("GET", "/api/v1/operations/abc", "")).ProblemAsync(400, "invalid-request");
    }

    [Fact]
    public async Task Client_that_hangs_up_does_not_take_back_its_write()
    {
        TaskCompletionSource hold = _host.Node.Hold();
        using (var socket = new TcpClient())
        {
            await socket.ConnectAsync(IPAddress.Loopback, _host.Address.Port);
            await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes("PUT /api/v1/kv/k HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nv"));
            await _host.Node.FirstProposed.Task;
            socket.Client.LingerState = new LingerOption(enable: true, seconds: 0);
        }

        hold.SetResult();
        await _host.Node.FirstApplied.Task;
        HttpResponseMessage later = await SendAsync("PUT", "/api/v1/kv/k", "w");
        Assert.Equal(2, (await later.JsonAsync()).GetProperty("version").GetInt64());
    }

    [Fact]
    public void Every_error_has_a_status_code_and_says_whether_it_was_applied()
    {
        foreach (ErrorShape shape in ErrorMapper.All)
        {
            Assert.InRange(shape.Status, 400, 599);
            bool isInFlight = shape.Code == "idempotency-in-flight";
            bool isOpen = isInFlight || shape.Code == "idempotency-expired";
            bool isApplied = shape.Code is "write-concern-unmet" or "answer-not-kept";
            Assert.Equal(isApplied ? "yes" : isOpen || shape.Status is 500 or 504 ? "unknown" : "no", shape.Applied);
            bool isTooEarly = shape.Code is "member-unsafe" or "member-behind";
            Assert.Equal(isInFlight || isTooEarly || shape.Status is 408 or 429 or 503, shape.IsRetryable);
        }

        Assert.Equal(ErrorMapper.All.Count, ErrorMapper.All.Select(s => s.Code).Distinct().Count());
    }

    // The outcome is noted on another thread; each look is a real request, and the test's own time limit ends a wait
    // that never ends.
    private async Task<JsonElement> WaitForOutcomeAsync(string location)
    {
        while (true)
        {
            JsonElement operation = await (await SendAsync("GET", location, "")).JsonAsync();
            if (operation.GetProperty("state").GetString() != "pending")
            {
                return operation;
            }
        }
    }

    private Task<HttpResponseMessage> SendAsync(string method, string path, string body, params (string Name, string Value)[] headers) =>
        _host.SendAsync(method, path, method is "PUT" or "POST" ? body : null, method == "POST" ? "application/json" : null, headers);
}
