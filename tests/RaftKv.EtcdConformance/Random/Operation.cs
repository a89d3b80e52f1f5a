using Google.Protobuf;
using RaftKv.EtcdConformance.Clients;
using RaftKv.Protocol.Etcd;

namespace RaftKv.EtcdConformance.Random;

/// <summary>How each kind of request is sent.</summary>
internal static class Operation
{
    private static readonly JsonFormatter Json = new(JsonFormatter.Settings.Default.WithPreserveProtoFieldNames(true));

    private static readonly Dictionary<string, (string Path, Func<GrpcClient, IMessage, Task<GrpcAnswer>> CallAsync)> Methods = new()
    {
        ["Put"] = ("kv/put", Of<PutResponse>("KV/Put")),
        ["Range"] = ("kv/range", Of<RangeResponse>("KV/Range")),
        ["DeleteRange"] = ("kv/deleterange", Of<DeleteRangeResponse>("KV/DeleteRange")),
        ["Txn"] = ("kv/txn", Of<TxnResponse>("KV/Txn")),
        ["Compact"] = ("kv/compaction", Of<CompactionResponse>("KV/Compact")),
        ["LeaseGrant"] = ("lease/grant", Of<LeaseGrantResponse>("Lease/LeaseGrant")),
        ["LeaseRevoke"] = ("lease/revoke", Of<LeaseRevokeResponse>("Lease/LeaseRevoke")),

        // A stream with one question, which has one answer.
        ["LeaseKeepAlive"] = ("lease/keepalive", Of<LeaseKeepAliveResponse>("Lease/LeaseKeepAlive")),
        ["LeaseTimeToLive"] = ("lease/timetolive", Of<LeaseTimeToLiveResponse>("Lease/LeaseTimeToLive")),
        ["LeaseLeases"] = ("lease/leases", Of<LeaseLeasesResponse>("Lease/LeaseLeases")),
        ["UserAdd"] = ("auth/user/add", Of<AuthUserAddResponse>("Auth/UserAdd")),
        ["UserGet"] = ("auth/user/get", Of<AuthUserGetResponse>("Auth/UserGet")),
        ["UserList"] = ("auth/user/list", Of<AuthUserListResponse>("Auth/UserList")),
        ["UserDelete"] = ("auth/user/delete", Of<AuthUserDeleteResponse>("Auth/UserDelete")),
        ["UserGrantRole"] = ("auth/user/grant", Of<AuthUserGrantRoleResponse>("Auth/UserGrantRole")),
        ["UserRevokeRole"] = ("auth/user/revoke", Of<AuthUserRevokeRoleResponse>("Auth/UserRevokeRole")),
        ["RoleAdd"] = ("auth/role/add", Of<AuthRoleAddResponse>("Auth/RoleAdd")),
        ["RoleGet"] = ("auth/role/get", Of<AuthRoleGetResponse>("Auth/RoleGet")),
        ["RoleList"] = ("auth/role/list", Of<AuthRoleListResponse>("Auth/RoleList")),
        ["RoleDelete"] = ("auth/role/delete", Of<AuthRoleDeleteResponse>("Auth/RoleDelete")),
        ["RoleGrantPermission"] = ("auth/role/grant", Of<AuthRoleGrantPermissionResponse>("Auth/RoleGrantPermission")),
        ["RoleRevokePermission"] = ("auth/role/revoke", Of<AuthRoleRevokePermissionResponse>("Auth/RoleRevokePermission")),
    };

    /// <summary>Times and orders that may differ are compared by field, and so over gRPC only.</summary>
    public static bool IsComparableAsText(string method) => method is not ("LeaseTimeToLive" or "LeaseLeases");

    public static string ToJson(IMessage request) => Json.Format(request);

    public static string PathOf(string method) => Methods[method].Path;

    public static Task<GrpcAnswer> CallAsync(GrpcClient client, string method, IMessage request) =>
        Methods[method].CallAsync(client, request);

    public static long RevisionOf(GrpcAnswer answer) =>
        answer.Message?.Descriptor.FindFieldByName("header").Accessor.GetValue(answer.Message) is ResponseHeader header
            ? header.Revision : 0;

    private static Func<GrpcClient, IMessage, Task<GrpcAnswer>> Of<TAnswer>(string method)
        where TAnswer : class, IMessage<TAnswer>, new() =>
        (client, request) => client.CallAsync<TAnswer>("/etcdserverpb." + method, request);
}
