using Google.Protobuf;
using RaftKv.EtcdConformance.Clients;
using RaftKv.EtcdConformance.Servers;
using RaftKv.Protocol.Etcd;

namespace RaftKv.EtcdConformance.Clusters;

/// <summary>What calls with and without the metadata hasleader see when a node has lost its leader.</summary>
public sealed class LeaderLossTests
{
    private static readonly (string, string) RequireLeader = ("hasleader", "true");

    [Fact]
    public async Task Streams_that_require_a_leader_end_and_calls_fail_while_others_go_on()
    {
        ServerUnderTest[] nodes = await ServerUnderTest.StartClusterAsync(3);
        using var grpc = new GrpcClient(nodes[0].Client);
        try
        {
            var create = new WatchRequest { CreateRequest = new WatchCreateRequest { Key = ByteString.CopyFromUtf8("a") } };
            using GrpcStream<WatchRequest, WatchResponse> watch =
                await grpc.OpenAsync<WatchRequest, WatchResponse>("/etcdserverpb.Watch/Watch", create, RequireLeader);
            using GrpcStream<WatchRequest, WatchResponse> patient =
                await grpc.OpenAsync<WatchRequest, WatchResponse>("/etcdserverpb.Watch/Watch", create);
            using GrpcStream<LeaseKeepAliveRequest, LeaseKeepAliveResponse> keepAlive =
                await grpc.OpenAsync<LeaseKeepAliveRequest, LeaseKeepAliveResponse>(
                    "/etcdserverpb.Lease/LeaseKeepAlive", new LeaseKeepAliveRequest { ID = 1 }, RequireLeader);
            Assert.True((await watch.ReadAsync())!.Created);
            Assert.True((await patient.ReadAsync())!.Created);
            Assert.NotNull(await keepAlive.ReadAsync());

            // A node that has just become ready may lose its leader for a moment.
            while ((await RangeAsync(grpc, RequireLeader)).Code != 0)
            {
                await Task.Delay(50);
            }

            nodes[1].Kill();
            nodes[2].Kill();

            Assert.Null(await watch.ReadAsync());
            Assert.Equal((14, "etcdserver: no leader"), watch.Status);
            Assert.Null(await keepAlive.ReadAsync());
            Assert.Equal((14, "etcdserver: no leader"), keepAlive.Status);
            GrpcAnswer refused = await RangeAsync(grpc, RequireLeader);
            Assert.Equal((14, "etcdserver: no leader"), (refused.Code, refused.Detail));
            Assert.Equal(0, (await RangeAsync(grpc)).Code);

            // Without the metadata a watch outlasts the loss.
            await patient.SendAsync(create);
            Assert.True((await patient.ReadAsync())!.Created);
        }
        finally
        {
            foreach (ServerUnderTest node in nodes)
            {
                await node.DisposeAsync();
            }
        }
    }

    private static Task<GrpcAnswer> RangeAsync(GrpcClient grpc, params (string, string)[] metadata) => grpc.CallAsync<RangeResponse>(
        "/etcdserverpb.KV/Range", new RangeRequest { Key = ByteString.CopyFromUtf8("a"), Serializable = true }, timeout: null, metadata);
}
