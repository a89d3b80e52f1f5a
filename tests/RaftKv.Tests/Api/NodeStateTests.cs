using System.Net;
using System.Text.Json;
using RaftKv.Doors.Http;
using RaftKv.Service.Calls;
using RaftKv.Service.Vocabulary;

namespace RaftKv.Tests.Api;

/// <summary>Health, status, cluster and the roots.</summary>
public sealed class NodeStateTests : IAsyncLifetime
{
    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData(FakeMode.Serving, 200, 200)]
    [InlineData(FakeMode.Overloaded, 200, 200)]
    [InlineData(FakeMode.Leaderless, 200, 503)]
    [InlineData(FakeMode.Starting, 200, 503)]
    [InlineData(FakeMode.Draining, 200, 503)]
    public async Task Ready_means_that_a_linearizable_read_works(FakeMode mode, int live, int ready)
    {
        _host.Node.Mode = mode;
        Assert.Equal(live, (int)(await _host.SendAsync("GET", "/livez")).StatusCode);
        foreach (string path in (string[])["/readyz", "/healthz", "/health"])
        {
            HttpResponseMessage answer = await _host.SendAsync("GET", path);
            Assert.Equal(ready, (int)answer.StatusCode);
            answer.AssertStandardHeaders();
            Assert.Equal(ready, (int)(await _host.SendAsync("HEAD", path)).StatusCode);
        }
    }

    [Fact]
    public async Task Health_speaks_in_one_word_in_lines_and_in_etcds_shape()
    {
        Assert.Equal("ok", await _host.Client.GetStringAsync("/readyz"));
        Assert.Equal("[+]node ok\n[+]linearizable-read ok\nreadyz check passed\n", await _host.Client.GetStringAsync("/readyz?verbose"));
        Assert.Equal("""{"health":"true","reason":""}""", await _host.Client.GetStringAsync("/health"));
        JsonElement version = await (await _host.SendAsync("GET", "/version")).JsonAsync();
        Assert.Matches(@"^3\.5\.\d+$", version.GetProperty("etcdserver").GetString());
        Assert.Equal(Product.Version, version.GetProperty("raftkv").GetString());

        _host.Node.Mode = FakeMode.Leaderless;
        string lines = await (await _host.SendAsync("GET", "/readyz")).Content.ReadAsStringAsync();
        Assert.Contains("[-]linearizable-read failed: no leader", lines);
        Assert.Equal("""{"health":"false","reason":"RAFT NO LEADER"}""", await (await _host.SendAsync("GET", "/health")).Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Status_and_cluster_tell_what_the_node_knows()
    {
        await _host.SendAsync("PUT", "/api/v1/kv/k", "v");
        HttpResponseMessage response = await _host.SendAsync("GET", "/api/v1/status");
        JsonElement status = await response.JsonAsync();
        Assert.Equal("eventual", response.Header("RaftKv-Consistency"));
        Assert.Equal("leader", status.GetProperty("role").GetString());
        Assert.Equal(2, status.GetProperty("revision").GetInt64());
        Assert.Equal(1, status.GetProperty("keyCount").GetInt64());
        Assert.Equal(_host.Node.View.StateHash.ToString("x16"), status.GetProperty("stateHash").GetString());
        Assert.Equal("0000000000000001", status.GetProperty("leader").GetProperty("id").GetString());

        JsonElement member = (await (await _host.SendAsync("GET", "/api/v1/cluster")).JsonAsync()).GetProperty("members")[0];
        Assert.Equal("n1", member.GetProperty("name").GetString());
        Assert.Equal("leader", member.GetProperty("role").GetString());
        Assert.True(member.GetProperty("voter").GetBoolean());
        Assert.True(member.GetProperty("self").GetBoolean());
    }

    [Fact]
    public async Task Root_leads_to_swagger_which_is_served_from_the_binary()
    {
        HttpResponseMessage root = await _host.SendAsync("GET", "/");
        Assert.Equal(HttpStatusCode.Redirect, root.StatusCode);
        string page = await _host.Client.GetStringAsync(root.Headers.Location);
        Assert.Contains("swagger-ui", page);
        Assert.DoesNotContain("https://", page);
        Assert.Equal(HttpStatusCode.OK, (await _host.SendAsync("GET", "/swagger/swagger-ui-bundle.js")).StatusCode);
        await (await _host.SendAsync("GET", "/swagger/nothing.js")).ProblemAsync(404, "not-found");
    }

    [Fact]
    public async Task Swagger_can_be_switched_off()
    {
        await using ApiHost bare = await ApiHost.StartAsync(new ApiOptions { IsSwaggerEnabled = false });
        await (await bare.SendAsync("GET", "/swagger/index.html")).ProblemAsync(404, "not-found");
        await (await bare.SendAsync("GET", "/openapi/v1.json")).ProblemAsync(404, "not-found");
    }
}
