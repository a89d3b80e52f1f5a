using System.IO.Pipelines;
using Google.Protobuf;
using RaftKv.Doors.Grpc;
using Pb = RaftKv.Protocol.Etcd;

namespace RaftKv.Doors.Etcd.Kv;

/// <summary>Writes a large range answer pair by pair.</summary>
internal static class RangeStream
{
    /// <summary>Writes the message; its fields come in the order of their numbers.</summary>
    public static async ValueTask WriteAsync(PipeWriter body, Pb.RangeResponse answer)
    {
        new Pb.RangeResponse { Header = answer.Header }.WriteTo(body);
        await PiecewiseWriter.WriteAsync(body, Pb.RangeResponse.KvsFieldNumber, answer.Kvs);
        new Pb.RangeResponse { More = answer.More, Count = answer.Count }.WriteTo(body);
    }
}
