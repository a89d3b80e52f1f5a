using RaftKv.EtcdConformance.Clients;

namespace RaftKv.EtcdConformance.Servers;

/// <summary>A fresh etcd and a fresh RaftKv, to be asked the same things in the same order.</summary>
public sealed class ServerPair : IAsyncDisposable
{
    private ServerPair(ServerUnderTest etcd, ServerUnderTest raftkv)
    {
        Etcd = etcd;
        RaftKv = raftkv;
        EtcdGrpc = new GrpcClient(etcd.Client);
        RaftKvGrpc = new GrpcClient(raftkv.Client);
        EtcdJson = new GatewayClient(etcd.Client);
        RaftKvJson = new GatewayClient(raftkv.Client);
    }

    public ServerUnderTest Etcd { get; }

    public ServerUnderTest RaftKv { get; }

    public GrpcClient EtcdGrpc { get; }

    public GrpcClient RaftKvGrpc { get; }

    public GatewayClient EtcdJson { get; }

    public GatewayClient RaftKvJson { get; }

    public static async Task<ServerPair> StartAsync()
    {
        Task<ServerUnderTest> etcd = ServerUnderTest.StartEtcdAsync();
        return new ServerPair(await etcd, await ServerUnderTest.StartRaftKvAsync());
    }

    public async ValueTask DisposeAsync()
    {
        EtcdGrpc.Dispose();
        RaftKvGrpc.Dispose();
        EtcdJson.Dispose();
        RaftKvJson.Dispose();
        await Etcd.DisposeAsync();
        await RaftKv.DisposeAsync();
    }
}
