using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Rights;
using RaftKv.Doors.Etcd.Calls;
using RaftKv.Doors.Grpc;
using RaftKv.Service.Access;
using RaftKv.Service.Refusals;
using Proto = RaftKv.Protocol.Etcd;

namespace RaftKv.Doors.Etcd.Access;

/// <summary>etcdserverpb.Auth, the part about the switch and about users.</summary>
internal sealed class AuthService
{
    /// <summary>The service's name.</summary>
    public const string Service = "etcdserverpb.Auth";

    private readonly EtcdGate _gate;
    private readonly RoleMethods _roles;

    public AuthService(EtcdGate gate)
    {
        _gate = gate;
        _roles = new RoleMethods(gate);
    }

    /// <summary>The service's methods.</summary>
    public IEnumerable<RpcMethod> Methods => [.. SwitchMethods, .. UserMethods, .. _roles.Methods];

    private IEnumerable<RpcMethod> SwitchMethods =>
    [
        new UnaryMethod<Proto.AuthEnableRequest, Proto.AuthEnableResponse>(Service, "AuthEnable", async (context, _) =>
            new Proto.AuthEnableResponse { Header = await ChangeAsync(_gate, context, new EnableAccess()) }),
        new UnaryMethod<Proto.AuthDisableRequest, Proto.AuthDisableResponse>(Service, "AuthDisable", async (context, _) =>
            new Proto.AuthDisableResponse { Header = await ChangeAsync(_gate, context, new DisableAccess()) }),
        new UnaryMethod<Proto.AuthStatusRequest, Proto.AuthStatusResponse>(Service, "AuthStatus", StatusAsync),
        new UnaryMethod<Proto.AuthenticateRequest, Proto.AuthenticateResponse>(Service, "Authenticate", AuthenticateAsync),
    ];

    private IEnumerable<RpcMethod> UserMethods =>
    [
        new UnaryMethod<Proto.AuthUserAddRequest, Proto.AuthUserAddResponse>(Service, "UserAdd", AddUserAsync),
        new UnaryMethod<Proto.AuthUserGetRequest, Proto.AuthUserGetResponse>(Service, "UserGet", GetUserAsync),
        new UnaryMethod<Proto.AuthUserListRequest, Proto.AuthUserListResponse>(Service, "UserList", ListUsersAsync),
        new UnaryMethod<Proto.AuthUserDeleteRequest, Proto.AuthUserDeleteResponse>(Service, "UserDelete", async (context, request) =>
            new Proto.AuthUserDeleteResponse
            {
                Header = await ChangeAsync(_gate, context, new RemoveUser(AuthNames.Of(request.Name, EtcdErrors.UserNotFound))),
            }),
        new UnaryMethod<Proto.AuthUserChangePasswordRequest, Proto.AuthUserChangePasswordResponse>(
            Service, "UserChangePassword", ChangePasswordAsync),
        new UnaryMethod<Proto.AuthUserGrantRoleRequest, Proto.AuthUserGrantRoleResponse>(Service, "UserGrantRole", GrantRoleAsync),
        new UnaryMethod<Proto.AuthUserRevokeRoleRequest, Proto.AuthUserRevokeRoleResponse>(Service, "UserRevokeRole", RevokeRoleAsync),
    ];

    /// <summary>Makes a change through the log, and heads its answer.</summary>
    public static async ValueTask<Proto.ResponseHeader> ChangeAsync(EtcdGate gate, RpcContext context, AccessChange change) =>
        gate.Header((await gate.ProposeAsync(context, new ChangeAccessCommand(change))).Revision);

    private async ValueTask<Proto.AuthStatusResponse> StatusAsync(RpcContext context, Proto.AuthStatusRequest request)
    {
        StoreView view = await _gate.ReadAsync(context, isSerializable: false);
        return new Proto.AuthStatusResponse
        {
            Header = _gate.Header(view.Revision),
            Enabled = view.Access.IsEnabled,
            AuthRevision = (ulong)view.Access.Revision,
        };
    }

