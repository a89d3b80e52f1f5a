using RaftKv.Core;
using RaftKv.Core.Identity;
using RaftKv.Engine;
using RaftKv.Hosting;
using RaftKv.Hosting.Formation;
using RaftKv.JepsenStyle.Cluster;
using RaftKv.Tests.Node;
using RaftKv.Transport;

namespace RaftKv.Tests.Hosting;

/// <summary>A node that has just founded its cluster dials another one that is a moment behind: that is no error.</summary>
public sealed class FoundingPatienceTests
{
    private const ulong Other = 0x22;

    [Theory]
    [InlineData(Other, false)]
    [InlineData(Other + 1, true)]
    public async Task Only_another_directory_that_is_in_no_cluster_is_an_error(ulong found, bool isError)
    {
        var logger = new MemoryLogger();
        int port = PortPool.Take();
        NodeOptions options = new()
        {
            Name = "n2",
            ClientUrls = [ServerUrl.Parse($"http://127.0.0.1:{PortPool.Take()}", "", out _)!],
            PeerUrl = ServerUrl.Parse($"http://127.0.0.1:{port}", "", out _),
        };
        using NodeTls tls = NodeTls.Open(options, TimeProvider.System, logger);
        var word = new FoundingWord("n2", new NodeId(found), 1, FoundingStage.Open, null);
        int dials = 0;
        var dialled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var door = new FormationDoor(options, tls, () =>
        {
            if (Interlocked.Increment(ref dials) == 3)
            {
                dialled.SetResult();
            }

            return word;
        });
        await door.OpenAsync();
        var transport = new PeerTransport(
            new NodeIdentity("n1", new NodeId(0x11), 9), "", [new PeerAddress("n2", new NodeId(Other), "127.0.0.1", port)],
            TimeProvider.System, logger);
        transport.Start(static (_, _) => { });
        await dialled.Task.WaitAsync(TimeSpan.FromSeconds(60));
        await transport.DisposeAsync();

        Assert.Equal(isError, logger.Count("refuses this node") > 0);
    }
}
