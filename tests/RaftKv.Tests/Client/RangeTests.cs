using RaftKv.Client;

namespace RaftKv.Tests.Client;

/// <summary>Walking ranges, counting, histories.</summary>
public sealed class RangeTests
{
    [Fact]
    public async Task Pages_follow_the_server_s_link_until_there_is_none()
    {
        using StubNode node = StubNode.Playing(
            Page(["a/1", "a/2"], "</api/v1/kv?prefix=a%2F&limit=2&cursor=c1>; rel=\"next\""),
            Page(["a/3", "a/4"], "<http://elsewhere:1/api/v1/kv?prefix=a%2F&limit=2&cursor=c2>; rel=next"),
            Page(["a/5"], link: null));
        using RaftKvClient client = ClientFixture.Client(node.Endpoint);

        List<string> keys = [];
        await foreach (KeyValueEntry entry in client.RangeAsync(RaftKvRange.Prefix("a/"), new RangeOptions { PageSize = 2 }))
        {
            keys.Add(entry.Key.ToString());
        }

        Assert.Equal(["a/1", "a/2", "a/3", "a/4", "a/5"], keys);
        Assert.Equal(
            [
                "/api/v1/kv?prefix=a%2F&limit=2", "/api/v1/kv?prefix=a%2F&limit=2&cursor=c1", "/api/v1/kv?prefix=a%2F&limit=2&cursor=c2",
            ],
            node.Requests.Select(static request => request.Target));
        Assert.All(node.Requests, static request => Assert.Equal("linearizable", request.Header("RaftKv-Consistency")));
    }

    [Fact]
    public async Task A_page_that_fails_is_read_again_and_no_pair_comes_twice()
    {
        using StubNode node = StubNode.Playing(
            Page(["a"], "</api/v1/kv?cursor=c1>; rel=\"next\""), Page(["b"], link: null) with { Break = StubBreak.InsideBody }, Page(["b"], link: null));
        using RaftKvClient client = ClientFixture.Client(node.Endpoint);

        List<string> keys = [];
        await foreach (KeyValueEntry entry in client.RangeAsync(RaftKvRange.All))
        {
            keys.Add(entry.Key.ToString());
        }

        Assert.Equal(["a", "b"], keys);
    }

    [Fact]
    public async Task A_link_as_long_as_the_longest_keys_make_it_is_followed()
    {
        string cursor = new('c', 180_000);
        using StubNode node = StubNode.Playing(Page(["a"], $"</api/v1/kv?cursor={cursor}>; rel=\"next\""), Page(["b"], link: null));
        using RaftKvClient client = ClientFixture.Client(node.Endpoint);

        int count = 0;
        await foreach (KeyValueEntry entry in client.RangeAsync(RaftKvRange.All))
        {
            count++;
        }

        Assert.Equal(2, count);
        Assert.EndsWith(cursor, node.Requests[1].Target, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Leaving_early_asks_for_no_further_page()
    {
        using StubNode node = StubNode.Playing(Page(["a", "b"], "</api/v1/kv?cursor=c1>; rel=\"next\""));
        using RaftKvClient client = ClientFixture.Client(node.Endpoint);

        await foreach (KeyValueEntry entry in client.RangeAsync(RaftKvRange.All))
        {
            Assert.Equal("a", entry.Key);
            break;
        }

        Assert.Single(node.Requests);
    }

    [Fact]
    public async Task A_token_given_to_the_enumerator_cancels_it()
    {
        using StubNode node = StubNode.Playing(Page(["a"], "</api/v1/kv?cursor=c1>; rel=\"next\""));
        using RaftKvClient client = ClientFixture.Client(node.Endpoint);
        using CancellationTokenSource source = new();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (KeyValueEntry entry in client.RangeAsync(RaftKvRange.All).WithCancellation(source.Token))
            {
                await source.CancelAsync();
            }
        });

        Assert.Single(node.Requests);
    }

    [Fact]
    public async Task Ranges_are_named_as_the_contract_says()
    {
        using StubNode node = StubNode.Playing(StubReply.Ok("""{"items":[],"count":3}"""));
        using RaftKvClient client = ClientFixture.Client(node.Endpoint);

        Assert.Equal(3, (await client.CountAsync(RaftKvRange.Between("a", "b c"))).Count);
        await client.CountAsync(RaftKvRange.From("a"), new ReadOptions { Revision = 5 });
        await client.CountAsync(RaftKvRange.Prefix(new byte[] { 0xFF }));
        await client.CountAsync(RaftKvRange.All);
        await foreach (KeyValueEntry entry in client.RangeAsync(RaftKvRange.All, new RangeOptions { KeysOnly = true, Descending = true }))
        {
            Assert.Fail($"Nothing was on the page, but {entry} came.");
        }

        Assert.Equal(
            [
                "/api/v1/kv?start=a&end=b%20c&countOnly=true", "/api/v1/kv?start=a&countOnly=true&revision=5",
                "/api/v1/kv?prefix=_w&keyEncoding=base64url&countOnly=true", "/api/v1/kv?countOnly=true",
                "/api/v1/kv?limit=1000&keysOnly=true&order=desc",
            ],
            node.Requests.Select(static request => request.Target));
    }

    [Fact]
    public async Task A_history_has_every_version_and_its_deletions()
    {
        using StubNode node = StubNode.Playing(StubReply.Ok(
            """
            {"key":"a","revision":9,"compactedRevision":1,"versions":[
            {"deleted":false,"value":"1","encoding":"utf-8","createRevision":2,"modRevision":2,"version":1,"lease":null},
            {"deleted":true,"createRevision":0,"modRevision":3,"version":0,"lease":null}],"hasMore":true}
            """));
        using RaftKvClient client = ClientFixture.Client(node.Endpoint);

        HistoryResult history = await client.HistoryAsync("a", limit: 2);

        Assert.True(history.HasMore);
        Assert.Equal([(2L, false, "1"), (3L, true, "")], history.Versions.Select(static entry => (entry.ModRevision, entry.IsDeletion, entry.GetString())));
        Assert.Equal("/api/v1/kv/a?history&limit=2", Assert.Single(node.Requests).Target);
    }

    [Fact]
    public void An_empty_prefix_is_not_every_key() => Assert.Throws<ArgumentException>(() => RaftKvRange.Prefix(""));

    private static StubReply Page(string[] keys, string? link)
    {
        IEnumerable<string> items = keys.Select(
            static key => $$"""{"key":"{{key}}","value":"v","encoding":"utf-8","createRevision":2,"modRevision":2,"version":1,"lease":null}""");
        return StubReply.Ok($$"""{"items":[{{string.Join(',', items)}}]}""") with { Headers = link is null ? [] : [("Link", link)] };
    }
}
