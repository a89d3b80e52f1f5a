using System.Net;
using System.Text.Json;
using RaftKv.Tests.Support;
using RaftKv.Tests.Watch;

namespace RaftKv.Tests.Api.Coordination;

/// <summary>Elections through the REST door.</summary>
public sealed class ElectionApiTests : IAsyncLifetime
{
    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_candidate_leads_proclaims_and_resigns_by_its_token()
    {
        JsonElement won = await (await CampaignAsync("""{"value":"first","ttl":"20s"}""")).JsonAsync();
        long token = won.GetProperty("token").GetInt64();
        Assert.Equal(("e", "first"), (won.GetProperty("name").GetString(), won.GetProperty("value").GetString()));
        Assert.Equal(20_000, won.GetProperty("ttlMs").GetInt64());
        await (await CampaignAsync("""{"value":"second","wait":"0s"}""")).ProblemAsync(409, "lock-held");
        Assert.Equal(HttpStatusCode.OK, (await _host.SendAsync("PUT", $"/api/v1/elections/e/value?token={token}", "said")).StatusCode);
        JsonElement seen = (await (await _host.SendAsync("GET", "/api/v1/elections/e")).JsonAsync()).GetProperty("leader");
        Assert.Equal(("said", token), (seen.GetProperty("value").GetString(), seen.GetProperty("token").GetInt64()));
        Assert.Equal(won.GetProperty("lease").GetString(), seen.GetProperty("lease").GetString());
        JsonElement kept = await (await _host.SendAsync("POST", $"/api/v1/elections/e/keepalive?token={token}")).JsonAsync();
        Assert.Equal(token, kept.GetProperty("token").GetInt64());
        Assert.Equal(HttpStatusCode.OK, (await _host.SendAsync("DELETE", $"/api/v1/elections/e?token={token}")).StatusCode);
        foreach ((string method, string path) in ((string, string)[])[("PUT", "/value"), ("DELETE", ""), ("POST", "/keepalive")])
        {
            await (await _host.SendAsync(method, $"/api/v1/elections/e{path}?token={token}", method == "PUT" ? "x" : null)).ProblemAsync(412, "not-holder");
        }

        Assert.Equal(JsonValueKind.Null, (await (await _host.SendAsync("GET", "/api/v1/elections/e")).JsonAsync()).GetProperty("leader").ValueKind);
    }

    [Fact]
    public async Task An_observer_sees_each_leadership_once_in_order_and_vacancy()
    {
        using HttpResponseMessage response = await _host.Client.GetAsync(
            "/api/v1/elections/e/observe", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        Assert.Equal(("vacant", null), await NextAsync(reader));
        long first = (await (await CampaignAsync("""{"value":"1"}""")).JsonAsync()).GetProperty("token").GetInt64();
        Task<HttpResponseMessage> waiting = CampaignAsync("""{"value":"2"}""");
        await Eventually.TrueAsync(
            () => _host.Node.View.GetLockQueue(Core.Store.Commands.LockKind.Election, "e"u8.ToArray()).WaiterCount > 0);

        await _host.SendAsync("PUT", $"/api/v1/elections/e/value?token={first}", "1b");
        Core.Store.Locks.LockQueue queue = _host.Node.View.GetLockQueue(Core.Store.Commands.LockKind.Election, "e"u8.ToArray());
        await CampaignAsync($$"""{"lease":"{{queue.Entries[0].Lease}}"}""");
        await _host.SendAsync("DELETE", $"/api/v1/elections/e?token={first}");
        long second = (await (await waiting).JsonAsync()).GetProperty("token").GetInt64();
        await _host.SendAsync("DELETE", $"/api/v1/elections/e?token={second}");
        foreach ((string, string?) expected in ((string, string?)[])[("leader", "1"), ("leader", "1b"), ("leader", "2"), ("vacant", null)])
        {
            Assert.Equal(expected, await NextAsync(reader));
        }

        _host.Node.Mode = FakeMode.Draining;
        Assert.Equal("cancel", (await NextAsync(reader)).Type);
    }

    private static async Task<(string Type, string? Value)> NextAsync(StreamReader reader)
    {
        using var timeout = new CancellationTokenSource(WatchClient.Patience);
        string type = "";
        while (await reader.ReadLineAsync(timeout.Token) is { } line)
        {
            type = line.StartsWith("event: ", StringComparison.Ordinal) ? line[7..] : type;
            if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                return (type, JsonDocument.Parse(line[6..]).RootElement.TryGetProperty("value", out JsonElement value) ? value.GetString() : null);
            }
        }

        throw new EndOfStreamException();
    }

    private Task<HttpResponseMessage> CampaignAsync(string body) => _host.PostAsync("/api/v1/elections/e/campaign", body);
}
