using System.Net;
using System.Text.Json;

namespace RaftKv.Tests.Api;

/// <summary>Listings, ranges and deletions of many keys.</summary>
public sealed class ListTests : IAsyncLifetime
{
    private ApiHost _host = null!;

    public async Task InitializeAsync()
    {
        _host = await ApiHost.StartAsync();
        foreach (string key in (string[])["a/1", "a/2", "a/3", "a/4", "a/5", "b/1"])
        {
            await _host.SendAsync("PUT", "/api/v1/kv/" + key, "v" + key);
        }
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData("", "a/1 a/2 a/3 a/4 a/5 b/1")]
    [InlineData("?prefix=a/", "a/1 a/2 a/3 a/4 a/5")]
    [InlineData("?prefix=", "a/1 a/2 a/3 a/4 a/5 b/1")]
    [InlineData("?start=a/3", "a/3 a/4 a/5 b/1")]
    [InlineData("?start=a/2&end=a/4", "a/2 a/3")]
    [InlineData("?end=a/2", "a/1")]
    [InlineData("?prefix=a/&order=desc&limit=2", "a/5 a/4")]
    [InlineData("?prefix=none", "")]
    [InlineData("?prefix=a/&revision=3", "a/1 a/2")]
    [InlineData("?prefix=YS8&keyEncoding=base64url&keysOnly", "a/1 a/2 a/3 a/4 a/5")]
    public async Task Range_is_chosen_by_prefix_or_bounds(string query, string keys)
    {
        JsonElement page = await (await _host.SendAsync("GET", "/api/v1/kv" + query)).JsonAsync();
        Assert.Equal(keys, string.Join(' ', Keys(page)));
        foreach (JsonElement item in page.GetProperty("items").EnumerateArray())
        {
            Assert.Equal(query.Contains("keysOnly", StringComparison.Ordinal), !item.TryGetProperty("value", out _));
        }
    }

    [Theory]
    [InlineData("asc", "a/1 a/2 a/3 a/4 a/5 b/1")]
    [InlineData("desc", "b/1 a/5 a/4 a/3 a/2 a/1")]
    public async Task Pages_follow_each_other_at_the_first_pages_revision(string order, string keys)
    {
        var seen = new List<string>();
        string? next = $"/api/v1/kv?limit=2&order={order}";
        while (next is not null)
        {
            HttpResponseMessage response = await _host.SendAsync("GET", next);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            JsonElement page = await response.JsonAsync();
            Assert.Equal(7, page.GetProperty("revision").GetInt64());
            seen.AddRange(Keys(page));
            string? link = response.Header("Link");
            Assert.Equal(page.GetProperty("hasMore").GetBoolean(), link is not null);
            next = link is null ? null : link[1..link.IndexOf('>')];
            Assert.True(link is null || link.EndsWith("; rel=\"next\"", StringComparison.Ordinal));
            await _host.SendAsync("PUT", "/api/v1/kv/a/0" + seen.Count, "later");
            await _host.SendAsync("DELETE", "/api/v1/kv/a/4");
        }

        Assert.Equal(keys, string.Join(' ', seen));
    }

    [Fact]
    public async Task Cursor_of_another_query_or_of_nothing_is_refused_and_a_compacted_one_is_410()
    {
        string cursor = (await (await _host.SendAsync("GET", "/api/v1/kv?prefix=a/&limit=1")).JsonAsync()).GetProperty("cursor").GetString()!;
        await (await _host.SendAsync("GET", "/api/v1/kv?prefix=b/&cursor=" + cursor)).ProblemAsync(400, "invalid-request");
        await (await _host.SendAsync("GET", "/api/v1/kv?prefix=a/&cursor=AAAA")).ProblemAsync(400, "invalid-request");
        await (await _host.SendAsync("GET", "/api/v1/kv?prefix=a/&cursor=%20")).ProblemAsync(400, "invalid-request");
        await _host.SendAsync("PUT", "/api/v1/kv/x", "x");
        await _host.PostAsync("/api/v1/compact", """{"revision":8}""");
        await (await _host.SendAsync("GET", "/api/v1/kv?prefix=a/&cursor=" + cursor)).ProblemAsync(410, "compacted");
    }

