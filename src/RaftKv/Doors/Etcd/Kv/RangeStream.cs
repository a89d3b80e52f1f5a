using System.IO.Pipelines;
using Google.Protobuf;
using RaftKv.Doors.Grpc;
using Proto = RaftKv.Protocol.Etcd;

namespace RaftKv.Doors.Etcd.Kv;

/// <summary>Writes a large range answer pair by pair.</summary>
internal static class RangeStream
{
    /// <summary>Writes the message; its fields come in the order of their numbers.</summary>
    public static async ValueTask WriteAsync(PipeWriter body, Proto.RangeResponse answer)
    {
        new Proto.RangeResponse { Header = answer.Header }.WriteTo(body);
        await PiecewiseWriter.WriteAsync(body, Proto.RangeResponse.KvsFieldNumber, answer.Kvs);
        new Proto.RangeResponse { More = answer.More, Count = answer.Count }.WriteTo(body);
    }
}
