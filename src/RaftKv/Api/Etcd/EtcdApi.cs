using RaftKv.Api.Grpc;
using RaftKv.Api.JsonGateway;
using RaftKv.Api.Rest;

namespace RaftKv.Api.Etcd;

/// <summary>The etcd v3 API: all its services over one node.</summary>
internal sealed class EtcdApi
{
    public EtcdApi(RestServer rest, ILogger logger)
    {
        var gate = new EtcdGate(rest);
        TimeProvider time = rest.Time;
        Methods =
        [
            .. new KvService(gate).Methods,
            .. new WatchService(gate).Methods,
            .. new LeaseService(gate).Methods,
            .. new LockService(gate).Methods,
            .. new ElectionService(gate).Methods,
            .. new ClusterService(gate).Methods,
            .. new MaintenanceService(gate).Methods,
            .. new AuthService(gate).Methods,
        ];
        Grpc = new GrpcServer(Methods, new GrpcMetrics(rest.Metrics.Registry, Methods, time), time, logger);
        Routes = new GatewayRoutes(Methods);
        Gateway = new GatewayServer(Routes, time, logger);
    }

    /// <summary>Every method that is served.</summary>
    public IReadOnlyList<RpcMethod> Methods { get; }

    /// <summary>The door for gRPC.</summary>
    public GrpcServer Grpc { get; }

    /// <summary>The paths of the JSON gateway.</summary>
    public GatewayRoutes Routes { get; }

    /// <summary>The door for JSON.</summary>
    public GatewayServer Gateway { get; }
}
