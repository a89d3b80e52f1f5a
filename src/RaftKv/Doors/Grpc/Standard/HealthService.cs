using System.Collections.Frozen;
using RaftKv.Node;
using RaftKv.Service.Reads;
using Proto = RaftKv.Protocol.Grpc.Health;
using ServingStatus = RaftKv.Protocol.Grpc.Health.HealthCheckResponse.Types.ServingStatus;

namespace RaftKv.Doors.Grpc.Standard;

/// <summary>
/// grpc.health.v1. Serving means what ready means at /readyz: a linearizable read works. All services share one node,
/// so all have one state. Any thread.
/// </summary>
internal sealed class HealthService
{
    private const string Service = "grpc.health.v1.Health";

    // As often as probes usually ask. A watch is told of changes only.
    private static readonly TimeSpan _watchInterval = TimeSpan.FromSeconds(1);

    private readonly INode _node;
    private readonly TimeProvider _time;
    private readonly FrozenSet<string> _services;

    /// <param name="services">Names of the services that can be asked for; the empty name is the server as a
    /// whole.</param>
    public HealthService(INode node, IEnumerable<string> services, TimeProvider time)
    {
        _node = node;
        _time = time;
        _services = services.Append("").Append(Service).ToFrozenSet(StringComparer.Ordinal);
    }

    /// <summary>The service's methods.</summary>
    public IEnumerable<RpcMethod> Methods =>
    [
        new UnaryMethod<Proto.HealthCheckRequest, Proto.HealthCheckResponse>(Service, "Check", CheckAsync),
        new StreamMethod<Proto.HealthCheckRequest, Proto.HealthCheckResponse>(Service, "Watch", WatchAsync, hasRequestStream: false),
    ];

    private async ValueTask<Proto.HealthCheckResponse> CheckAsync(RpcContext context, Proto.HealthCheckRequest request) =>
        _services.Contains(request.Service)
            ? new Proto.HealthCheckResponse { Status = await StatusAsync() }
            : throw new GrpcException(GrpcCode.NotFound, "unknown service");

    // A service that is not there now may come with another version of the server: such a watch stays open.
    private async Task WatchAsync(
        RpcContext context, IMessageSource<Proto.HealthCheckRequest> requests, IMessageSink<Proto.HealthCheckResponse> answers)
    {
        Proto.HealthCheckRequest request = await requests.ReadAsync(context.Cancelled)
            ?? throw new GrpcException(GrpcCode.Internal, "grpc: the call has no message");
        ServingStatus told = ServingStatus.Unknown;
        while (true)
        {
            ServingStatus status = _services.Contains(request.Service) ? await StatusAsync() : ServingStatus.ServiceUnknown;
            if (status != told)
            {
                await answers.WriteAsync(new Proto.HealthCheckResponse { Status = status }, context.Cancelled);
                told = status;
            }

            await Task.Delay(_watchInterval, _time, context.Cancelled);
        }
    }

    private async ValueTask<ServingStatus> StatusAsync() =>
        await Readiness.CheckAsync(_node) is { IsGranted: true } ? ServingStatus.Serving : ServingStatus.NotServing;
}
