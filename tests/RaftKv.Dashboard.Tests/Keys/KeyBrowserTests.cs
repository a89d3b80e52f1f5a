using System.Net;
using RaftKv.Dashboard.Api;
using RaftKv.Dashboard.Keys;

namespace RaftKv.Dashboard.Tests.Keys;

/// <summary>A store of any size, as folders, for a bounded number of requests.</summary>
public sealed class KeyBrowserTests
{
    [Fact]
    public async Task Past_a_large_folder_the_listing_goes_on_behind_it_and_at_the_same_revision()
    {
        var nodes = new StubNodes(request => StubNodes.Json(request.RequestUri!.Query.Contains("prefix=", StringComparison.Ordinal)
            ? """{"revision":9,"items":[{"key":"a"},{"key":"big/1"},{"key":"big/2"}],"hasMore":true,"cursor":"c"}"""
            : """{"revision":9,"items":[{"key":"z"}],"hasMore":false,"cursor":null}"""));

        KeyListing listing = await new KeyBrowser(nodes.Client()).ListAsync("", 0, isFlat: false);

        Assert.Equal(["a", "big/", "z"], listing.Entries.Select(entry => entry.Label));
        Assert.Equal([false, true, false], listing.Entries.Select(entry => entry.IsFolder));
        Assert.Equal(9, listing.Revision);
        Assert.Equal("GET /api/v1/kv?start=big0&keysOnly=true&limit=200&revision=9", nodes.Asked[1]);
    }

    [Fact]
    public async Task Below_a_prefix_the_next_page_ends_where_the_prefix_ends()
    {
        var nodes = new StubNodes(request => StubNodes.Json(request.RequestUri!.Query.Contains("prefix=", StringComparison.Ordinal)
            ? """{"revision":9,"items":[{"key":"app/x"}],"hasMore":true,"cursor":"c"}"""
            : """{"revision":9,"items":[],"hasMore":false,"cursor":null}"""));

        await new KeyBrowser(nodes.Client()).ListAsync("app/", 0, isFlat: false);

        Assert.Equal("GET /api/v1/kv?start=app%2Fx%00&end=app0&keysOnly=true&limit=200&revision=9", nodes.Asked[1]);
    }

    [Fact]
    public async Task A_prefix_is_told_with_its_size_and_at_an_older_revision_without()
    {
        var nodes = new StubNodes(static request => StubNodes.Json(
            request.RequestUri!.Query.Contains("revision=", StringComparison.Ordinal)
                ? """{"revision":4,"count":1}""" : """{"revision":9,"count":1200,"bytes":2048}"""));
        var browser = new KeyBrowser(nodes.Client());

        Assert.Equal("1\u202f200 keys, 2 KiB", (await browser.SizeAsync("app/", 0))!.Value.Words);
        Assert.Equal("1 key", (await browser.SizeAsync("app/", 4))!.Value.Words);
        Assert.Equal("GET /api/v1/kv?prefix=app%2F&countOnly=true", nodes.Asked[0]);
    }

    [Fact]
    public async Task A_folder_without_end_costs_a_bounded_number_of_requests()
    {
        int next = 0;
        var nodes = new StubNodes(_ => StubNodes.Json(
            $$"""{"revision":9,"items":[{"key":"f{{next++:000000}}/x"}],"hasMore":true,"cursor":"c"}"""));

        KeyListing listing = await new KeyBrowser(nodes.Client()).ListAsync("", 0, isFlat: false);

        Assert.True(listing.IsCut);
        Assert.InRange(nodes.Asked.Count, 2, 60);
    }

    [Fact]
    public async Task A_refusal_is_told()
    {
        var nodes = new StubNodes(_ => StubNodes.Json("""{"status":410,"detail":"It is compacted."}""", HttpStatusCode.Gone));

        Assert.Equal("It is compacted.", (await new KeyBrowser(nodes.Client()).ListAsync("", 3, isFlat: false)).Problem);
    }

    [Fact]
    public void Flat_has_no_folders_and_bytes_are_shown_in_hex()
    {
        var entries = new List<KeyEntry>();
        KeyBrowser.Take(
            entries, [new KeyVersion { Key = "a/b" }, new KeyVersion { Key = "_w", KeyEncoding = "base64url" }], "", isFlat: true);

        Assert.Equal(["a/b", "0xff"], entries.Select(entry => entry.Label));
    }

    [Fact]
    public void A_key_that_is_called_as_its_folder_keeps_its_name()
    {
        var entries = new List<KeyEntry>();
        KeyBrowser.Take(entries, [new KeyVersion { Key = "a/" }, new KeyVersion { Key = "a/b\u0000c" }], "a/", isFlat: false);

        Assert.Equal(["a/", "b\\x00c"], entries.Select(entry => entry.Label));
    }
}
