using RaftKv.Tests.Api;

namespace RaftKv.Tests.Etcd;

/// <summary>Watches of a node that is about to end.</summary>
public sealed class WatchDrainTests
{
    [Fact]
    public async Task A_watch_on_a_draining_node_ends_its_stream_and_is_not_cancelled()
    {
        await using ApiHost host = await ApiHost.StartAsync();
        host.Node.Mode = FakeMode.Draining;

        HttpResponseMessage answer = await host.PostAsync("/v3/watch", """{"create_request":{"key":"Zm9v"}}""");

        Assert.Equal(503, (int)answer.StatusCode);
        Assert.Contains("etcdserver: server stopped", await answer.Content.ReadAsStringAsync());
    }
}
