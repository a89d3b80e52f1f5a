using System.Net.Sockets;
using RaftKv.Dashboard.Api;

namespace RaftKv.Dashboard.Tests.Api;

/// <summary>What a page is told of a node that gives no answer.</summary>
public sealed class NodeClientTests
{
    [Fact]
    public async Task A_node_that_resets_a_connection_as_it_is_made_does_not_answer()
    {
        var nodes = new StubNodes(static _ => throw new SocketException((int)SocketError.NotConnected));
        ApiAnswer answer = await nodes.Client().SendAsync(NodeClient.OwnState("/api/v1/status"));

        Assert.Equal("The node does not answer.", answer.Failure);
    }
}
