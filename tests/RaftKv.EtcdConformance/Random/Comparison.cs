using Google.Protobuf;
using Google.Protobuf.Reflection;
using RaftKv.EtcdConformance.Clients;
using RaftKv.Protocol.Etcd;

namespace RaftKv.EtcdConformance.Random;

/// <summary>What of two answers must be equal: everything but which cluster, member and term gave them.</summary>
internal static class Comparison
{
    /// <summary>A sentence when two answers differ, else null.</summary>
    public static string? Difference(GrpcAnswer etcd, GrpcAnswer raftkv)
    {
        bool areEqual = etcd.Code == raftkv.Code && etcd.Detail == raftkv.Detail && Equals(Plain(etcd.Message), Plain(raftkv.Message));
        return areEqual ? null : $"etcd:   {etcd}\nraftkv: {raftkv}";
    }

    /// <summary>
    /// True when a txn has more than one reason to be refused, and the servers name different ones: etcd looks at all
    /// puts first, RaftKv at the operations in their order (docs/etcd-compatibility.md).
    /// </summary>
    public static bool IsOtherReason(string etcd, string raftkv) =>
        TxnReasons.Any(reason => etcd.Contains(reason, StringComparison.Ordinal))
        && TxnReasons.Any(reason => raftkv.Contains(reason, StringComparison.Ordinal));

    private static readonly string[] TxnReasons =
    [
        "etcdserver: key not found",
        "etcdserver: requested lease not found",
        "etcdserver: mvcc: required revision has been compacted",
        "etcdserver: mvcc: required revision is a future revision",
    ];

    /// <summary>A copy without what differs by nature.</summary>
    public static IMessage? Plain(IMessage? message)
    {
        if (message is null)
        {
            return null;
        }

        IMessage copy = message.Descriptor.Parser.ParseFrom(message.ToByteString());
        FieldDescriptor? header = copy.Descriptor.FindFieldByName("header");
        if (header?.Accessor.GetValue(copy) is ResponseHeader head)
        {
            head.ClusterId = 0;
            head.MemberId = 0;
            head.RaftTerm = 0;
        }

        switch (copy)
        {
            case LeaseTimeToLiveResponse times:
                // Seconds pass between the two questions; the order of the keys is that of a map in etcd.
                times.TTL = Math.Sign(times.TTL);
                List<ByteString> keys = [.. times.Keys.OrderBy(static key => key.ToBase64(), StringComparer.Ordinal)];
                times.Keys.Clear();
                times.Keys.Add(keys);
                break;
            case LeaseLeasesResponse leases:
                // Both go by the time that is left; which of two is first may be a matter of a millisecond.
                List<LeaseStatus> ids = [.. leases.Leases.OrderBy(static lease => lease.ID)];
                leases.Leases.Clear();
                leases.Leases.Add(ids);
                break;
        }

        return copy;
    }
}
