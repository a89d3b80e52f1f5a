using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using RaftKv.Core;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Doors.Etcd.Calls;
using RaftKv.Doors.Grpc;
using RaftKv.Service.Calls;
using RaftKv.Service.Writes;
using Proto = RaftKv.Protocol.Etcd;

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
        new DirectMethod<DirectRange, Proto.RangeRequest, Proto.RangeResponse>(
            new(Service, "Range", RangeAsync, RangeStream.WriteAsync),
            DirectRange.TryParse,
            (context, range, body) => RangeAsync(context, range, request: null, body)),
        new StreamMethod<Proto.RangeRequest, Proto.RangeStreamResponse>(
            Service, "RangeStream", new RangeStreamCall(_gate).RunAsync, hasRequestStream: false),
        new DirectMethod<DirectPut, Proto.PutRequest, Proto.PutResponse>(
            new(Service, "Put", PutAsync),
            (ReadOnlySpan<byte> message, out DirectPut put) => DirectPut.TryParse(message, _gate.Node.HeadroomBytes, out put),
            PutAsync),
        new UnaryMethod<Proto.DeleteRangeRequest, Proto.DeleteRangeResponse>(
            Service, "DeleteRange", DeleteRangeAsync, TxnStream.WriteAsync),
        new UnaryMethod<Proto.TxnRequest, Proto.TxnResponse>(Service, "Txn", TxnAsync, TxnStream.WriteAsync),
        new UnaryMethod<Proto.CompactionRequest, Proto.CompactionResponse>(Service, "Compact", CompactAsync),
    ];

    private ValueTask<Proto.RangeResponse> RangeAsync(RpcContext context, Proto.RangeRequest request)
    {
        KvRules.Check(request);
        return RangeAsync(context, new DirectRange(RangeMapping.ToStore(request), request.Serializable), request, body: null)!;
    }

    private ValueTask<Proto.PutResponse> PutAsync(RpcContext context, Proto.PutRequest request) =>
        PutAsync(context, new DirectPut(Envelope: null, TxnMapping.ToStore(request)), body: null)!;

    [AsyncMethodBuilder(typeof(CallTaskBuilder<>))]
    private async ValueTask<Proto.RangeResponse?> RangeAsync(
        RpcContext context, DirectRange range, Proto.RangeRequest? request, PipeWriter? body)
    {
        StoreView view = await _gate.ReadAsync(context, range.IsSerializable, range.Range);
        RangeResult result = view.Range(range.Range);
        EtcdErrors.ThrowUnlessOk(result.Status);
        await _gate.HoldRoomAsync(context, AnswerRoom.CostOf(result.Pairs, isWhole: false));
        if (body is not null && DirectAnswers.TryWriteRange(body, _gate.Head(view.Revision), result, context.Metrics))
        {
            return null;
        }

        Proto.RangeResponse answer = request is null ? RangeMapping.ToAnswer(result) : RangeMapping.ToAnswer(request, result);
        answer.Header = _gate.Header(view.Revision);
        return answer;
    }

    [AsyncMethodBuilder(typeof(CallTaskBuilder<>))]
    private async ValueTask<Proto.PutResponse?> PutAsync(RpcContext context, DirectPut put, PipeWriter? body)
    {
        KvRules.Check(put.Op);
        KvRules.CheckSize(put.Op.Key.Length + put.Op.Value.Length);
        EtcdCall call = _gate.BeginWrite(context);
        if (call.HasTerms && body is not null)
        {
            // A repeat is told by the message's own bytes.
            context.Request = put.ToRequest();
        }

        call.Prepare(put.Envelope);
        CommandResult result = EtcdErrors.Demand((await _gate.TryWriteAsync(call, context, new MutateCommand(put.Op))).Result!);
        var done = (PutResult)result.Result!;
        if (body is not null && done.Previous is null)
        {
            DirectAnswers.WritePut(body, _gate.Head(result.Revision), context.Metrics);
            return null;
        }

        Proto.PutResponse answer = TxnMapping.ToAnswer(done);
        answer.Header = _gate.Header(result.Revision);
        return answer;
    }

    private async ValueTask<Proto.DeleteRangeResponse> DeleteRangeAsync(RpcContext context, Proto.DeleteRangeRequest request)
    {
        KvRules.Check(request);
        KvRules.CheckSize(request.Key.Length + request.RangeEnd.Length);
        CommandResult result = await _gate.ProposeAsync(context, new MutateCommand(TxnMapping.ToStore(request)));
        await _gate.AwaitRoomAsync(context, AnswerRoom.CostOf(result.Result, isWhole: false));
        Proto.DeleteRangeResponse answer = TxnMapping.ToAnswer((DeleteRangeResult)result.Result!);
        answer.Header = _gate.Header(result.Revision);
        return answer;
    }

    [AsyncMethodBuilder(typeof(CallTaskBuilder<>))]
    private async ValueTask<Proto.TxnResponse> TxnAsync(RpcContext context, Proto.TxnRequest request)
    {
        KvRules.Check(request);
        TxnOp txn = TxnMapping.ToStore(request);
        if (TxnMapping.IsReadOnly(request))
        {
            EtcdCall call = _gate.BeginCall(context);
            call.WillRead(txn);
            StoreView view = await _gate.ReadAsync(call, context, TxnMapping.IsSerializable(request));
            CommandResult read = view.Txn(txn);
            if (read.Result is TxnResult found)
            {
                await _gate.HoldRoomAsync(context, AnswerRoom.CostOf(found, isWhole: false));
            }

            return Answer(request, read, view.Revision);
        }

        KvRules.CheckSize(request.CalculateSize());
        CommandResult result = await _gate.TryProposeAsync(context, new MutateCommand(txn));
        await _gate.AwaitRoomAsync(context, AnswerRoom.CostOf(result.Result, isWhole: false));
        return Answer(request, result, before: new Revision(result.Revision.Value - 1));
    }

    // Every write of a txn has the revision after it; so a txn that wrote began one before. One that wrote nothing
    // shows the same revision throughout, which the mapping sees from the results.
    private Proto.TxnResponse Answer(Proto.TxnRequest request, CommandResult result, Revision before)
    {
        var txn = (TxnResult)EtcdErrors.Demand(result).Result!;
        Revision start = TxnEffects.HasWritten(txn) ? before : result.Revision;
        Proto.TxnResponse answer = TxnMapping.ToAnswer(request, txn, start, result.Revision);
        answer.Header = _gate.Header(result.Revision);
        return answer;
    }

    // No read sees what a compaction made obsolete from the moment it is applied; the space follows in slices, and
    // "physical" waits for the last one.
    private async ValueTask<Proto.CompactionResponse> CompactAsync(RpcContext context, Proto.CompactionRequest request)
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

        return new Proto.CompactionResponse { Header = _gate.Header(result.Revision) };
    }
}