    [Fact]
    public async Task Count_only_answers_how_many_there_are_and_what_they_take_now()
    {
        JsonElement part = await (await _host.SendAsync("GET", "/api/v1/kv?prefix=a/&countOnly")).JsonAsync();
        JsonElement rest = await (await _host.SendAsync("GET", "/api/v1/kv?start=b&countOnly")).JsonAsync();
        JsonElement whole = await (await _host.SendAsync("GET", "/api/v1/kv?countOnly")).JsonAsync();
        Assert.Equal((7, 5), (part.GetProperty("revision").GetInt64(), part.GetProperty("count").GetInt64()));
        Assert.True(part.GetProperty("bytes").GetInt64() > rest.GetProperty("bytes").GetInt64());
        Assert.Equal(whole.GetProperty("bytes").GetInt64(), part.GetProperty("bytes").GetInt64() + rest.GetProperty("bytes").GetInt64());

        // What it took at another time nobody knows.
        HttpResponseMessage before = await _host.SendAsync("GET", "/api/v1/kv?prefix=a/&countOnly&revision=4");
        Assert.Equal("""{"revision":4,"count":3}""", await before.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Page_ends_early_by_bytes_and_goes_on_by_cursor()
    {
        string large = new('x', 1_500_000);
        for (int i = 0; i < 5; i++)
        {
            await _host.SendAsync("PUT", $"/api/v1/kv/large/{i}", large);
        }

        JsonElement first = await (await _host.SendAsync("GET", "/api/v1/kv?prefix=large/")).JsonAsync();
        Assert.Equal(3, first.GetProperty("items").GetArrayLength());
        Assert.True(first.GetProperty("hasMore").GetBoolean());
        JsonElement second = await (await _host.SendAsync(
            "GET", "/api/v1/kv?prefix=large/&cursor=" + first.GetProperty("cursor").GetString())).JsonAsync();
        Assert.Equal(2, second.GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task Deleting_many_needs_a_range_or_all()
    {
        foreach (string query in (string[])["", "?prefix=", "?all=false", "?all=true&prefix=a/", "?key=a/1&prefix=a/"])
        {
            await (await _host.SendAsync("DELETE", "/api/v1/kv" + query)).ProblemAsync(400, "invalid-request");
        }

        Assert.Equal("""{"deleted":2,"revision":8}""", await (await _host.SendAsync("DELETE", "/api/v1/kv?start=a/1&end=a/3")).Content.ReadAsStringAsync());
        Assert.Equal("""{"deleted":3,"revision":9}""", await (await _host.SendAsync("DELETE", "/api/v1/kv?prefix=a/")).Content.ReadAsStringAsync());
        Assert.Equal("""{"deleted":1,"revision":10}""", await (await _host.SendAsync("DELETE", "/api/v1/kv?all=true")).Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Several_ranges_come_from_one_view()
    {
        JsonElement answer = await (await _host.PostAsync(
            "/api/v1/kv/range",
            """{"ranges":[{"prefix":"a/","limit":2,"order":"desc"},{"key":"b/1","keysOnly":true},{"start":"a/4","end":"b","countOnly":true}],"revision":7}""")).JsonAsync();
        JsonElement results = answer.GetProperty("results");
        Assert.Equal("a/5 a/4", string.Join(' ', Keys(results[0])));
        Assert.True(results[0].GetProperty("hasMore").GetBoolean());
        Assert.Equal(5, results[0].GetProperty("count").GetInt64());
        Assert.False(results[1].GetProperty("items")[0].TryGetProperty("value", out _));
        Assert.Equal(2, results[2].GetProperty("count").GetInt64());
    }

    private static IEnumerable<string> Keys(JsonElement page) =>
        page.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("key").GetString()!);
}
