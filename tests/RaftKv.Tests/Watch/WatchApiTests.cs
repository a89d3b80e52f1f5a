using System.Net;
using System.Text.Json;
using RaftKv.Doors.Rest;
using RaftKv.JepsenStyle.Checkers;
using RaftKv.Service.Calls;
using RaftKv.Tests.Api;
using RaftKv.Tests.Client;
using RaftKv.Tests.Support;

namespace RaftKv.Tests.Watch;

/// <summary>GET /watch through a real Kestrel, message by message.</summary>
public sealed class WatchApiTests : IAsyncLifetime
{
    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_watch_from_now_says_where_it_begins_and_tells_each_revision_once()
    {
        await PutAsync("a/1", "old");
        await using WatchClient watch = await OpenAsync("prefix=a/");
        watch.Response.AssertStandardHeaders();
        Assert.Equal("linearizable", watch.Response.Header("RaftKv-Consistency"));
        Assert.Equal(new BookmarkMessage(2), await watch.NextAsync());

        await PutAsync("a/1", "new");
        await PutAsync("b/1", "other");
        await _host.SendAsync("DELETE", "/api/v1/kv/a/1");
        await _host.PostAsync(
            "/api/v1/txn",
            """{"then":[{"put":{"key":"a/2","value":"x"}},{"put":{"key":"c","value":"y"}},{"put":{"key":"a/1","value":"z"}}]}""");

        AssertChange(await watch.NextAsync(), new WatchedChange(3, "a/1", "new", 2, 2));
        AssertChange(await watch.NextAsync(), new WatchedChange(5, "a/1", null, 0, 0));
        AssertChange(await watch.NextAsync(), new WatchedChange(6, "a/2", "x", 6, 1), new WatchedChange(6, "a/1", "z", 6, 1));
    }

    [Fact]
    public async Task A_watch_resumes_after_the_last_id_which_goes_before_the_start_in_the_url()
    {
        for (int i = 0; i < 5; i++)
        {
            await PutAsync("k", "v" + i);
        }

        await using WatchClient watch = await OpenAsync("key=k&startRevision=2&limit=1", lastId: "4");
        AssertChange(await watch.NextAsync(), new WatchedChange(5, "k", "v3", 2, 4));
        Assert.Null(await watch.NextAsync());
    }

    [Fact]
    public async Task Lines_carry_the_same_with_a_type()
    {
        await PutAsync("k", "v");
        await using WatchClient watch = await WatchClient.OpenAsync(_host.Client, "key=k&startRevision=1&timeout=200ms", "application/x-ndjson");
        AssertChange(await watch.NextAsync(), new WatchedChange(2, "k", "v", 2, 1));
        Assert.Equal(new BookmarkMessage(2), await watch.NextAsync());
        Assert.Null(await watch.NextAsync());
    }

    [Theory]
    [InlineData("filter=put", "put")]
    [InlineData("filter=delete", "delete")]
    public async Task A_filter_leaves_one_kind_in(string filter, string kind)
    {
        await PutAsync("k", "v");
        await _host.SendAsync("DELETE", "/api/v1/kv/k");
        await using WatchClient watch = await OpenAsync("prefix=&startRevision=2&timeout=100ms&" + filter);
        Assert.Equal(kind == "delete", (await watch.NextAsync<ChangeMessage>()).Events.Single().IsDelete);
        Assert.Equal(new BookmarkMessage(3), await watch.NextAsync());
    }

    [Fact]
    public async Task The_value_before_comes_when_asked_for_and_is_absent_when_there_was_none_or_it_is_compacted()
    {
        await PutAsync("k", "1");
        await PutAsync("k", "2");
        await _host.SendAsync("DELETE", "/api/v1/kv/k");
        await PutAsync("k", "3");
        await PutAsync("k", "4");
        await using (WatchClient watch = await OpenAsync("key=k&prevValue=true&startRevision=1&limit=5"))
        {
            foreach (string? before in (string?[])[null, "1", "2", null, "3"])
            {
                Assert.Equal(before, (await watch.NextAsync<ChangeMessage>()).Events.Single().Previous);
            }
        }

        await _host.PostAsync("/api/v1/compact", """{"revision":4}""");
        await using WatchClient later = await OpenAsync("key=k&prevValue=true&startRevision=4&limit=3");
        Assert.Null((await later.NextAsync<ChangeMessage>()).Events.Single().Previous);
        Assert.Null((await later.NextAsync<ChangeMessage>()).Events.Single().Previous);
        Assert.Equal("3", (await later.NextAsync<ChangeMessage>()).Events.Single().Previous);
    }

