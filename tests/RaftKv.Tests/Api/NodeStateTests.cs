using System.Net;
using System.Text.Json;
using RaftKv.Core;
using RaftKv.Core.Store.Commands;
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
    public async Task The_feature_gates_of_etcd_3_7_are_listed_with_its_defaults()
    {
        string metrics = await _host.Client.GetStringAsync("/metrics");
        string[] gates =
        [
            "AllAlpha ALPHA 0", "AllBeta BETA 0", "CompactHashCheck ALPHA 0", "FastLeaseKeepAlive ALPHA 0", "InitialCorruptCheck ALPHA 0",
            "LeaseCheckpoint ALPHA 0", "LeaseCheckpointPersist ALPHA 0", "SetMemberLocalAddr ALPHA 0", "StopGRPCServiceOnDefrag ALPHA 0",
            "TxnModeWriteWithSharedBuffer BETA 1",
        ];
        Assert.Equal(gates, metrics.Split('\n')
            .Where(static line => line.StartsWith("etcd_server_feature_enabled{", StringComparison.Ordinal))
            .Select(static line => line.Split('"') is [_, var name, _, var stage, var value] ? $"{name} {stage} {value[2..]}" : line));
    }

    [Fact]
    public async Task Health_speaks_in_one_word_in_lines_and_in_etcds_shape()
    {
        Assert.Equal("ok\n", await _host.Client.GetStringAsync("/readyz"));
        Assert.Equal(
            "[+]node ok\n[+]data_corruption ok\n[+]serializable_read ok\n[+]linearizable_read ok\nok\n",
            await _host.Client.GetStringAsync("/readyz?verbose"));
        Assert.Equal("""{"health":"true","reason":""}""", await _host.Client.GetStringAsync("/health"));
        JsonElement version = await (await _host.SendAsync("GET", "/version")).JsonAsync();
        Assert.Matches(@"^3\.7\.\d+$", version.GetProperty("etcdserver").GetString());
        Assert.Equal(Product.Version, version.GetProperty("raftkv").GetString());

        _host.Node.Mode = FakeMode.Leaderless;
        string lines = await (await _host.SendAsync("GET", "/readyz")).Content.ReadAsStringAsync();
        Assert.Contains("[-]linearizable_read failed: no leader", lines);
        string health = await (await _host.SendAsync("GET", "/health")).Content.ReadAsStringAsync();
        Assert.Equal("""{"health":"false","reason":"RANGE ERROR:etcdserver: request timed out"}""" + "\n", health);
    }

    [Fact]
    public async Task A_check_can_be_left_out_or_asked_alone()
    {
        _host.Node.Mode = FakeMode.Leaderless;

        Assert.Equal("ok\n", await _host.Client.GetStringAsync("/readyz?exclude=linearizable_read&exclude=nothing_of_that_name"));
        Assert.Equal("ok\n", await _host.Client.GetStringAsync("/readyz/data_corruption"));
        Assert.Equal("[+]serializable_read ok\nok\n", await _host.Client.GetStringAsync("/livez/serializable_read?verbose"));
        Assert.Equal("ok\n", await _host.Client.GetStringAsync("/readyz/non_learner"));
        Assert.Equal(503, (int)(await _host.SendAsync("GET", "/readyz/linearizable_read")).StatusCode);
        Assert.Equal(404, (int)(await _host.SendAsync("GET", "/readyz/nothing_of_that_name")).StatusCode);
        Assert.Equal(400, (int)(await _host.SendAsync("GET", "/readyz?key=a")).StatusCode);
        Assert.Equal("""{"health":"true","reason":""}""", await _host.Client.GetStringAsync("/health?serializable=true"));

        string metrics = await _host.Client.GetStringAsync("/metrics");
        Assert.Contains("etcd_server_healthcheck{type=\"readyz\",name=\"linearizable_read\"} 0\n", metrics, StringComparison.Ordinal);
        Assert.Contains(
            "etcd_server_healthchecks_total{type=\"readyz\",name=\"linearizable_read\",status=\"error\"} 1\n",
            metrics,
            StringComparison.Ordinal);
        Assert.Contains("etcd_server_health_success 1\n", metrics, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(AlarmKind.Corrupt, 503)]
    [InlineData(AlarmKind.NoSpace, 200)]
    public async Task Damage_makes_a_node_unready_and_any_alarm_unhealthy_unless_it_is_left_out(AlarmKind kind, int ready)
    {
        await _host.ApplyAsync(new RaiseAlarmCommand(kind, NodeId.None, AlarmCause.Hand));
        string name = AlarmNames.Of(kind);
        Assert.Contains(
            $"etcd_debugging_server_alarms{{server_id=\"0\",alarm_type=\"{name}\"}} 1\n",
            await _host.Client.GetStringAsync("/metrics"),
            StringComparison.Ordinal);

        Assert.Equal(ready, (int)(await _host.SendAsync("GET", "/readyz")).StatusCode);
        Assert.Equal(200, (int)(await _host.SendAsync("GET", "/readyz?exclude=data_corruption")).StatusCode);
        Assert.Equal(200, (int)(await _host.SendAsync("GET", "/livez")).StatusCode);
        HttpResponseMessage health = await _host.SendAsync("GET", "/health");
        Assert.Equal((503, "text/plain"), ((int)health.StatusCode, health.Content.Headers.ContentType!.MediaType));
        Assert.Equal($$"""{"health":"false","reason":"ALARM {{name}}"}""" + "\n", await health.Content.ReadAsStringAsync());
        Assert.Equal(200, (int)(await _host.SendAsync("GET", "/health?exclude=" + name)).StatusCode);
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
