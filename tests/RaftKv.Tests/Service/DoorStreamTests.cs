using System.Text;
using RaftKv.Tests.Api;

namespace RaftKv.Tests.Service;

/// <summary>
/// Every stream and poll of every door tells what the one feed beneath has: thinly, since the feed has tests of its own.
/// </summary>
public sealed class DoorStreamTests : IAsyncLifetime
{
    private ApiHost _host = null!;

    public async Task InitializeAsync()
    {
        _host = await ApiHost.StartAsync();
        await _host.SendAsync("PUT", "/api/v1/kv/a", "1");
        await _host.PostAsync("/api/v1/elections/e/campaign", """{"value":"v1"}""");
        await _host.PostAsync("/v3/lease/grant", """{"TTL":"60","ID":"7"}""");
        await _host.PostAsync("/v3/election/campaign", """{"name":"ZQ==","lease":"7","value":"djE="}""");
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData("/api/v1/watch?key=a&startRevision=2", "text/event-stream", "event: change\ndata: {\"revision\":2,")]
    [InlineData("/api/v1/watch?key=a&startRevision=2", "application/x-ndjson", "{\"type\":\"change\",\"revision\":2,")]
    [InlineData("/api/v1/watch?key=a&startRevision=2", "application/json", "\"events\":[{\"type\":\"put\"")]
    [InlineData("/api/v1/kv/a?wait=5s", "application/json", "\"value\":\"1\"")]
    [InlineData("/api/v1/elections/e/observe", "text/event-stream", "event: leader\ndata: {\"token\":")]
    public async Task A_stream_of_the_REST_door_tells_it(string target, string accept, string expected) =>
        await AssertTellsAsync("GET", target, null, expected, ("Accept", accept), ("If-None-Match", "\"0\""));

    [Theory]
    [InlineData("/v3/watch", """{"create_request":{"key":"YQ==","start_revision":"2"}}""", "\"kv\":{\"key\":\"YQ==\"")]
    [InlineData("/v3/election/observe", """{"name":"ZQ=="}""", "\"value\":\"djE=\"")]
    public async Task A_stream_of_etcds_door_tells_it(string target, string body, string expected) =>
        await AssertTellsAsync("POST", target, body, expected);

    [Fact]
    public async Task A_stream_that_tells_something_else_is_seen() => await Assert.ThrowsAnyAsync<Exception>(
        () => AssertTellsAsync("GET", "/api/v1/kv/a", null, "\"value\":\"2\""));

    private async Task AssertTellsAsync(
        string method, string target, string? body, string expected, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), target);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        foreach ((string name, string value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using HttpResponseMessage answer = await _host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
        using Stream stream = await answer.Content.ReadAsStreamAsync(limit.Token);
        var told = new StringBuilder();
        byte[] buffer = new byte[4096];
        while (!told.ToString().Contains(expected, StringComparison.Ordinal))
        {
            int count = await stream.ReadAsync(buffer, limit.Token);
            Assert.True(count > 0, $"{target} ended with: {told}");
            told.Append(Encoding.UTF8.GetString(buffer, 0, count));
        }
    }
}