    [Fact]
    public async Task A_start_in_the_future_tells_nothing_older_not_even_by_a_bookmark()
    {
        await PutAsync("k", "2");
        await using WatchClient watch = await OpenAsync("key=k&startRevision=5&bookmarkInterval=100ms");
        await PutAsync("k", "3");
        await PutAsync("k", "4");
        await PutAsync("k", "5");

        // Between the last two a bookmark may come on a slow machine: of all before the start, and of nothing older.
        WatchMessage? first = await watch.NextAsync();
        while (first is BookmarkMessage early)
        {
            Assert.Equal(new BookmarkMessage(4), early);
            first = await watch.NextAsync();
        }

        AssertChange(first, new WatchedChange(5, "k", "5", 2, 4));
        Assert.Equal(new BookmarkMessage(5), await watch.NextAsync());
    }

    [Fact]
    public async Task A_compacted_start_is_410_or_the_state_first()
    {
        await PutAsync("a/1", "1");
        await PutAsync("a/2", "2");
        await _host.SendAsync("DELETE", "/api/v1/kv/a/1");
        await PutAsync("a/3", "3");
        await _host.PostAsync("/api/v1/compact", """{"revision":4}""");
        HttpResponseMessage refused = await WatchClient.SendAsync(_host.Client, "prefix=a/&startRevision=3", "text/event-stream");
        Assert.Equal(4, (await refused.ProblemAsync(410, "compacted")).GetProperty("compactedRevision").GetInt64());

        await using (WatchClient kept = await OpenAsync("prefix=a/&snapshot=true&startRevision=4"))
        {
            AssertChange(await kept.NextAsync(), new WatchedChange(4, "a/1", null, 0, 0));
        }

        await using WatchClient watch = await OpenAsync("prefix=a/&snapshot=true", lastId: "2");
        var state = await watch.NextAsync<SnapshotMessage>();
        Assert.Equal((5L, true), (state.Revision, state.IsComplete));
        Assert.Equal([new WatchedPair("a/2", "2", 3), new WatchedPair("a/3", "3", 5)], state.Pairs);
        await PutAsync("a/1", "again");
        AssertChange(await watch.NextAsync(), new WatchedChange(6, "a/1", "again", 6, 1));
    }

    [Fact]
    public async Task A_large_state_comes_in_several_messages_of_one_revision()
    {
        string value = new('x', 100_000);
        for (int i = 0; i < 7; i++)
        {
            await PutAsync("a/" + i, value);
        }

        await using WatchClient watch = await OpenAsync("prefix=a/&snapshot=true");
        var pairs = new List<WatchedPair>();
        SnapshotMessage part;
        int count = 0;
        do
        {
            part = await watch.NextAsync<SnapshotMessage>();
            pairs.AddRange(part.Pairs);
            Assert.Equal(8, part.Revision);
            count++;
        }
        while (!part.IsComplete);
        Assert.Equal(Enumerable.Range(0, 7).Select(i => "a/" + i), pairs.Select(p => p.Key));
        Assert.Equal(3, count);
    }

    [Fact]
    public async Task An_empty_state_is_told_too()
    {
        await using WatchClient watch = await OpenAsync("prefix=nothing/&snapshot=true");
        SnapshotMessage state = await watch.NextAsync<SnapshotMessage>();
        Assert.True(state is { Revision: 1, IsComplete: true, Pairs.Count: 0 });
    }

    [Fact]
    public async Task A_compaction_past_what_a_slow_one_has_read_cancels_it_with_the_revision()
    {
        // It waits for nobody: its next revision is gone before it looks again.
        await PutAsync("k", "2");
        await PutAsync("k", "3");
        await PutAsync("k", "4");
        await _host.PostAsync("/api/v1/compact", """{"revision":4}""");
        await using WatchClient watch = await OpenAsync("key=k&startRevision=4");
        AssertChange(await watch.NextAsync(), new WatchedChange(4, "k", "4", 2, 3));
        await PutAsync("k", "5");
        AssertChange(await watch.NextAsync(), new WatchedChange(5, "k", "5", 2, 4));
    }

