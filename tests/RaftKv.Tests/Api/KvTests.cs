using System.Net;
using System.Text;
using System.Text.Json;

namespace RaftKv.Tests.Api;

/// <summary>One key: write, read, compare-and-set, delete, look back, wait.</summary>
public sealed class KvTests : IAsyncLifetime
{
    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Put_creates_then_replaces_and_get_shows_it_with_every_header()
    {
        HttpResponseMessage created = await _host.SendAsync("PUT", "/api/v1/kv/app/config", "on");
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal("""{"key":"app/config","createRevision":2,"modRevision":2,"version":1,"lease":null}""", await created.Content.ReadAsStringAsync());
        Assert.Equal("\"2\"", created.Header("ETag"));
        created.AssertStandardHeaders();
        Assert.Equal("0", created.Header("RaftKv-Staleness-Ms"));
        Assert.Equal("2", created.Header("RaftKv-Revision"));

        HttpResponseMessage replaced = await _host.SendAsync("PUT", "/api/v1/kv/app/config", "off");
        Assert.Equal(HttpStatusCode.OK, replaced.StatusCode);

        HttpResponseMessage read = await _host.SendAsync("GET", "/api/v1/kv/app/config");
        Assert.Equal(
            """{"key":"app/config","value":"off","encoding":"utf-8","createRevision":2,"modRevision":3,"version":2,"lease":null}""",
            await read.Content.ReadAsStringAsync());
        Assert.Equal("application/json", read.Content.Headers.ContentType?.ToString());
        Assert.Equal("\"3\"", read.Header("ETag"));
        Assert.Equal("linearizable", read.Header("RaftKv-Consistency"));
        Assert.Equal("0", read.Header("RaftKv-Staleness-Ms"));
        Assert.Equal("n1", read.Header("RaftKv-Served-By"));
        Assert.Equal("leader", read.Header("RaftKv-Role"));
        Assert.Matches(@"^raft;dur=\d+\.\d{3}, total;dur=\d+\.\d{3}$", read.Header("Server-Timing"));
        read.AssertStandardHeaders();
    }

    [Theory]
    [InlineData("linearizable", "linearizable")]
    [InlineData("strong", "linearizable")]
    [InlineData("quorum", "linearizable")]
    [InlineData("consistent", "linearizable")]
    [InlineData("eventual", "eventual")]
    [InlineData("stale", "eventual")]
    [InlineData("one", "eventual")]
    public async Task Level_is_chosen_by_header_or_query(string asked, string served)
    {
        await _host.SendAsync("PUT", "/api/v1/kv/k", "v");
        HttpResponseMessage byHeader = await _host.SendAsync("GET", "/api/v1/kv/k", headers: ("RaftKv-Consistency", asked));
        HttpResponseMessage byQuery = await _host.SendAsync("GET", "/api/v1/kv/k?consistency=" + asked);
        Assert.Equal(served, byHeader.Header("RaftKv-Consistency"));
        Assert.Equal(served, byQuery.Header("RaftKv-Consistency"));
        Assert.Equal(served == "linearizable" ? "0" : null, byHeader.Header("RaftKv-Staleness-Ms"));
    }

    [Fact]
    public async Task Eventual_reads_work_without_a_leader_and_linearizable_ones_are_refused()
    {
        await _host.SendAsync("PUT", "/api/v1/kv/k", "v");
        _host.Node.Mode = FakeMode.Leaderless;
        Assert.Equal(HttpStatusCode.OK, (await _host.SendAsync("GET", "/api/v1/kv/k?consistency=eventual")).StatusCode);
        HttpResponseMessage refused = await _host.SendAsync("GET", "/api/v1/kv/k");
        JsonElement problem = await refused.ProblemAsync(503, "consistency-unmet");
        Assert.True(problem.GetProperty("retryable").GetBoolean());
        Assert.Equal("1", refused.Header("Retry-After"));
    }

