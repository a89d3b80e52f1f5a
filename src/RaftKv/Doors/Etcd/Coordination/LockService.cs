using Google.Protobuf;
using RaftKv.Core;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Doors.Etcd.Calls;
using RaftKv.Doors.Grpc;
using Proto = RaftKv.Protocol.Etcd.Lock;

namespace RaftKv.Doors.Etcd.Coordination;

/// <summary>v3lockpb.Lock: a lock that lives as long as its lease.</summary>
internal sealed class LockService
{
    private const string Service = "v3lockpb.Lock";

    private readonly EtcdGate _gate;

    public LockService(EtcdGate gate) => _gate = gate;

    /// <summary>The service's methods.</summary>
    public IEnumerable<RpcMethod> Methods =>
    [
        new UnaryMethod<Proto.LockRequest, Proto.LockResponse>(Service, "Lock", LockAsync),
        new UnaryMethod<Proto.UnlockRequest, Proto.UnlockResponse>(Service, "Unlock", UnlockAsync),
    ];

    private async ValueTask<Proto.LockResponse> LockAsync(RpcContext context, Proto.LockRequest request)
    {
        var recipe = new LockRecipe(_gate, context, request.Name);
        await recipe.EnterAsync(request.Lease, ByteString.Empty);
        await recipe.HoldAsync();
        Revision held = recipe.Acquisition.View!.Revision;
        return new Proto.LockResponse { Header = _gate.Header(held), Key = UnsafeByteOperations.UnsafeWrap(recipe.Key) };
    }

    private async ValueTask<Proto.UnlockResponse> UnlockAsync(RpcContext context, Proto.UnlockRequest request)
    {
        if (request.Key.IsEmpty)
        {
            throw EtcdErrors.AsUnknown(EtcdErrors.EmptyKey());
        }

        if (LockKeys.IsReserved(request.Key.Span))
        {
            throw EtcdErrors.ReservedKey();
        }

        CommandResult result = await _gate.ProposeAsync(
            context, new MutateCommand(new DeleteRangeOp(KeyRange.Single(request.Key.Memory))));
        return new Proto.UnlockResponse { Header = _gate.Header(result.Revision) };
    }
}