    [Fact]
    public async Task A_long_poll_answers_at_once_at_the_first_change_or_empty_at_its_end()
    {
        await PutAsync("k", "1");
        await PutAsync("k", "2");
        await PutAsync("k", "3");
        JsonElement some = await PollAsync("key=k&startRevision=2&limit=2");
        Assert.Equal((3L, 2), (some.GetProperty("revision").GetInt64(), some.GetProperty("events").GetArrayLength()));
        JsonElement none = await PollAsync("key=k&startRevision=5&timeout=50ms");
        Assert.Equal((4L, 0), (none.GetProperty("revision").GetInt64(), none.GetProperty("events").GetArrayLength()));

        Task<JsonElement> waiting = PollAsync("key=k&timeout=20s");
        await Eventually.TrueAsync(() => _host.Node.Watches.OpenCount > 0);

        await PutAsync("other", "x");
        await PutAsync("k", "4");
        JsonElement change = await waiting;
        Assert.Equal("4", change.GetProperty("events")[0].GetProperty("value").GetString());
        Assert.Equal(6, change.GetProperty("revision").GetInt64());
        HttpResponseMessage gone = await CompactedPollAsync();
        Assert.Equal(5, (await gone.ProblemAsync(410, "compacted")).GetProperty("compactedRevision").GetInt64());
    }

    [Fact]
    public async Task Values_that_are_no_text_come_in_base64_and_so_do_all_when_asked()
    {
        await _host.Client.PutAsync("/api/v1/kv/k", new ByteArrayContent([0xFF, 0x00]));
        await PutAsync("k", "text");
        JsonElement events = (await PollAsync("key=k&startRevision=2")).GetProperty("events");
        Assert.Equal(("base64", "/wA="), (events[0].GetProperty("encoding").GetString(), events[0].GetProperty("value").GetString()));
        Assert.Equal("utf-8", events[1].GetProperty("encoding").GetString());
        JsonElement all = (await PollAsync("key=aw&keyEncoding=base64url&startRevision=3&encoding=base64")).GetProperty("events");
        Assert.Equal("dGV4dA==", all[0].GetProperty("value").GetString());
    }

    [Fact]
    public async Task When_the_node_leaves_streams_are_cancelled_and_polls_are_refused()
    {
        await using WatchClient stream = await OpenAsync("prefix=a/");
        await using WatchClient lines = await WatchClient.OpenAsync(_host.Client, "prefix=a/", "application/x-ndjson");
        Task<HttpResponseMessage> poll = WatchClient.SendAsync(_host.Client, "prefix=a/", "application/json");
        Task<HttpResponseMessage> wait = _host.SendAsync("GET", "/api/v1/kv/a?wait=30s", headers: ("If-None-Match", "\"0\""));
        await Eventually.TrueAsync(() => _host.Node.Watches.OpenCount == 4);

        _host.Node.Mode = FakeMode.Draining;

        Assert.Equal("shutting-down", (await stream.NextAsync<CancelMessage>()).Code);
        Assert.Null(await stream.NextAsync());
        Assert.Equal("shutting-down", (await lines.NextAsync<CancelMessage>()).Code);
        await (await poll).ProblemAsync(503, "shutting-down");
        await (await wait).ProblemAsync(503, "shutting-down");
        await (await WatchClient.SendAsync(_host.Client, "prefix=a/&startRevision=1", "text/event-stream")).ProblemAsync(503, "shutting-down");
        Assert.True(await _host.Node.Watches.StopAsync(WatchClient.Patience));
    }

    [Fact]
    public async Task A_client_that_hangs_up_leaves_nothing_behind()
    {
        WatchClient stream = await OpenAsync("prefix=a/");
        await stream.NextAsync();
        Assert.Equal(1, _host.Node.Watches.OpenCount);
        await stream.DisposeAsync();
        await Eventually.TrueAsync(() => _host.Node.Watches.OpenCount == 0);
    }

    [Fact]
    public async Task A_key_that_others_are_told_of_ends_the_wait_of_its_own_long_polls_only()
    {
        var time = new ManualTimeProvider();
        await using ApiHost host = await ApiHost.StartAsync(new SingleNodeFake(time), new ApiOptions { Time = time });
        Task<HttpResponseMessage> mine = host.SendAsync("GET", "/api/v1/kv/mine?wait=30s", headers: ("If-None-Match", "\"0\""));
        Task<HttpResponseMessage> theirs = host.SendAsync("GET", "/api/v1/kv/theirs?wait=300ms", headers: ("If-None-Match", "\"0\""));
        await Eventually.TrueAsync(() => host.Node.Watches.ParkedCount == 2);

        await host.SendAsync("PUT", "/api/v1/kv/mine", "x");
        Assert.Equal(HttpStatusCode.OK, (await mine).StatusCode);
        Assert.False(theirs.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.NotModified, (await theirs).StatusCode);
        Assert.Equal(1, host.Node.Watches.WokenCount);
    }

