using Google.Protobuf;
using RaftKv.Core;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Tree;
using RaftKv.Doors.Etcd.Calls;
using RaftKv.Doors.Etcd.Kv;
using RaftKv.Doors.Grpc;
using RaftKv.Service.Coordination;
using Proto = RaftKv.Protocol.Etcd.Election;

namespace RaftKv.Doors.Etcd.Coordination;

/// <summary>v3electionpb.Election: the first in the queue leads and has a value to show.</summary>
internal sealed class ElectionService
{
    private const string Service = "v3electionpb.Election";

    private readonly EtcdGate _gate;

    public ElectionService(EtcdGate gate) => _gate = gate;

    /// <summary>The service's methods.</summary>
    public IEnumerable<RpcMethod> Methods =>
    [
        new UnaryMethod<Proto.CampaignRequest, Proto.CampaignResponse>(Service, "Campaign", CampaignAsync),
        new UnaryMethod<Proto.ProclaimRequest, Proto.ProclaimResponse>(Service, "Proclaim", ProclaimAsync),
        new UnaryMethod<Proto.LeaderRequest, Proto.LeaderResponse>(Service, "Leader", LeaderAsync),
        new StreamMethod<Proto.LeaderRequest, Proto.LeaderResponse>(Service, "Observe", ObserveAsync, hasRequestStream: false),
        new UnaryMethod<Proto.ResignRequest, Proto.ResignResponse>(Service, "Resign", ResignAsync),
    ];

    private async ValueTask<Proto.CampaignResponse> CampaignAsync(RpcContext context, Proto.CampaignRequest request)
    {
        var recipe = new LockRecipe(_gate, context, request.Name);
        await recipe.EnterAsync(request.Lease, request.Value);
        KeyValue place = recipe.Acquisition.Place!;
        Revision seenAt = recipe.Acquisition.View!.Revision;
        if (!place.Value.Span.SequenceEqual(request.Value.Span))
        {
            PutResult put = await PutAsync(
                context, ByteString.CopyFrom(recipe.Key), place.CreateRevision.Value, recipe.Lease, request.Value);
            recipe.Acquisition.Take(put.Written, recipe.Acquisition.View);
        }

        await recipe.HoldAsync();
        return new Proto.CampaignResponse
        {
            Header = _gate.Header(seenAt),
            Leader = new Proto.LeaderKey
            {
                Name = request.Name,
                Key = UnsafeByteOperations.UnsafeWrap(recipe.Key),
                Rev = place.CreateRevision.Value,
                Lease = recipe.Lease.Value,
            },
        };
    }

    private async ValueTask<Proto.ProclaimResponse> ProclaimAsync(RpcContext context, Proto.ProclaimRequest request)
    {
        Proto.LeaderKey leader = request.Leader ?? throw EtcdErrors.LeaderMissing();
        PutResult put = await PutAsync(context, leader.Key, leader.Rev, LockRecipe.LeaseOf(leader.Lease), request.Value);
        return new Proto.ProclaimResponse { Header = _gate.Header(put.Written.ModRevision) };
    }

    private async ValueTask<Proto.LeaderResponse> LeaderAsync(RpcContext context, Proto.LeaderRequest request)
    {
        byte[] prefix = new RecipeLine(request.Name.Span).Prefix;
        StoreView view = await _gate.ReadAsync(context, isSerializable: false, KeyRange.Prefix(prefix));
        KeyValue? holder = RecipeLine.HolderIn(view, prefix, Revision.Zero);
        return holder is null
            ? throw EtcdErrors.ElectionNoLeader()
            : new Proto.LeaderResponse { Header = _gate.Header(view.Revision), Kv = RangeMapping.ToPair(holder) };
    }

    private async ValueTask<Proto.ResignResponse> ResignAsync(RpcContext context, Proto.ResignRequest request)
    {
        Proto.LeaderKey leader = request.Leader ?? throw EtcdErrors.LeaderMissing();
        if (leader.Key.IsEmpty)
        {
            throw EtcdErrors.AsUnknown(EtcdErrors.EmptyKey());
        }

        // As in etcd: who does not lead any more has nothing to give up, and that is no error.
        CommandResult result = await _gate.TryProposeAsync(
            context, new MutateCommand(new DeleteRangeOp(KeyRange.Single(leader.Key.Memory)), CreatedAt(leader.Key, leader.Rev)));
        return result.Status is CommandStatus.Ok or CommandStatus.GuardFailed
            ? new Proto.ResignResponse { Header = _gate.Header(result.Revision) }
            : throw EtcdErrors.FromStore(result.Status);
    }

    private async Task ObserveAsync(
        RpcContext context, IMessageSource<Proto.LeaderRequest> requests, IMessageSink<Proto.LeaderResponse> answers)
    {
        Proto.LeaderRequest request = await requests.ReadAsync(context.Cancelled) ?? new Proto.LeaderRequest();
        byte[] prefix = new RecipeLine(request.Name.Span).Prefix;
        StoreView view = await _gate.ReadAsync(
            context, isSerializable: false, KeyRange.Prefix(prefix), KeyRights.Read | KeyRights.Watch);
        var observer = new ElectionObserver(_gate, context, prefix, answers);
        await observer.RunAsync(view, context.Cancelled);
    }

    private static Compare CreatedAt(ByteString key, long revision) =>
        new(KeyRange.Single(key.Memory), CompareTarget.CreateRevision, CompareOperator.Equal, revision, default);

    private async ValueTask<PutResult> PutAsync(RpcContext context, ByteString key, long revision, LeaseId lease, ByteString value)
    {
        if (key.IsEmpty)
        {
            throw EtcdErrors.AsUnknown(EtcdErrors.EmptyKey());
        }

        CommandResult result = await _gate.TryProposeAsync(
            context, new MutateCommand(new PutOp(key.Memory, value.Memory, lease), CreatedAt(key, revision)));
        return result.Status switch
        {
            CommandStatus.Ok => (PutResult)result.Result!,
            CommandStatus.GuardFailed => throw EtcdErrors.NotElectionLeader(),
            _ => throw EtcdErrors.AsUnknown(EtcdErrors.FromStore(result.Status)),
        };
    }
}
