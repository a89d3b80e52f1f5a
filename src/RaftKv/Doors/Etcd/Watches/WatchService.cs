using RaftKv.Doors.Etcd.Calls;
using RaftKv.Doors.Grpc;
using Proto = RaftKv.Protocol.Etcd;

namespace RaftKv.Doors.Etcd.Watches;

/// <summary>etcdserverpb.Watch: any number of watches on one stream.</summary>
internal sealed class WatchService
{
    private readonly EtcdGate _gate;

    public WatchService(EtcdGate gate) => _gate = gate;

    /// <summary>The service's methods.</summary>
    public IEnumerable<RpcMethod> Methods =>
        [new StreamMethod<Proto.WatchRequest, Proto.WatchResponse>("etcdserverpb.Watch", "Watch", WatchAsync)];

    private async Task WatchAsync(
        RpcContext context, IMessageSource<Proto.WatchRequest> requests, IMessageSink<Proto.WatchResponse> answers)
    {
        await using var stream = new WatchStream(_gate, context, answers);
        await stream.RunAsync(requests);
    }
}
