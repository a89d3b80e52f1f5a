using Google.Protobuf;
using RaftKv.Core;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Doors.Etcd.Calls;
using RaftKv.Doors.Grpc;
using Pb = RaftKv.Protocol.Etcd.Lock;

namespace RaftKv.Doors.Etcd.Coordination;

/// <summary>v3lockpb.Lock: a lock that lives as long as its lease.</summary>
internal sealed class LockService
{
    private const string Service = "v3lockpb.Lock";

    private readonly EtcdGate _gate;
    private readonly LockRecipe _recipe;

    public LockService(EtcdGate gate)
    {
        _gate = gate;
        _recipe = new LockRecipe(gate);
    }

    /// <summary>The service's methods.</summary>
    public IEnumerable<RpcMethod> Methods =>
    [
        new UnaryMethod<Pb.LockRequest, Pb.LockResponse>(Service, "Lock", LockAsync),
        new UnaryMethod<Pb.UnlockRequest, Pb.UnlockResponse>(Service, "Unlock", UnlockAsync),
    ];

    private async ValueTask<Pb.LockResponse> LockAsync(RpcContext context, Pb.LockRequest request)
    {
        LeaseId lease = await _recipe.LeaseAsync(context, request.Lease);
        byte[] key = LockRecipe.KeyOf(request.Name, lease);
        LockPlace place = await _recipe.EnterAsync(context, key, lease, ByteString.Empty);
        Revision held = await _recipe.WaitAsync(context, LockRecipe.PrefixOf(request.Name), place);
        return new Pb.LockResponse { Header = _gate.Header(held), Key = UnsafeByteOperations.UnsafeWrap(key) };
    }

    private async ValueTask<Pb.UnlockResponse> UnlockAsync(RpcContext context, Pb.UnlockRequest request)
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
        return new Pb.UnlockResponse { Header = _gate.Header(result.Revision) };
    }
}
