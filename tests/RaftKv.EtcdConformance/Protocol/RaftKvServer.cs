using RaftKv.EtcdConformance.Clients;
using RaftKv.EtcdConformance.Servers;

namespace RaftKv.EtcdConformance.Protocol;

/// <summary>One RaftKv for the tests of a class; no etcd is needed.</summary>
public sealed class RaftKvServer : IAsyncLifetime
{
    private ServerUnderTest? _server;
    private GrpcClient? _grpc;

    public Uri Client => _server!.Client;

    public GrpcClient Grpc => _grpc!;

    public async Task InitializeAsync()
    {
        _server = await ServerUnderTest.StartRaftKvAsync();
        _grpc = new GrpcClient(_server.Client);
    }

    public async Task DisposeAsync()
    {
        _grpc!.Dispose();
        await _server!.DisposeAsync();
    }
}