    [Fact]
    public async Task Raw_gives_the_bytes_and_json_gives_base64_for_what_is_not_text()
    {
        byte[] bytes = [0, 0xFF, 1, 2, 0xFE];
        await _host.Client.PutAsync("/api/v1/kv/bin", new ByteArrayContent(bytes));
        HttpResponseMessage raw = await _host.SendAsync("GET", "/api/v1/kv/bin?raw");
        Assert.Equal(bytes, await raw.Content.ReadAsByteArrayAsync());
        Assert.Equal("application/octet-stream", raw.Content.Headers.ContentType?.ToString());
        Assert.Equal("nosniff", raw.Header("X-Content-Type-Options"));
        Assert.Equal("\"2\"", raw.Header("ETag"));
        Assert.Equal("2", raw.Header("RaftKv-Create-Revision"));
        Assert.Equal("1", raw.Header("RaftKv-Version"));

        JsonElement json = await (await _host.SendAsync("GET", "/api/v1/kv/bin")).JsonAsync();
        Assert.Equal("base64", json.GetProperty("encoding").GetString());
        Assert.Equal(bytes, json.GetProperty("value").GetBytesFromBase64());

        await _host.SendAsync("PUT", "/api/v1/kv/text", "häß \"q\" <b>");
        JsonElement forced = await (await _host.SendAsync("GET", "/api/v1/kv/text?encoding=base64")).JsonAsync();
        Assert.Equal("häß \"q\" <b>", Encoding.UTF8.GetString(forced.GetProperty("value").GetBytesFromBase64()));
        JsonElement plain = await (await _host.SendAsync("GET", "/api/v1/kv/text")).JsonAsync();
        Assert.Equal("häß \"q\" <b>", plain.GetProperty("value").GetString());
    }

    [Fact]
    public async Task Put_with_base64_encoding_stores_the_decoded_bytes()
    {
        await _host.SendAsync("PUT", "/api/v1/kv/k?encoding=base64", "AP8B");
        Assert.Equal([0, 255, 1], await (await _host.SendAsync("GET", "/api/v1/kv/k?raw")).Content.ReadAsByteArrayAsync());
        await (await _host.SendAsync("PUT", "/api/v1/kv/k?encoding=base64", "not base64!")).ProblemAsync(400, "invalid-request");
    }

    [Fact]
    public async Task Head_answers_as_get_without_a_body()
    {
        await _host.SendAsync("PUT", "/api/v1/kv/k", "value");
        HttpResponseMessage head = await _host.SendAsync("HEAD", "/api/v1/kv/k?raw");
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Equal(5, head.Content.Headers.ContentLength);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
        Assert.Equal("\"2\"", head.Header("ETag"));
        Assert.Equal(HttpStatusCode.NotFound, (await _host.SendAsync("HEAD", "/api/v1/kv/none")).StatusCode);
    }

    [Fact]
    public async Task Missing_key_is_a_404_problem_at_the_level_that_was_read()
    {
        HttpResponseMessage missing = await _host.SendAsync("GET", "/api/v1/kv/none");
        await missing.ProblemAsync(404, "key-not-found");
        Assert.Equal("linearizable", missing.Header("RaftKv-Consistency"));
    }

    [Fact]
    public async Task Delete_counts_and_deleting_nothing_leaves_the_revision()
    {
        await _host.SendAsync("PUT", "/api/v1/kv/k", "v");
        Assert.Equal("""{"deleted":1,"revision":3}""", await (await _host.SendAsync("DELETE", "/api/v1/kv/k")).Content.ReadAsStringAsync());
        Assert.Equal("""{"deleted":0,"revision":3}""", await (await _host.SendAsync("DELETE", "/api/v1/kv/k")).Content.ReadAsStringAsync());
        await (await _host.SendAsync("DELETE", "/api/v1/kv/k", headers: ("If-Match", "*"))).ProblemAsync(412, "precondition-failed");
    }

