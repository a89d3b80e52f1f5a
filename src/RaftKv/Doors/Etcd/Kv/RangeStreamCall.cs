using RaftKv.Core;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Tree;
using RaftKv.Doors.Etcd.Calls;
using RaftKv.Doors.Grpc;
using RaftKv.Service.Calls;
using Proto = RaftKv.Protocol.Etcd;

namespace RaftKv.Doors.Etcd.Kv;

/// <summary>
/// KV.RangeStream of etcd 3.7: a range in chunks, all of one revision. The next chunk is read once the connection has taken
/// the last one, so a large answer costs the memory of one chunk, however slow its reader is.
/// </summary>
internal sealed class RangeStreamCall(EtcdGate gate)
{
    /// <summary>A chunk ends with the pair that fills it; with the largest value it is still under any client's limit.</summary>
    public const int ChunkBytes = 256 * 1024;

    // The chunk as pairs and as a message, and what the connection has of the last one.
    private const long RoomBytes = 4 * ChunkBytes;

    /// <summary>Answers one call.</summary>
    public async Task RunAsync(
        RpcContext context, IMessageSource<Proto.RangeRequest> requests, IMessageSink<Proto.RangeStreamResponse> answers)
    {
        Proto.RangeRequest request = await requests.ReadAsync(context.Cancelled) ?? throw EtcdErrors.EmptyKey();
        KvRules.CheckStream(request);
        RangeRequest range = RangeMapping.ToStore(request);
        StoreView view = await gate.ReadAsync(context, request.Serializable, range);
        if (range.IsCountOnly || range.Keys.Kind == KeyRangeKind.Single)
        {
            await SendWholeAsync(context, request, view.Range(range), view.Revision, answers);
            return;
        }

        var chunks = view.Chunks(range);
        EtcdErrors.ThrowUnlessOk(chunks.Status);
        await SendChunksAsync(context, chunks, view.Revision, range.Revision, answers);
    }

    private async Task SendWholeAsync(
        RpcContext context,
        Proto.RangeRequest request,
        RangeResult result,
        Revision revision,
        IMessageSink<Proto.RangeStreamResponse> answers)
    {
        EtcdErrors.ThrowUnlessOk(result.Status);
        Proto.RangeResponse answer = RangeMapping.ToAnswer(request, result);
        answer.Header = gate.Header(revision);
        await answers.WriteAsync(new Proto.RangeStreamResponse { RangeResponse = answer }, context.Cancelled);
    }

    // As etcd lays it out: pairs in every chunk, and the rest in the last.
    private async Task SendChunksAsync(
        RpcContext context, RangeChunks chunks, Revision current, Revision asked, IMessageSink<Proto.RangeStreamResponse> answers)
    {
        Revision revision = asked > Revision.Zero ? asked : current;
        while (true)
        {
            IReadOnlyList<KeyValue> pairs = chunks.Next(ChunkBytes);
            var chunk = new Proto.RangeResponse();
            chunk.Kvs.Capacity = pairs.Count;
            for (int i = 0; i < pairs.Count; i++)
            {
                chunk.Kvs.Add(RangeMapping.ToPair(pairs[i]));
            }

            if (chunks.IsAtEnd)
            {
                (chunk.Header, chunk.Count, chunk.More) = (gate.Header(current), chunks.Count, chunks.HasMore);
                await answers.WriteAsync(new Proto.RangeStreamResponse { RangeResponse = chunk }, context.Cancelled);
                return;
            }

            // Before the first chunk, while a refusal is still whole.
            if (context.Place is null)
            {
                await gate.HoldRoomAsync(context, RoomBytes);
            }

            if (pairs.Count > 0)
            {
                await answers.WriteAsync(new Proto.RangeStreamResponse { RangeResponse = chunk }, context.Cancelled);
            }

            // What a compaction made obsolete is not kept for one who reads slowly; etcd ends the stream then, too.
            if (gate.Node.View.CompactedRevision > revision)
            {
                throw EtcdErrors.Compacted();
            }

            context.Cancelled.ThrowIfCancellationRequested();
        }
    }
}
