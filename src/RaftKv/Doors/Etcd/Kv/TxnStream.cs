using System.IO.Pipelines;
using Google.Protobuf;
using RaftKv.Doors.Grpc;
using Proto = RaftKv.Protocol.Etcd;

namespace RaftKv.Doors.Etcd.Kv;

/// <summary>
/// Writes large answers of transactions and range deletions operation by operation, and pair by pair within each: the bytes
/// are those of the message written in one go.
/// </summary>
internal static class TxnStream
{
    /// <summary>Writes the message; its fields come in the order of their numbers.</summary>
    public static async ValueTask WriteAsync(PipeWriter body, Proto.TxnResponse answer)
    {
        new Proto.TxnResponse { Header = answer.Header, Succeeded = answer.Succeeded }.WriteTo(body);
        int waiting = 0;
        foreach (Proto.ResponseOp response in answer.Responses)
        {
            int length = response.CalculateSize();
            PiecewiseWriter.WriteHead(body, Proto.TxnResponse.ResponsesFieldNumber, length);
            await WriteAsync(body, response);
            waiting += length;
            if (waiting >= PiecewiseWriter.WindowBytes)
            {
                waiting = 0;
                await PiecewiseWriter.PassAsync(body);
            }
        }
    }

    /// <summary>The same for what a deletion tells of what it deleted.</summary>
    public static async ValueTask WriteAsync(PipeWriter body, Proto.DeleteRangeResponse answer)
    {
        new Proto.DeleteRangeResponse { Header = answer.Header, Deleted = answer.Deleted }.WriteTo(body);
        await PiecewiseWriter.WriteAsync(body, Proto.DeleteRangeResponse.PrevKvsFieldNumber, answer.PrevKvs);
    }

    private static async ValueTask WriteAsync(PipeWriter body, Proto.ResponseOp response)
    {
        switch (response.ResponseCase)
        {
            case Proto.ResponseOp.ResponseOneofCase.ResponseRange:
                PiecewiseWriter.WriteHead(body, Proto.ResponseOp.ResponseRangeFieldNumber, response.ResponseRange.CalculateSize());
                await RangeStream.WriteAsync(body, response.ResponseRange);
                break;
            case Proto.ResponseOp.ResponseOneofCase.ResponseDeleteRange:
                PiecewiseWriter.WriteHead(
                    body, Proto.ResponseOp.ResponseDeleteRangeFieldNumber, response.ResponseDeleteRange.CalculateSize());
                await WriteAsync(body, response.ResponseDeleteRange);
                break;
            case Proto.ResponseOp.ResponseOneofCase.ResponseTxn:
                PiecewiseWriter.WriteHead(body, Proto.ResponseOp.ResponseTxnFieldNumber, response.ResponseTxn.CalculateSize());
                await WriteAsync(body, response.ResponseTxn);
                break;
            default:
                response.WriteTo(body);
                break;
        }
    }
}
