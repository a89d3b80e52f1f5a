using RaftKv.Core.Store.Tree;
using RaftKv.Doors.Etcd.Calls;
using RaftKv.Doors.Grpc;
using Proto = RaftKv.Protocol.Etcd;

namespace RaftKv.Doors.Etcd.Kv;

/// <summary>What many of etcd's messages have in them, written field by field.</summary>
internal static class DirectFields
{
    /// <summary>The head of an answer, as a field of it.</summary>
    public static void PutHead(ref FieldWriter writer, int field, in EtcdHead head)
    {
        FieldWriter counting = new(default);
        PutFields(ref counting, head);
        writer.Head(field, counting.Length);
        PutFields(ref writer, head);
    }

    /// <summary>The fields of a pair.</summary>
    public static void PutPair(ref FieldWriter writer, KeyValue pair)
    {
        writer.Bytes(Proto.KeyValue.KeyFieldNumber, pair.KeySpan);
        writer.Number(Proto.KeyValue.CreateRevisionFieldNumber, pair.CreateRevision.Value);
        writer.Number(Proto.KeyValue.ModRevisionFieldNumber, pair.ModRevision.Value);
        writer.Number(Proto.KeyValue.VersionFieldNumber, pair.Version);
        writer.Bytes(Proto.KeyValue.ValueFieldNumber, pair.ValueSpan);
        writer.Number(Proto.KeyValue.LeaseFieldNumber, pair.Lease.Value);
    }

    private static void PutFields(ref FieldWriter writer, in EtcdHead head)
    {
        writer.Number(Proto.ResponseHeader.ClusterIdFieldNumber, head.ClusterId);
        writer.Number(Proto.ResponseHeader.MemberIdFieldNumber, head.MemberId);
        writer.Number(Proto.ResponseHeader.RevisionFieldNumber, head.Revision.Value);
        writer.Number(Proto.ResponseHeader.RaftTermFieldNumber, head.RaftTerm);
    }
}