    [Fact]
    public async Task Prefer_minimal_answers_204_without_a_body()
    {
        HttpResponseMessage put = await _host.SendAsync("PUT", "/api/v1/kv/k", "v", null, ("Prefer", "wait=3, return=minimal"));
        Assert.Equal(HttpStatusCode.NoContent, put.StatusCode);
        Assert.Equal("return=minimal", put.Header("Preference-Applied"));
        Assert.Equal("\"2\"", put.Header("ETag"));
        put.AssertStandardHeaders();
    }

    [Fact]
    public async Task Old_revisions_stay_readable_until_compaction_and_history_lists_them()
    {
        await _host.SendAsync("PUT", "/api/v1/kv/k", "one");
        await _host.SendAsync("PUT", "/api/v1/kv/k", "two");
        await _host.SendAsync("DELETE", "/api/v1/kv/k");
        JsonElement old = await (await _host.SendAsync("GET", "/api/v1/kv/k?revision=2")).JsonAsync();
        Assert.Equal("one", old.GetProperty("value").GetString());
        JsonElement history = await (await _host.SendAsync("GET", "/api/v1/kv/k?history")).JsonAsync();
        JsonElement versions = history.GetProperty("versions");
        Assert.Equal(3, versions.GetArrayLength());
        Assert.True(versions[0].GetProperty("deleted").GetBoolean());
        Assert.Equal("two", versions[1].GetProperty("value").GetString());
        Assert.False(history.GetProperty("hasMore").GetBoolean());
        JsonElement cut = await (await _host.SendAsync("GET", "/api/v1/kv/k?history&limit=1")).JsonAsync();
        Assert.Equal(1, cut.GetProperty("versions").GetArrayLength());
        Assert.True(cut.GetProperty("hasMore").GetBoolean());

        HttpResponseMessage future = await _host.SendAsync("GET", "/api/v1/kv/k?revision=99");
        await future.ProblemAsync(400, "invalid-request");
        await _host.PostAsync("/api/v1/compact", """{"revision":4}""");
        JsonElement gone = await (await _host.SendAsync("GET", "/api/v1/kv/k?revision=2")).ProblemAsync(410, "compacted");
        Assert.Equal(4, gone.GetProperty("compactedRevision").GetInt64());
    }

    [Fact]
    public async Task Long_poll_answers_when_the_key_changes_and_304_when_it_does_not()
    {
        await _host.SendAsync("PUT", "/api/v1/kv/k", "one");
        Task<HttpResponseMessage> waiting = _host.SendAsync("GET", "/api/v1/kv/k?wait=30s", headers: ("If-None-Match", "\"2\""));
        Task<HttpResponseMessage> birth = _host.SendAsync("GET", "/api/v1/kv/new?wait=30s", headers: ("If-None-Match", "\"0\""));
        await _host.SendAsync("PUT", "/api/v1/kv/other", "noise");
        await _host.SendAsync("PUT", "/api/v1/kv/k", "two");
        await _host.SendAsync("PUT", "/api/v1/kv/new", "born");
        Assert.Equal("two", (await (await waiting).JsonAsync()).GetProperty("value").GetString());
        Assert.Equal("born", (await (await birth).JsonAsync()).GetProperty("value").GetString());

        HttpResponseMessage same = await _host.SendAsync("GET", "/api/v1/kv/k?wait=30ms", headers: ("If-None-Match", "\"4\""));
        Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
        Assert.Equal("\"4\"", same.Header("ETag"));
        await (await _host.SendAsync("GET", "/api/v1/kv/k?wait=30s")).ProblemAsync(400, "invalid-request");
    }

    [Fact]
    public async Task Long_poll_ends_when_the_node_drains()
    {
        await _host.SendAsync("PUT", "/api/v1/kv/k", "one");
        Task<HttpResponseMessage> waiting = _host.SendAsync("GET", "/api/v1/kv/k?wait=60s", headers: ("If-None-Match", "\"2\""));
        _host.Node.Mode = FakeMode.Draining;
        await (await waiting).ProblemAsync(503, "shutting-down");
    }
}
