using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using RaftKv.Core;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Doors.Etcd.Calls;
using RaftKv.Doors.Grpc;
using RaftKv.Service.Calls;
using RaftKv.Service;
using RaftKv.Service.Writes;
using Proto = RaftKv.Protocol.Etcd;

namespace RaftKv.Doors.Etcd.Kv;

/// <summary>etcdserverpb.KV: reads and writes of keys.</summary>
internal sealed class KeyService
{
    private const string Service = "etcdserverpb.KV";

    private readonly EtcdGate _gate;
    private readonly UnaryMethod<Proto.RangeRequest, Proto.RangeResponse> _range;
    private readonly UnaryMethod<Proto.PutRequest, Proto.PutResponse> _put;

    public KeyService(EtcdGate gate)
    {
        _gate = gate;
        _range = new(Service, "Range", RangeAsync, RangeStream.WriteAsync);
        _put = new(Service, "Put", PutAsync);
    }

    /// <summary>The service's methods.</summary>
    public IEnumerable<RpcMethod> Methods =>
    [
        new DirectMethod<DirectRange, Proto.RangeRequest, Proto.RangeResponse>(_range, DirectRange.TryParse, RangeAsync),
        new StreamMethod<Proto.RangeRequest, Proto.RangeStreamResponse>(
            Service, "RangeStream", new RangeStreamCall(_gate).RunAsync, hasRequestStream: false),
        new DirectMethod<DirectPut, Proto.PutRequest, Proto.PutResponse>(
            _put,
            (ReadOnlySpan<byte> message, out DirectPut put) => DirectPut.TryParse(message, _gate.Node.HeadroomBytes, out put),
            PutAsync),
        new UnaryMethod<Proto.DeleteRangeRequest, Proto.DeleteRangeResponse>(
            Service, "DeleteRange", DeleteRangeAsync, TxnStream.WriteAsync),
        new UnaryMethod<Proto.TxnRequest, Proto.TxnResponse>(Service, "Txn", TxnAsync, TxnStream.WriteAsync),
        new UnaryMethod<Proto.CompactionRequest, Proto.CompactionResponse>(Service, "Compact", CompactAsync),
    ];

    [AsyncMethodBuilder(typeof(CallTaskBuilder<>))]
    private async ValueTask<Proto.RangeResponse> RangeAsync(RpcContext context, Proto.RangeRequest request)
    {
        KvRules.Check(request);
        RangeRequest range = RangeMapping.ToStore(request);
        StoreView view = await _gate.ReadAsync(context, request.Serializable, range);
        RangeResult result = view.Range(range);
        EtcdErrors.ThrowUnlessOk(result.Status);
        await _gate.HoldRoomAsync(context, AnswerRoom.CostOf(result.Pairs, isWhole: false));
        Proto.RangeResponse answer = RangeMapping.ToAnswer(request, result);
        answer.Header = _gate.Header(view.Revision);
        return answer;
    }

    [AsyncMethodBuilder(typeof(CallTaskBuilder<>))]
    private async ValueTask<Proto.PutResponse> PutAsync(RpcContext context, Proto.PutRequest request)
    {
        KvRules.Check(request);
        KvRules.CheckSize(request.Key.Length + request.Value.Length);
        CommandResult result = await _gate.ProposeAsync(context, new MutateCommand(TxnMapping.ToStore(request)));
        Proto.PutResponse answer = TxnMapping.ToAnswer((PutResult)result.Result!);
        answer.Header = _gate.Header(result.Revision);
        return answer;
    }

    [AsyncMethodBuilder(typeof(CallTaskBuilder))]
    private async ValueTask RangeAsync(RpcContext context, DirectRange request, PipeWriter body)
    {
        StoreView view = await _gate.ReadAsync(context, request.IsSerializable, request.Range);
        RangeResult result = view.Range(request.Range);
        EtcdErrors.ThrowUnlessOk(result.Status);
        await _gate.HoldRoomAsync(context, AnswerRoom.CostOf(result.Pairs, isWhole: false));
        if (!DirectAnswers.TryWriteRange(body, _gate.Head(view.Revision), result, context.Metrics))
        {
            Proto.RangeResponse answer = RangeMapping.ToAnswer(result);
            answer.Header = _gate.Header(view.Revision);
            await _range.WriteAsync(body, answer, context.Metrics);
        }
    }

    [AsyncMethodBuilder(typeof(CallTaskBuilder))]
    private async ValueTask PutAsync(RpcContext context, DirectPut request, PipeWriter body)
    {
        KvRules.Check(request.Op);
        KvRules.CheckSize(request.Op.Key.Length + request.Op.Value.Length);
        EtcdCall call = _gate.BeginWrite(context);
        if (call.HasTerms)
        {
            // A repeat is told by the message's own bytes.
            context.Request = request.ToRequest();
        }

        call.Prepare(request.Envelope);
        CommandResult result = (await _gate.TryWriteAsync(call, context, new MutateCommand(request.Op))).Result!;
        if (result.Status != CommandStatus.Ok)
        {
            throw EtcdErrors.FromStore(result.Status);
        }

        var put = (PutResult)result.Result!;
        if (put.Previous is null)
        {
            DirectAnswers.WritePut(body, _gate.Head(result.Revision), context.Metrics);
            return;
        }

        Proto.PutResponse answer = TxnMapping.ToAnswer(put);
        answer.Header = _gate.Header(result.Revision);
        await _put.WriteAsync(body, answer, context.Metrics);
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
        if (result.Status != CommandStatus.Ok)
        {
            throw EtcdErrors.FromStore(result.Status);
        }

        var txn = (TxnResult)result.Result!;
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
