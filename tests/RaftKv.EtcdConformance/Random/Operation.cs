using Google.Protobuf;
using RaftKv.EtcdConformance.Clients;
using RaftKv.Protocol.Etcd;

namespace RaftKv.EtcdConformance.Random;

/// <summary>How each kind of request is sent.</summary>
internal static class Operation
{
    private static readonly JsonFormatter Json = new(JsonFormatter.Settings.Default.WithPreserveProtoFieldNames(true));

    /// <summary>Times and orders that may differ are compared by field, and so over gRPC only.</summary>
    public static bool IsComparableAsText(string method) => method is not ("LeaseTimeToLive" or "LeaseLeases");

    public static string ToJson(IMessage request) => Json.Format(request);

    public static string PathOf(string method) => method switch
    {
        "Put" => "kv/put",
        "Range" => "kv/range",
        "DeleteRange" => "kv/deleterange",
        "Txn" => "kv/txn",
        "Compact" => "kv/compaction",
        "LeaseGrant" => "lease/grant",
        "LeaseRevoke" => "lease/revoke",
        "LeaseKeepAlive" => "lease/keepalive",
        _ => throw new ArgumentException(method, nameof(method)),
    };

    public static Task<GrpcAnswer> CallAsync(GrpcClient client, string method, IMessage request) => method switch
    {
        "Put" => client.CallAsync<PutResponse>("/etcdserverpb.KV/Put", request),
        "Range" => client.CallAsync<RangeResponse>("/etcdserverpb.KV/Range", request),
        "DeleteRange" => client.CallAsync<DeleteRangeResponse>("/etcdserverpb.KV/DeleteRange", request),
        "Txn" => client.CallAsync<TxnResponse>("/etcdserverpb.KV/Txn", request),
        "Compact" => client.CallAsync<CompactionResponse>("/etcdserverpb.KV/Compact", request),
        "LeaseGrant" => client.CallAsync<LeaseGrantResponse>("/etcdserverpb.Lease/LeaseGrant", request),
        "LeaseRevoke" => client.CallAsync<LeaseRevokeResponse>("/etcdserverpb.Lease/LeaseRevoke", request),

        // A stream with one question, which has one answer.
        "LeaseKeepAlive" => client.CallAsync<LeaseKeepAliveResponse>("/etcdserverpb.Lease/LeaseKeepAlive", request),
        "LeaseTimeToLive" => client.CallAsync<LeaseTimeToLiveResponse>("/etcdserverpb.Lease/LeaseTimeToLive", request),
        "LeaseLeases" => client.CallAsync<LeaseLeasesResponse>("/etcdserverpb.Lease/LeaseLeases", request),
        _ => throw new ArgumentException(method, nameof(method)),
    };

    public static long RevisionOf(GrpcAnswer answer) =>
        answer.Message?.Descriptor.FindFieldByName("header").Accessor.GetValue(answer.Message) is ResponseHeader header
            ? header.Revision : 0;
}
