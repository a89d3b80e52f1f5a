using System.Net;
using System.Text.Json;

namespace RaftKv.Tests.Api;

/// <summary>If-Match and If-None-Match by RFC 9110, 13.1, on reads and on writes.</summary>
public sealed class PreconditionTests : IAsyncLifetime
{
    private ApiHost _host = null!;

    public async Task InitializeAsync()
    {
        _host = await ApiHost.StartAsync();
        await _host.SendAsync("PUT", "/api/v1/kv/k", "one");
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData("If-Match", "\"2\"", true)]
    [InlineData("If-Match", "\"3\"", false)]
    [InlineData("If-Match", "*", true)]
    [InlineData("If-Match", "\"7\", \"2\"", true)]
    [InlineData("If-Match", "\"7\", \"8\"", false)]
    [InlineData("If-Match", "\"7\", \"8\", \"9\", \"10\", \"11\", \"12\", \"13\", \"2\"", true)]
    [InlineData("If-Match", "W/\"2\"", false)]
    [InlineData("If-Match", "\"abc\"", false)]
    [InlineData("If-Match", "\"02\"", false)]
    [InlineData("If-None-Match", "*", false)]
    [InlineData("If-None-Match", "\"2\"", false)]
    [InlineData("If-None-Match", "W/\"2\"", false)]
    [InlineData("If-None-Match", "\"3\"", true)]
    [InlineData("If-None-Match", "\"3\", \"2\"", false)]
    [InlineData("If-None-Match", "\"3\", \"4\"", true)]
    [InlineData("If-None-Match", "\"x\"", true)]
    public async Task Put_delete_and_counter_on_an_existing_key_keep_the_condition(string name, string tags, bool holds)
    {
        HttpResponseMessage put = await _host.SendAsync("PUT", "/api/v1/kv/k", "two", null, (name, tags));
        if (holds)
        {
            Assert.Equal(HttpStatusCode.OK, put.StatusCode);
            Assert.Equal("\"3\"", put.Header("ETag"));
            return;
        }

        JsonElement problem = await put.ProblemAsync(412, "precondition-failed");
        Assert.Equal(2, problem.GetProperty("actualRevision").GetInt64());
        Assert.Equal("\"2\"", put.Header("ETag"));
        await (await _host.SendAsync("DELETE", "/api/v1/kv/k", headers: (name, tags))).ProblemAsync(412, "precondition-failed");
        await (await _host.SendAsync("POST", "/api/v1/counters/k", null, null, (name, tags))).ProblemAsync(412, "precondition-failed");
        Assert.Equal("one", await (await _host.SendAsync("GET", "/api/v1/kv/k?raw")).Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("If-Match", "\"2\"", false)]
    [InlineData("If-Match", "*", false)]
    [InlineData("If-Match", "\"0\"", false)]
    [InlineData("If-None-Match", "*", true)]
    [InlineData("If-None-Match", "\"2\"", true)]
    [InlineData("If-None-Match", "\"0\", \"5\"", true)]
    public async Task Put_on_a_missing_key_keeps_the_condition(string name, string tags, bool holds)
    {
        HttpResponseMessage put = await _host.SendAsync("PUT", "/api/v1/kv/new", "x", null, (name, tags));
        if (holds)
        {
            Assert.Equal(HttpStatusCode.Created, put.StatusCode);
            return;
        }

        JsonElement problem = await put.ProblemAsync(412, "precondition-failed");
        Assert.Equal(0, problem.GetProperty("actualRevision").GetInt64());
        Assert.Null(put.Header("ETag"));
    }

    [Fact]
    public async Task Both_headers_must_hold()
    {
        await (await _host.SendAsync("PUT", "/api/v1/kv/k", "x", null, ("If-Match", "\"2\""), ("If-None-Match", "\"2\"")))
            .ProblemAsync(412, "precondition-failed");
        HttpResponseMessage both = await _host.SendAsync("PUT", "/api/v1/kv/k", "x", null, ("If-Match", "\"2\""), ("If-None-Match", "\"9\""));
        Assert.Equal(HttpStatusCode.OK, both.StatusCode);
    }

    [Theory]
    [InlineData("If-None-Match", "\"2\"", 304)]
    [InlineData("If-None-Match", "W/\"2\"", 304)]
    [InlineData("If-None-Match", "*", 304)]
    [InlineData("If-None-Match", "\"1\"", 200)]
    [InlineData("If-Match", "\"2\"", 200)]
    [InlineData("If-Match", "W/\"2\"", 412)]
    [InlineData("If-Match", "\"1\"", 412)]
    public async Task Get_keeps_the_condition(string name, string tags, int status)
    {
        HttpResponseMessage read = await _host.SendAsync("GET", "/api/v1/kv/k", headers: (name, tags));
        Assert.Equal(status, (int)read.StatusCode);
        Assert.Equal("\"2\"", read.Header("ETag"));
        read.AssertStandardHeaders();
    }

    [Theory]
    [InlineData("2")]
    [InlineData("\"2")]
    [InlineData("*, \"2\"")]
    [InlineData("\"2\" \"3\"")]
    [InlineData(",")]
    [InlineData("\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\"")]
    public async Task Malformed_tags_are_refused_with_a_sentence(string tags)
    {
        JsonElement problem = await (await _host.SendAsync("PUT", "/api/v1/kv/k", "x", null, ("If-Match", tags))).ProblemAsync(400, "invalid-request");
        Assert.Contains("quotes included", problem.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task One_of_two_racing_creates_wins()
    {
        Task<HttpResponseMessage>[] racers =
            [.. Enumerable.Range(0, 16).Select(i => _host.SendAsync("PUT", "/api/v1/kv/lock", $"{i}", null, ("If-None-Match", "*")))];
        HttpResponseMessage[] answers = await Task.WhenAll(racers);
        Assert.Single(answers, a => a.StatusCode == HttpStatusCode.Created);
        Assert.Equal(15, answers.Count(a => a.StatusCode == HttpStatusCode.PreconditionFailed));
    }
}
