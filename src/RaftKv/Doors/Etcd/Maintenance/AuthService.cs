using RaftKv.Doors.Etcd.Calls;
using RaftKv.Doors.Grpc;
using Pb = RaftKv.Protocol.Etcd;

namespace RaftKv.Doors.Etcd.Maintenance;

/// <summary>
/// etcdserverpb.Auth. Users and roles don't exist in this version: what reads them answers as an etcd that has none,
/// what would make one is refused. Nothing here pretends to protect anything.
/// </summary>
internal sealed class AuthService
{
    private const string Service = "etcdserverpb.Auth";

    private readonly EtcdGate _gate;

    public AuthService(EtcdGate gate) => _gate = gate;

    /// <summary>The service's methods.</summary>
    public IEnumerable<RpcMethod> Methods => [.. SwitchMethods, .. UserMethods, .. RoleMethods];

    private IEnumerable<RpcMethod> SwitchMethods =>
    [
        new UnaryMethod<Pb.AuthEnableRequest, Pb.AuthEnableResponse>(Service, "AuthEnable", static (_, _) =>
            throw EtcdErrors.RootUserMissing()),
        new UnaryMethod<Pb.AuthDisableRequest, Pb.AuthDisableResponse>(
            Service, "AuthDisable", (_, _) => new(new Pb.AuthDisableResponse { Header = Header() })),
        new UnaryMethod<Pb.AuthStatusRequest, Pb.AuthStatusResponse>(
            Service, "AuthStatus", (_, _) => new(new Pb.AuthStatusResponse { Header = Header(), AuthRevision = 1 })),
        new UnaryMethod<Pb.AuthenticateRequest, Pb.AuthenticateResponse>(
            Service, "Authenticate", static (_, _) => throw EtcdErrors.AuthNotEnabled()),
    ];

    private IEnumerable<RpcMethod> UserMethods =>
    [
        new UnaryMethod<Pb.AuthUserAddRequest, Pb.AuthUserAddResponse>(
            Service, "UserAdd", static (_, request) => throw (request.Name.Length == 0 ? EtcdErrors.UserEmpty() : NoUsers())),
        new UnaryMethod<Pb.AuthUserGetRequest, Pb.AuthUserGetResponse>(Service, "UserGet", static (_, _) =>
            throw EtcdErrors.UserNotFound()),
        new UnaryMethod<Pb.AuthUserListRequest, Pb.AuthUserListResponse>(
            Service, "UserList", (_, _) => new(new Pb.AuthUserListResponse { Header = Header() })),
        new UnaryMethod<Pb.AuthUserDeleteRequest, Pb.AuthUserDeleteResponse>(
            Service, "UserDelete", static (_, _) => throw EtcdErrors.UserNotFound()),
        new UnaryMethod<Pb.AuthUserChangePasswordRequest, Pb.AuthUserChangePasswordResponse>(
            Service, "UserChangePassword", static (_, _) => throw EtcdErrors.UserNotFound()),
        new UnaryMethod<Pb.AuthUserGrantRoleRequest, Pb.AuthUserGrantRoleResponse>(
            Service, "UserGrantRole", static (_, _) => throw EtcdErrors.UserNotFound()),
        new UnaryMethod<Pb.AuthUserRevokeRoleRequest, Pb.AuthUserRevokeRoleResponse>(
            Service, "UserRevokeRole", static (_, _) => throw EtcdErrors.UserNotFound()),
    ];

    private IEnumerable<RpcMethod> RoleMethods =>
    [
        new UnaryMethod<Pb.AuthRoleAddRequest, Pb.AuthRoleAddResponse>(
            Service, "RoleAdd", static (_, request) => throw (request.Name.Length == 0 ? EtcdErrors.RoleEmpty() : NoUsers())),
        new UnaryMethod<Pb.AuthRoleGetRequest, Pb.AuthRoleGetResponse>(Service, "RoleGet", static (_, _) =>
            throw EtcdErrors.RoleNotFound()),
        new UnaryMethod<Pb.AuthRoleListRequest, Pb.AuthRoleListResponse>(
            Service, "RoleList", (_, _) => new(new Pb.AuthRoleListResponse { Header = Header() })),
        new UnaryMethod<Pb.AuthRoleDeleteRequest, Pb.AuthRoleDeleteResponse>(
            Service, "RoleDelete", static (_, _) => throw EtcdErrors.RoleNotFound()),
        new UnaryMethod<Pb.AuthRoleGrantPermissionRequest, Pb.AuthRoleGrantPermissionResponse>(
            Service, "RoleGrantPermission", static (_, _) => throw EtcdErrors.RoleNotFound()),
        new UnaryMethod<Pb.AuthRoleRevokePermissionRequest, Pb.AuthRoleRevokePermissionResponse>(
            Service, "RoleRevokePermission", static (_, _) => throw EtcdErrors.RoleNotFound()),
    ];

    private static GrpcException NoUsers() => EtcdErrors.NotYet("users and roles do not exist in this version; nothing was changed");

    private Pb.ResponseHeader Header() => _gate.Header(_gate.Node.View.Revision);
}