    [Theory]
    [InlineData("")]
    [InlineData("key=")]
    [InlineData("key=a&prefix=a")]
    [InlineData("key=a&start=a")]
    [InlineData("prefix=a&end=b")]
    [InlineData("start=b&end=a")]
    [InlineData("key=a&startRevision=0")]
    [InlineData("key=a&startRevision=-1")]
    [InlineData("key=a&startRevision=9223372036854775808")]
    [InlineData("key=a&startRevision=now")]
    [InlineData("key=a&filter=both")]
    [InlineData("key=a&limit=0")]
    [InlineData("key=a&timeout=0s")]
    [InlineData("key=a&timeout=2h")]
    [InlineData("key=a&timeout=30")]
    [InlineData("key=a&bookmarkInterval=1ms")]
    [InlineData("key=a&snapshot=yes")]
    [InlineData("key=a&prevValue=2")]
    [InlineData("key=a&revision=3")]
    [InlineData("key=a&wait=3s")]
    [InlineData("key=a&key=b")]
    [InlineData("key=***&keyEncoding=base64url")]
    public async Task A_query_that_makes_no_sense_is_refused_with_a_sentence(string query)
    {
        HttpResponseMessage answer = await WatchClient.SendAsync(_host.Client, query, "text/event-stream");
        Assert.False(answer.IsSuccessStatusCode);
        await answer.ProblemAsync(400, "invalid-request");
    }

    [Fact]
    public async Task A_key_that_is_no_percent_coding_is_refused() =>
        Assert.StartsWith("HTTP/1.1 400", await _host.SendTargetAsync("GET", "/api/v1/watch?key=%ZZ"));

    [Theory]
    [InlineData("text/html", null)]
    [InlineData("image/png", null)]
    [InlineData("text/event-stream", "abc")]
    [InlineData("text/event-stream", "-3")]
    [InlineData("text/event-stream", "9223372036854775807")]
    [InlineData("text/event-stream", "1e3")]
    public async Task Headers_that_make_no_sense_are_refused_with_a_sentence(string accept, string? lastId) =>
        await (await WatchClient.SendAsync(_host.Client, "key=a", accept, lastId)).ProblemAsync(400, "invalid-request");

    [Theory]
    [InlineData("snapshot=true")]
    [InlineData("bookmarkInterval=1s")]
    public async Task What_belongs_to_streams_is_refused_for_a_poll(string option) =>
        await (await WatchClient.SendAsync(_host.Client, "key=a&" + option, "application/json")).ProblemAsync(400, "invalid-request");

    [Theory]
    [InlineData("*/*", "text/event-stream")]
    [InlineData("text/html, */*;q=0.1", "text/event-stream")]
    [InlineData("application/json;q=0.5, application/x-ndjson", "application/x-ndjson")]
    [InlineData("application/json;q=0.9, text/event-stream;q=0.8", "application/json")]
    public async Task The_form_follows_accept(string accept, string mediaType)
    {
        HttpResponseMessage answer = await _host.SendAsync("GET", "/api/v1/watch?key=a&timeout=10ms", headers: ("Accept", accept));
        Assert.Equal(mediaType, answer.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Without_a_leader_a_watch_from_now_is_refused_and_one_from_a_revision_is_served()
    {
        await PutAsync("k", "v");
        _host.Node.Mode = FakeMode.Leaderless;
        await (await WatchClient.SendAsync(_host.Client, "key=k", "text/event-stream")).ProblemAsync(503, "consistency-unmet");
        await using (WatchClient eventual = await OpenAsync("key=k&consistency=eventual"))
        {
            Assert.Equal(new BookmarkMessage(2), await eventual.NextAsync());
        }

        await using WatchClient watch = await OpenAsync("key=k&startRevision=2");
        AssertChange(await watch.NextAsync(), new WatchedChange(2, "k", "v", 2, 1));
    }

    private static void AssertChange(WatchMessage? message, params WatchedChange[] events)
    {
        ChangeMessage change = Assert.IsType<ChangeMessage>(message);
        Assert.Equal(events[0].Revision, change.Revision);
        Assert.Equal(events, change.Events);
    }

    private Task<WatchClient> OpenAsync(string query, string? lastId = null) => WatchClient.OpenAsync(_host.Client, query, lastId: lastId);

    private async Task PutAsync(string key, string value) =>
        Assert.True((await _host.SendAsync("PUT", "/api/v1/kv/" + key, value)).IsSuccessStatusCode);

    private async Task<JsonElement> PollAsync(string query)
    {
        HttpResponseMessage answer = await WatchClient.SendAsync(_host.Client, query, "application/json");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        answer.AssertStandardHeaders();
        return await answer.JsonAsync();
    }

    private async Task<HttpResponseMessage> CompactedPollAsync()
    {
        await _host.PostAsync("/api/v1/compact", """{"revision":5}""");
        return await WatchClient.SendAsync(_host.Client, "key=k&startRevision=4", "application/json");
    }
}
