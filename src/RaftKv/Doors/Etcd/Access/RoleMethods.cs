using Google.Protobuf;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Rights;
using RaftKv.Doors.Etcd.Calls;
using RaftKv.Doors.Etcd.Kv;
using RaftKv.Doors.Grpc;
using Proto = RaftKv.Protocol.Etcd;

namespace RaftKv.Doors.Etcd.Access;

/// <summary>etcdserverpb.Auth, the part about roles.</summary>
internal sealed class RoleMethods(EtcdGate gate)
{
    // etcd's READ lets watch too.
    private const KeyRights Read = KeyRights.Read | KeyRights.Watch;

    /// <summary>The methods.</summary>
    public IEnumerable<RpcMethod> Methods =>
    [
        new UnaryMethod<Proto.AuthRoleAddRequest, Proto.AuthRoleAddResponse>(AuthService.Service, "RoleAdd", async (context, request) =>
        {
            var change = new AddRole(AuthNames.Of(request.Name, EtcdErrors.RoleEmpty));
            return new Proto.AuthRoleAddResponse { Header = await AuthService.ChangeAsync(gate, context, change) };
        }),
        new UnaryMethod<Proto.AuthRoleGetRequest, Proto.AuthRoleGetResponse>(AuthService.Service, "RoleGet", GetAsync),
        new UnaryMethod<Proto.AuthRoleListRequest, Proto.AuthRoleListResponse>(AuthService.Service, "RoleList", ListAsync),
        new UnaryMethod<Proto.AuthRoleDeleteRequest, Proto.AuthRoleDeleteResponse>(AuthService.Service, "RoleDelete", RemoveAsync),
        new UnaryMethod<Proto.AuthRoleGrantPermissionRequest, Proto.AuthRoleGrantPermissionResponse>(
            AuthService.Service, "RoleGrantPermission", GrantAsync),
        new UnaryMethod<Proto.AuthRoleRevokePermissionRequest, Proto.AuthRoleRevokePermissionResponse>(
            AuthService.Service, "RoleRevokePermission", RevokeAsync),
    ];

    private async ValueTask<Proto.AuthRoleDeleteResponse> RemoveAsync(RpcContext context, Proto.AuthRoleDeleteRequest request)
    {
        var change = new RemoveRole(AuthNames.Of(request.Role, EtcdErrors.RoleNotFound));
        return new Proto.AuthRoleDeleteResponse { Header = await AuthService.ChangeAsync(gate, context, change) };
    }

    private async ValueTask<Proto.AuthRoleGrantPermissionResponse> GrantAsync(
        RpcContext context, Proto.AuthRoleGrantPermissionRequest request)
    {
        Proto.Permission permission = request.Perm ?? throw EtcdErrors.PermissionNotGiven();
        KeyRights rights = permission.PermType switch
        {
            Proto.Permission.Types.Type.Read => Read,
            Proto.Permission.Types.Type.Write => KeyRights.Write,
            Proto.Permission.Types.Type.Readwrite => Read | KeyRights.Write,
            _ => throw EtcdErrors.PermissionNotGiven(),
        };
        var change = new GrantKeys(
            AuthNames.Of(request.Name, EtcdErrors.RoleNotFound), RangeMapping.KeysOf(permission.Key, permission.RangeEnd), rights);
        return new Proto.AuthRoleGrantPermissionResponse { Header = await ChangeKeysAsync(context, change) };
    }

    private async ValueTask<Proto.AuthRoleRevokePermissionResponse> RevokeAsync(
        RpcContext context, Proto.AuthRoleRevokePermissionRequest request)
    {
        var change = new RevokeKeys(
            AuthNames.Of(request.Role, EtcdErrors.RoleNotFound), RangeMapping.KeysOf(request.Key, request.RangeEnd));
        return new Proto.AuthRoleRevokePermissionResponse { Header = await ChangeKeysAsync(context, change) };
    }

    // An empty range, or a bound that is too long, is no permission.
    private async ValueTask<Proto.ResponseHeader> ChangeKeysAsync(RpcContext context, AccessChange change)
    {
        (ReadOnlyMemory<byte> role, KeyRange keys) = change is GrantKeys grant
            ? (grant.Role, grant.Keys)
            : (((RevokeKeys)change).Role, ((RevokeKeys)change).Keys);
        if (AccessKeys.IsGrantable(keys))
        {
            return await AuthService.ChangeAsync(gate, context, change);
        }

        StoreView view = await gate.ReadAsync(context, isSerializable: false);
        throw view.GetRole(role.Span) is null ? EtcdErrors.RoleNotFound()
            : change is GrantKeys ? EtcdErrors.PermissionNotGiven()
            : EtcdErrors.PermissionNotGranted();
    }

    // As in etcd, everybody may look at roles of his own.
    private async ValueTask<Proto.AuthRoleGetResponse> GetAsync(RpcContext context, Proto.AuthRoleGetRequest request)
    {
        EtcdCall call = gate.BeginCall(context);
        StoreView view = await gate.ReadAsync(call, context, isSerializable: false);
        byte[] name = AuthNames.Of(request.Role, EtcdErrors.RoleNotFound);
        bool isOwn = view.GetUser(call.Access.Caller.Principal.Span) is { } user && user.Roles.Any(role => role.Span.SequenceEqual(name));
        if (!isOwn && !call.Access.IsRoot(view))
        {
            throw EtcdErrors.PermissionDenied();
        }

        RoleInfo role = view.GetRole(name) ?? throw EtcdErrors.RoleNotFound();
        var answer = new Proto.AuthRoleGetResponse { Header = gate.Header(view.Revision) };
        IEnumerable<RoleGrant> told = role.Grants.Where(static grant => (grant.Rights & (KeyRights.Read | KeyRights.Write)) != 0);
        answer.Perm.AddRange(told.Select(ToPermission));
        return answer;
    }

    private async ValueTask<Proto.AuthRoleListResponse> ListAsync(RpcContext context, Proto.AuthRoleListRequest request)
    {
        StoreView view = await gate.ReadAsync(context, isSerializable: false);
        var answer = new Proto.AuthRoleListResponse { Header = gate.Header(view.Revision) };
        answer.Roles.AddRange(view.ListRoles().Select(AuthNames.TextOf));
        return answer;
    }

    private static Proto.Permission ToPermission(RoleGrant grant) => new()
    {
        PermType = (grant.Rights & (KeyRights.Read | KeyRights.Write)) switch
        {
            KeyRights.Read => Proto.Permission.Types.Type.Read,
            KeyRights.Write => Proto.Permission.Types.Type.Write,
            _ => Proto.Permission.Types.Type.Readwrite,
        },
        Key = UnsafeByteOperations.UnsafeWrap(grant.Keys.Start),
        RangeEnd = grant.Keys.Kind switch
        {
            KeyRangeKind.Single => ByteString.Empty,
            KeyRangeKind.From => ByteString.CopyFrom(0),
            _ => UnsafeByteOperations.UnsafeWrap(grant.Keys.End),
        },
    };
}
