using System.Collections.Frozen;
using RaftKv.Doors.Grpc;

namespace RaftKv.Doors.JsonGateway;

/// <summary>Which path of the JSON gateway is which method; etcd's own table.</summary>
internal sealed class GatewayRoutes
{
    private static readonly string[] _prefixes = ["/v3/", "/v3beta/", "/v3alpha/"];

    private static readonly (string Path, string Method)[] _table =
    [
        ("kv/range", "/etcdserverpb.KV/Range"),
        ("kv/put", "/etcdserverpb.KV/Put"),
        ("kv/deleterange", "/etcdserverpb.KV/DeleteRange"),
        ("kv/txn", "/etcdserverpb.KV/Txn"),
        ("kv/compaction", "/etcdserverpb.KV/Compact"),
        ("watch", "/etcdserverpb.Watch/Watch"),
        ("lease/grant", "/etcdserverpb.Lease/LeaseGrant"),
        ("lease/revoke", "/etcdserverpb.Lease/LeaseRevoke"),
        ("kv/lease/revoke", "/etcdserverpb.Lease/LeaseRevoke"),
        ("lease/keepalive", "/etcdserverpb.Lease/LeaseKeepAlive"),
        ("lease/timetolive", "/etcdserverpb.Lease/LeaseTimeToLive"),
        ("kv/lease/timetolive", "/etcdserverpb.Lease/LeaseTimeToLive"),
        ("lease/leases", "/etcdserverpb.Lease/LeaseLeases"),
        ("kv/lease/leases", "/etcdserverpb.Lease/LeaseLeases"),
        ("cluster/member/add", "/etcdserverpb.Cluster/MemberAdd"),
        ("cluster/member/remove", "/etcdserverpb.Cluster/MemberRemove"),
        ("cluster/member/update", "/etcdserverpb.Cluster/MemberUpdate"),
        ("cluster/member/list", "/etcdserverpb.Cluster/MemberList"),
        ("cluster/member/promote", "/etcdserverpb.Cluster/MemberPromote"),
        ("maintenance/alarm", "/etcdserverpb.Maintenance/Alarm"),
        ("maintenance/status", "/etcdserverpb.Maintenance/Status"),
        ("maintenance/defragment", "/etcdserverpb.Maintenance/Defragment"),
        ("maintenance/hash", "/etcdserverpb.Maintenance/Hash"),
        ("maintenance/hashkv", "/etcdserverpb.Maintenance/HashKV"),
        ("maintenance/snapshot", "/etcdserverpb.Maintenance/Snapshot"),
        ("maintenance/transfer-leadership", "/etcdserverpb.Maintenance/MoveLeader"),
        ("maintenance/downgrade", "/etcdserverpb.Maintenance/Downgrade"),
        ("auth/enable", "/etcdserverpb.Auth/AuthEnable"),
        ("auth/disable", "/etcdserverpb.Auth/AuthDisable"),
        ("auth/status", "/etcdserverpb.Auth/AuthStatus"),
        ("auth/authenticate", "/etcdserverpb.Auth/Authenticate"),
        ("auth/user/add", "/etcdserverpb.Auth/UserAdd"),
        ("auth/user/get", "/etcdserverpb.Auth/UserGet"),
        ("auth/user/list", "/etcdserverpb.Auth/UserList"),
        ("auth/user/delete", "/etcdserverpb.Auth/UserDelete"),
        ("auth/user/changepw", "/etcdserverpb.Auth/UserChangePassword"),
        ("auth/user/grant", "/etcdserverpb.Auth/UserGrantRole"),
        ("auth/user/revoke", "/etcdserverpb.Auth/UserRevokeRole"),
        ("auth/role/add", "/etcdserverpb.Auth/RoleAdd"),
        ("auth/role/get", "/etcdserverpb.Auth/RoleGet"),
        ("auth/role/list", "/etcdserverpb.Auth/RoleList"),
        ("auth/role/delete", "/etcdserverpb.Auth/RoleDelete"),
        ("auth/role/grant", "/etcdserverpb.Auth/RoleGrantPermission"),
        ("auth/role/revoke", "/etcdserverpb.Auth/RoleRevokePermission"),
        ("lock/lock", "/v3lockpb.Lock/Lock"),
        ("lock/unlock", "/v3lockpb.Lock/Unlock"),
        ("election/campaign", "/v3electionpb.Election/Campaign"),
        ("election/proclaim", "/v3electionpb.Election/Proclaim"),
        ("election/leader", "/v3electionpb.Election/Leader"),
        ("election/observe", "/v3electionpb.Election/Observe"),
        ("election/resign", "/v3electionpb.Election/Resign"),
    ];

    private readonly FrozenDictionary<string, RpcMethod> _routes;

    public GatewayRoutes(IReadOnlyList<RpcMethod> methods)
    {
        Dictionary<string, RpcMethod> byPath = methods.ToDictionary(static method => method.Path, StringComparer.Ordinal);
        Canonical = [.. _table.Where(row => byPath.ContainsKey(row.Method)).Select(row => (_prefixes[0] + row.Path, byPath[row.Method]))];
        _routes = _prefixes
            .SelectMany(prefix => Canonical.Select(route => (Path: prefix + route.Path[_prefixes[0].Length..], route.Method)))
            .ToFrozenDictionary(static route => route.Path, static route => route.Method, StringComparer.Ordinal);
    }

    /// <summary>The paths below /v3/, in etcd's order.</summary>
    public IReadOnlyList<(string Path, RpcMethod Method)> Canonical { get; }

    /// <summary>True for paths that are the gateway's, whether or not something is there.</summary>
    public static bool IsGateway(string path) => Array.Exists(_prefixes, prefix => path.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>The method at a path, or null.</summary>
    public RpcMethod? Find(string path) => _routes.GetValueOrDefault(path);
}