    private async ValueTask<Proto.AuthenticateResponse> AuthenticateAsync(RpcContext context, Proto.AuthenticateRequest request)
    {
        StoreView view = await _gate.ReadAsync(context, isSerializable: false);
        if (!view.Access.IsEnabled)
        {
            throw EtcdErrors.AuthNotEnabled();
        }

        try
        {
            var shown = new PasswordCredentials(request.Name, request.Password);
            string token = await _gate.Access.LoginAsync(shown, context.Http.Connection.RemoteIpAddress);
            return new Proto.AuthenticateResponse { Header = _gate.Header(view.Revision), Token = token };
        }
        catch (ApiException e)
        {
            throw EtcdErrors.FromAccess(_gate.BeginCall(context).Refused(e.Error)!);
        }
    }

    private async ValueTask<Proto.AuthUserAddResponse> AddUserAsync(RpcContext context, Proto.AuthUserAddRequest request)
    {
        byte[] name = AuthNames.Of(request.Name, EtcdErrors.UserEmpty);
        byte[] hash = request.Options?.NoPassword == true ? [] : await HashAsync(request.Password);
        return new Proto.AuthUserAddResponse { Header = await ChangeAsync(_gate, context, new AddUser(name, hash)) };
    }

    private async ValueTask<Proto.AuthUserChangePasswordResponse> ChangePasswordAsync(
        RpcContext context, Proto.AuthUserChangePasswordRequest request)
    {
        byte[] name = AuthNames.Of(request.Name, EtcdErrors.UserNotFound);
        byte[] hash = await HashAsync(request.Password);
        return new Proto.AuthUserChangePasswordResponse { Header = await ChangeAsync(_gate, context, new SetPassword(name, hash)) };
    }

    private async ValueTask<Proto.AuthUserGrantRoleResponse> GrantRoleAsync(RpcContext context, Proto.AuthUserGrantRoleRequest request)
    {
        var change = new GrantRole(
            AuthNames.Of(request.User, EtcdErrors.UserNotFound), AuthNames.Of(request.Role, EtcdErrors.RoleNotFound));
        return new Proto.AuthUserGrantRoleResponse { Header = await ChangeAsync(_gate, context, change) };
    }

    private async ValueTask<Proto.AuthUserRevokeRoleResponse> RevokeRoleAsync(RpcContext context, Proto.AuthUserRevokeRoleRequest request)
    {
        var change = new RevokeRole(
            AuthNames.Of(request.Name, EtcdErrors.UserNotFound), AuthNames.Of(request.Role, EtcdErrors.RoleNotGranted));
        return new Proto.AuthUserRevokeRoleResponse { Header = await ChangeAsync(_gate, context, change) };
    }

    private async ValueTask<byte[]> HashAsync(string password)
    {
        try
        {
            return await _gate.Access.Passwords.HashAsync(NewPassword.Checked(password, minBytes: 1));
        }
        catch (ApiException e)
        {
            throw EtcdErrors.FromAccess(e.Error);
        }
    }

    // As in etcd, everybody may look at himself.
    private async ValueTask<Proto.AuthUserGetResponse> GetUserAsync(RpcContext context, Proto.AuthUserGetRequest request)
    {
        EtcdCall call = _gate.BeginCall(context);
        StoreView view = await _gate.ReadAsync(call, context, isSerializable: false);
        if (call.User != request.Name && !call.Access.IsRoot(view))
        {
            throw EtcdErrors.PermissionDenied();
        }

        UserInfo user = view.GetUser(AuthNames.Of(request.Name, EtcdErrors.UserNotFound)) ?? throw EtcdErrors.UserNotFound();
        var answer = new Proto.AuthUserGetResponse { Header = _gate.Header(view.Revision) };
        answer.Roles.AddRange(user.Roles.Select(AuthNames.TextOf));
        return answer;
    }

    private async ValueTask<Proto.AuthUserListResponse> ListUsersAsync(RpcContext context, Proto.AuthUserListRequest request)
    {
        StoreView view = await _gate.ReadAsync(context, isSerializable: false);
        var answer = new Proto.AuthUserListResponse { Header = _gate.Header(view.Revision) };
        answer.Users.AddRange(view.ListUsers().Select(static user => AuthNames.TextOf(user.Name)));
        return answer;
    }
}
