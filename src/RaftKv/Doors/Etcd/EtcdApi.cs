using RaftKv.Doors.Etcd.Calls;
using RaftKv.Doors.Etcd.Coordination;
using RaftKv.Doors.Etcd.Kv;
using RaftKv.Doors.Etcd.Maintenance;
using RaftKv.Doors.Etcd.Watches;
using RaftKv.Doors.Grpc;
using RaftKv.Doors.Grpc.Standard;
using RaftKv.Doors.JsonGateway;
using RaftKv.Doors.Rest;

namespace RaftKv.Doors.Etcd;

/// <summary>The etcd v3 API: all its services over one node, and what gRPC itself has for every server.</summary>
internal sealed class EtcdApi : IDisposable
{
    private readonly LeaderRule _rule;

    public EtcdApi(RestServer rest, ILogger logger)
    {
        var gate = new EtcdGate(rest);
        TimeProvider time = rest.Time;
        List<RpcMethod> methods =
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
        Routes = new GatewayRoutes(methods);
        methods.AddRange(new HealthService(rest.Node, methods.Select(static method => method.Service).Distinct(), time).Methods);
        methods.AddRange(new ReflectionService([.. methods]).Methods);
        Methods = methods;
        _rule = new LeaderRule(rest.Node, rest.Options.ElectionTimeout, time);
        Grpc = new GrpcServer(Methods, new GrpcMetrics(rest.Metrics.Registry, Methods, time), _rule, time, logger);
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

    /// <inheritdoc/>
    public void Dispose() => _rule.Dispose();
}
