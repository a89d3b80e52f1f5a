using RaftKv.Core;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Doors.Etcd.Calls;
using RaftKv.Doors.Grpc;
using RaftKv.Service.Calls;
using RaftKv.Service;
using Pb = RaftKv.Protocol.Etcd;

namespace RaftKv.Doors.Etcd.Kv;

/// <summary>etcdserverpb.KV: reads and writes of keys.</summary>
internal sealed class KeyService
{
    private const string Service = "etcdserverpb.KV";

    private readonly EtcdGate _gate;

    public KeyService(EtcdGate gate) => _gate = gate;

    /// <summary>The service's methods.</summary>
    public IEnumerable<RpcMethod> Methods =>
    [
        new UnaryMethod<Pb.RangeRequest, Pb.RangeResponse>(Service, "Range", RangeAsync, RangeStream.WriteAsync),
        new UnaryMethod<Pb.PutRequest, Pb.PutResponse>(Service, "Put", PutAsync),
        new UnaryMethod<Pb.DeleteRangeRequest, Pb.DeleteRangeResponse>(Service, "DeleteRange", DeleteRangeAsync),
        new UnaryMethod<Pb.TxnRequest, Pb.TxnResponse>(Service, "Txn", TxnAsync),
        new UnaryMethod<Pb.CompactionRequest, Pb.CompactionResponse>(Service, "Compact", CompactAsync),
    ];

    private async ValueTask<Pb.RangeResponse> RangeAsync(RpcContext context, Pb.RangeRequest request)
    {
        KvRules.Check(request);
        StoreView view = await _gate.ReadAsync(context, request.Serializable);
        RangeResult result = view.Range(RangeMapping.ToStore(request));
        switch (result.Status)
        {
            case ReadStatus.Compacted:
                throw EtcdErrors.Compacted();
            case ReadStatus.FutureRevision:
                throw EtcdErrors.FutureRevision();
        }

        await _gate.HoldRoomAsync(context, AnswerRoom.CostOf(result.Pairs, context.IsAnswerBuiltWhole));
        Pb.RangeResponse answer = RangeMapping.ToAnswer(request, result);
        answer.Header = _gate.Header(view.Revision);
        return answer;
    }

    private async ValueTask<Pb.PutResponse> PutAsync(RpcContext context, Pb.PutRequest request)
    {
        KvRules.Check(request);
        KvRules.CheckSize(request.Key.Length + request.Value.Length);
        CommandResult result = await _gate.ProposeAsync(context, new MutateCommand(TxnMapping.ToStore(request)));
        Pb.PutResponse answer = TxnMapping.ToAnswer((PutResult)result.Result!);
        answer.Header = _gate.Header(result.Revision);
        return answer;
    }

    private async ValueTask<Pb.DeleteRangeResponse> DeleteRangeAsync(RpcContext context, Pb.DeleteRangeRequest request)
    {
        KvRules.Check(request);
        KvRules.CheckSize(request.Key.Length + request.RangeEnd.Length);
        CommandResult result = await _gate.ProposeAsync(context, new MutateCommand(TxnMapping.ToStore(request)));
        Pb.DeleteRangeResponse answer = TxnMapping.ToAnswer((DeleteRangeResult)result.Result!);
        answer.Header = _gate.Header(result.Revision);
        return answer;
    }

    private async ValueTask<Pb.TxnResponse> TxnAsync(RpcContext context, Pb.TxnRequest request)
    {
        KvRules.Check(request);
        TxnOp txn = TxnMapping.ToStore(request);
        if (TxnMapping.IsReadOnly(request))
        {
            StoreView view = await _gate.ReadAsync(context, TxnMapping.IsSerializable(request));
            CommandResult read = view.Txn(txn);
            if (read.Result is TxnResult found)
            {
                await _gate.HoldRoomAsync(context, AnswerRoom.CostOf(found, isWhole: true));
            }

            return Answer(request, read, view.Revision);
        }

        KvRules.CheckSize(request.CalculateSize());
        CommandResult result = await _gate.TryProposeAsync(context, new MutateCommand(txn));
        return Answer(request, result, before: new Revision(result.Revision.Value - 1));
    }

    // Every write of a txn has the revision after it; so a txn that wrote began one before. One that wrote nothing
    // shows the same revision throughout, which the mapping sees from the results.
    private Pb.TxnResponse Answer(Pb.TxnRequest request, CommandResult result, Revision before)
    {
        if (result.Status != CommandStatus.Ok)
        {
            throw EtcdErrors.FromStore(result.Status);
        }

        var txn = (TxnResult)result.Result!;
        Revision start = HasWritten(txn) ? before : result.Revision;
        Pb.TxnResponse answer = TxnMapping.ToAnswer(request, txn, start, result.Revision);
        answer.Header = _gate.Header(result.Revision);
        return answer;
    }

    private static bool HasWritten(TxnResult txn)
    {
        foreach (OpResult result in txn.Results)
        {
            if (result is PutResult or DeleteRangeResult { DeletedCount: > 0 } || (result is TxnResult nested && HasWritten(nested)))
            {
                return true;
            }
        }

        return false;
    }

    // No read sees what a compaction made obsolete from the moment it is applied; the space follows in slices, and
    // "physical" waits for the last one.
    private async ValueTask<Pb.CompactionResponse> CompactAsync(RpcContext context, Pb.CompactionRequest request)
    {
        if (request.Revision < 0)
        {
            throw EtcdErrors.Compacted();
        }

        var revision = new Revision(request.Revision);
        CommandResult result = await _gate.ProposeAsync(context, new CompactCommand(revision));
        if (request.Physical && !await _gate.Node.WaitForRemovalAsync(revision, EtcdGate.PatienceOf(context), CancellationToken.None))
        {
            throw EtcdErrors.RemovalUnfinished();
        }

        return new Pb.CompactionResponse { Header = _gate.Header(result.Revision) };
    }
}
