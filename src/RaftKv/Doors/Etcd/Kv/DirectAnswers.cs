using System.IO.Pipelines;
using RaftKv.Core.Store.Reading;
using RaftKv.Doors.Etcd.Calls;
using RaftKv.Doors.Grpc;
using Proto = RaftKv.Protocol.Etcd;

namespace RaftKv.Doors.Etcd.Kv;

/// <summary>
/// Answers written field by field, without message objects: the bytes are those that protobuf writes. For small ones.
/// </summary>
internal static class DirectAnswers
{
    // A few pairs, the usual answer; more are measured by writing them.
    private const int MaxPairs = 16;

    /// <summary>Writes the answer of a put that tells nothing but its head.</summary>
    public static void WritePut(PipeWriter body, in EtcdHead head, GrpcMetrics? metrics)
    {
        FieldWriter counting = new(default);
        DirectFields.PutHead(ref counting, Proto.PutResponse.HeaderFieldNumber, head);
        FieldWriter writer = Begin(body, counting.Length, metrics);
        DirectFields.PutHead(ref writer, Proto.PutResponse.HeaderFieldNumber, head);
        body.Advance(GrpcFrame.PrefixBytes + writer.Length);
    }

    /// <summary>Writes the answer of a range in the keys' own order; false, and nothing is written, when it is not small.</summary>
    public static bool TryWriteRange(PipeWriter body, in EtcdHead head, RangeResult result, GrpcMetrics? metrics)
    {
        if (result.Pairs.Count > MaxPairs)
        {
            return false;
        }

        FieldWriter counting = new(default);
        PutRange(ref counting, head, result, isCounting: true);
        if (counting.Length > GrpcMessageWriter<Proto.RangeResponse>.MaxInOnePiece)
        {
            return false;
        }

        FieldWriter writer = Begin(body, counting.Length, metrics);
        PutRange(ref writer, head, result, isCounting: false);
        body.Advance(GrpcFrame.PrefixBytes + writer.Length);
        return true;
    }

    private static FieldWriter Begin(PipeWriter body, int length, GrpcMetrics? metrics)
    {
        metrics?.Sent(length);
        Span<byte> whole = body.GetSpan(GrpcFrame.PrefixBytes + length);
        GrpcFrame.Write(whole, length);
        return new FieldWriter(whole.Slice(GrpcFrame.PrefixBytes, length));
    }

    private static void PutRange(ref FieldWriter writer, in EtcdHead head, RangeResult result, bool isCounting)
    {
        DirectFields.PutHead(ref writer, Proto.RangeResponse.HeaderFieldNumber, head);
        for (int i = 0; i < result.Pairs.Count; i++)
        {
            FieldWriter counting = new(default);
            DirectFields.PutPair(ref counting, result.Pairs[i]);
            writer.Head(Proto.RangeResponse.KvsFieldNumber, counting.Length);
            if (isCounting)
            {
                writer.Skip(counting.Length);
            }
            else
            {
                DirectFields.PutPair(ref writer, result.Pairs[i]);
            }
        }

        writer.Bool(Proto.RangeResponse.MoreFieldNumber, result.HasMore);
        writer.Number(Proto.RangeResponse.CountFieldNumber, result.Count);
    }
}
