using RaftKv.Doors.Etcd.Access;
using RaftKv.Doors.Etcd.Calls;
using RaftKv.Doors.Etcd.Coordination;
using RaftKv.Doors.Etcd.Kv;
using RaftKv.Doors.Etcd.Maintenance;
using RaftKv.Doors.Etcd.Watches;
using RaftKv.Service;
using RaftKv.Doors.Grpc;
using RaftKv.Doors.Grpc.Standard;

namespace RaftKv.Doors.Etcd;

/// <summary>The etcd v3 API: all its services over one node, and what gRPC itself has for every server.</summary>
internal sealed class EtcdApi : IDisposable
{
    private readonly LeaderRule _rule;

    public EtcdApi(KvService service, ILogger logger)
    {
        var gate = new EtcdGate(service);
        TimeProvider time = service.Time;
        Methods =
        [
            .. new KeyService(gate).Methods,
            .. new WatchService(gate).Methods,
            .. new LeaseService(gate).Methods,
            .. new LockService(gate).Methods,
            .. new ElectionService(gate).Methods,
            .. new ClusterService(gate).Methods,
            .. new MaintenanceService(gate).Methods,
            .. new AuthService(gate).Methods,
        ];
        List<RpcMethod> all = [.. Methods];
        all.AddRange(new HealthService(service.Node, all.Select(static method => method.Service).Distinct(), time).Methods);
        all.AddRange(new ReflectionService([.. all]).Methods);
        _rule = new LeaderRule(service.Node, service.Context.Options.ElectionTimeout, time);
        Admission = new EtcdAdmission(service);
        Grpc = new GrpcServer(all, new GrpcMetrics(service.Context.Metrics.Registry, all, time), _rule, Admission, time, logger);
    }

    /// <summary>Every method of etcd's; the door for JSON serves them too.</summary>
    public IReadOnlyList<RpcMethod> Methods { get; }

    /// <summary>Who lets calls in, at both doors.</summary>
    public ICallAdmission Admission { get; }

    /// <summary>The door for gRPC.</summary>
    public GrpcServer Grpc { get; }

    /// <inheritdoc/>
    public void Dispose() => _rule.Dispose();
}
