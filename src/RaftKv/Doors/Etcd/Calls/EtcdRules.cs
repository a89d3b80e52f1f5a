using System.Collections.Frozen;
using RaftKv.Core.Store.Commands;
using RaftKv.Service.Access;

namespace RaftKv.Doors.Etcd.Calls;

/// <summary>
/// What each method needs once rights are in force, at the door of gRPC and at the gateway alike. What stands not here is
/// root's; a test walks the protos, so that none is forgotten.
/// </summary>
internal static class EtcdRules
{
    private static readonly FrozenDictionary<string, CallRule> _rules = new Dictionary<string, CallRule>(StringComparer.Ordinal)
    {
        ["/etcdserverpb.KV/Range"] = CallRule.Keys,
        ["/etcdserverpb.KV/RangeStream"] = CallRule.Keys,
        ["/etcdserverpb.KV/Put"] = CallRule.Keys,
        ["/etcdserverpb.KV/DeleteRange"] = CallRule.Keys,
        ["/etcdserverpb.KV/Txn"] = CallRule.Keys,
        ["/etcdserverpb.KV/Compact"] = CallRule.Of(OperationRights.Compact),
        ["/etcdserverpb.Watch/Watch"] = CallRule.Keys,
        ["/etcdserverpb.Lease/LeaseGrant"] = CallRule.Of(OperationRights.Lease),
        ["/etcdserverpb.Lease/LeaseRevoke"] = CallRule.Of(OperationRights.Lease),
        ["/etcdserverpb.Lease/LeaseKeepAlive"] = CallRule.Of(OperationRights.Lease).Vital,
        ["/etcdserverpb.Lease/LeaseTimeToLive"] = CallRule.Of(OperationRights.Lease),
        ["/etcdserverpb.Lease/LeaseLeases"] = CallRule.Of(OperationRights.Lease),
        ["/v3lockpb.Lock/Lock"] = CallRule.Keys,
        ["/v3lockpb.Lock/Unlock"] = CallRule.Keys,
        ["/v3electionpb.Election/Campaign"] = CallRule.Keys,
        ["/v3electionpb.Election/Proclaim"] = CallRule.Keys,
        ["/v3electionpb.Election/Leader"] = CallRule.Keys,
        ["/v3electionpb.Election/Observe"] = CallRule.Keys,
        ["/v3electionpb.Election/Resign"] = CallRule.Keys,
        ["/etcdserverpb.Cluster/MemberList"] = CallRule.User,
        ["/etcdserverpb.Cluster/MemberAdd"] = CallRule.Of(OperationRights.Members),
        ["/etcdserverpb.Cluster/MemberRemove"] = CallRule.Of(OperationRights.Members),
        ["/etcdserverpb.Cluster/MemberUpdate"] = CallRule.Of(OperationRights.Members),
        ["/etcdserverpb.Cluster/MemberPromote"] = CallRule.Of(OperationRights.Members),
        ["/etcdserverpb.Maintenance/Alarm"] = CallRule.Of(OperationRights.Alarms),
        ["/etcdserverpb.Maintenance/Status"] = CallRule.User,
        ["/etcdserverpb.Maintenance/Defragment"] = CallRule.Root,
        ["/etcdserverpb.Maintenance/Hash"] = CallRule.Root,
        ["/etcdserverpb.Maintenance/HashKV"] = CallRule.Root,
        ["/etcdserverpb.Maintenance/Snapshot"] = CallRule.Of(OperationRights.Backup),
        ["/etcdserverpb.Maintenance/MoveLeader"] = CallRule.Of(OperationRights.Members),
        ["/etcdserverpb.Maintenance/Downgrade"] = CallRule.Root,
        ["/etcdserverpb.Auth/Authenticate"] = CallRule.Nothing,
        ["/etcdserverpb.Auth/AuthStatus"] = CallRule.Nothing,
        ["/etcdserverpb.Auth/AuthEnable"] = CallRule.Root,
        ["/etcdserverpb.Auth/AuthDisable"] = CallRule.Root,
        ["/etcdserverpb.Auth/UserAdd"] = CallRule.Root,
        ["/etcdserverpb.Auth/UserGet"] = CallRule.User,
        ["/etcdserverpb.Auth/UserList"] = CallRule.Root,
        ["/etcdserverpb.Auth/UserDelete"] = CallRule.Root,
        ["/etcdserverpb.Auth/UserChangePassword"] = CallRule.Root,
        ["/etcdserverpb.Auth/UserGrantRole"] = CallRule.Root,
        ["/etcdserverpb.Auth/UserRevokeRole"] = CallRule.Root,
        ["/etcdserverpb.Auth/RoleAdd"] = CallRule.Root,
        ["/etcdserverpb.Auth/RoleGet"] = CallRule.User,
        ["/etcdserverpb.Auth/RoleList"] = CallRule.Root,
        ["/etcdserverpb.Auth/RoleDelete"] = CallRule.Root,
        ["/etcdserverpb.Auth/RoleGrantPermission"] = CallRule.Root,
        ["/etcdserverpb.Auth/RoleRevokePermission"] = CallRule.Root,
        ["/grpc.health.v1.Health/Check"] = CallRule.Nothing,
        ["/grpc.health.v1.Health/Watch"] = CallRule.Nothing,
        ["/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"] = CallRule.Nothing,
        ["/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"] = CallRule.Nothing,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The rule of a method's path; root's when there is none.</summary>
    public static CallRule Of(string path) => Find(path) ?? CallRule.Root;

    /// <summary>The rule of a method's path; null when nobody has made one.</summary>
    public static CallRule? Find(string path) => _rules.TryGetValue(path, out CallRule rule) ? rule : null;
}
