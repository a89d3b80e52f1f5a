using System.Globalization;
using Authpb;
using dotnet_etcd;
using Etcdserverpb;
using V3Lockpb;
using static RaftKv.EtcdConformance.Foreign.Dotnet.DotnetEtcdUse;

namespace RaftKv.EtcdConformance.Foreign.Dotnet;

/// <summary>What operators do with dotnet-etcd: members, maintenance, users and roles, of a server that stands alone.</summary>
internal sealed class DotnetEtcdCare(EtcdClient client)
{
    private readonly Transcript _transcript = new();

    /// <summary>All of it.</summary>
    public async Task<IReadOnlyList<string>> RunAsync()
    {
        await CareForMembersAsync();
        await CareForServerAsync();
        await CareForUsersAsync();
        await CareForRightsAsync();
        return _transcript.Lines;
    }

    private async Task CareForMembersAsync()
    {
        MemberListResponse? list = await _transcript.SayAsync(
            "members", () => client.MemberListAsync(new MemberListRequest { Linearizable = true }), static a => $"{a.Members.Count}");
        string[] urls = ["http://127.0.0.1:2"];
        MemberAddResponse? added = await _transcript.SayAsync(
            "add a learner", () => client.MemberAddAsLearnerAsync(urls), static a => $"{a.Member.IsLearner} {a.Members.Count}");
        await _transcript.SayAsync("add it again", () => client.MemberAddAsLearnerAsync(urls));
        await _transcript.SayAsync("promote it", () => client.MemberPromoteAsync(added!.Member.ID));
        var update = new MemberUpdateRequest { ID = 1, PeerURLs = { "http://127.0.0.1:3" } };
        await _transcript.SayAsync("update nobody", () => client.MemberUpdateAsync(update));
        await _transcript.SayAsync(
            "remove it", () => client.MemberRemoveAsync(new MemberRemoveRequest { ID = added!.Member.ID }),
            static a => $"{a.Members.Count}");
        await _transcript.SayAsync(
            "remove it again", () => client.MemberRemoveAsync(new MemberRemoveRequest { ID = added!.Member.ID }));
        await _transcript.SayAsync(
            "move the leader to nobody", () => client.MoveLeaderAsync(new MoveLeaderRequest { TargetID = 1 }));
        await _transcript.SayAsync(
            "move the leader to itself", () => client.MoveLeaderAsync(new MoveLeaderRequest { TargetID = list!.Members[0].ID }));
    }

    private async Task CareForServerAsync()
    {
        await client.PutAsync("care", "1");
        await _transcript.SayAsync(
            "status", () => client.StatusAsync(new StatusRequest()),
            static a => $"{a.Leader == a.Header.MemberId} {a.DbSize > 0} {a.IsLearner}");
        var alarm = new AlarmRequest { Alarm = AlarmType.Nospace };
        await _transcript.SayAsync("alarms", () => client.AlarmAsync(alarm), static a => $"{a.Alarms.Count}");
        alarm.Action = AlarmRequest.Types.AlarmAction.Activate;
        await _transcript.SayAsync("alarm", () => client.AlarmAsync(alarm), static a => $"{a.Alarms.Single().Alarm}");
        await _transcript.SayAsync("put with an alarm", () => client.PutAsync("care", "2"));
        alarm.Action = AlarmRequest.Types.AlarmAction.Deactivate;
        await _transcript.SayAsync("alarm is over", () => client.AlarmAsync(alarm), static a => $"{a.Alarms.Single().Alarm}");
        await _transcript.SayAsync("put without", () => client.PutAsync("care", "2"));
        await _transcript.SayAsync("defragment", () => client.DefragmentAsync(new DefragmentRequest()));
        await _transcript.SayAsync("hash", () => client.HashAsync(new HashRequest()), static a => $"{a.Hash != 0}");
        await _transcript.SayAsync("hash of keys", () => client.HashKVAsync(new HashKVRequest()), static a => $"{a.Hash != 0}");
        using var saved = new MemoryStream();
        ulong left = ulong.MaxValue;
        await _transcript.SayAsync("snapshot", () => client.Snapshot(
            new SnapshotRequest(),
            (SnapshotResponse piece) =>
            {
                saved.Write(piece.Blob.Span);
                left = piece.RemainingBytes;
            },
            CancellationToken.None));
        byte[] file = saved.ToArray();
        string magic = BitConverter.ToUInt32(file, 16).ToString("x8", CultureInfo.InvariantCulture);
        _transcript.Note($"snapshot: {magic}, whole pages and a digest: {file.Length % 512}, left {left}");
        await _transcript.SayAsync(
            "downgrade", () => client.DowngradeAsync(new DowngradeRequest { Version = "3.5" }));
        await client.DeleteAsync("care");
    }

    private async Task CareForUsersAsync()
    {
        await _transcript.SayAsync("rights in force", () => client.AuthStatusAsync(new AuthStatusRequest()), static a => $"{a.Enabled}");
        await _transcript.SayAsync("enable without root", () => client.AuthEnableAsync(new AuthEnableRequest()));
        foreach (string name in (string[])["root", "ann", "eve"])
        {
            var user = new AuthUserAddRequest { Name = name, Password = name + "-password" };
            await _transcript.SayAsync("add user " + name, () => client.UserAddAsync(user));
        }

        await _transcript.SayAsync(
            "add user again", () => client.UserAddAsync(new AuthUserAddRequest { Name = "ann", Password = "x" }));
        await _transcript.SayAsync("add role root", () => client.RoleAddAsync(new AuthRoleAddRequest { Name = "root" }));
        await _transcript.SayAsync("add role", () => client.RoleAddAsync(new AuthRoleAddRequest { Name = "app" }));
        await _transcript.SayAsync("add role again", () => client.RoleAddAsync(new AuthRoleAddRequest { Name = "app" }));
        var app = new Permission { PermType = Permission.Types.Type.Readwrite, Key = Bytes("app/"), RangeEnd = Bytes("app0") };
        var grant = new AuthRoleGrantPermissionRequest { Name = "app", Perm = app };
        await _transcript.SayAsync("grant permission", () => client.RoleGrantPermissionAsync(grant));
        await _transcript.SayAsync(
            "grant role root", () => client.UserGrantRoleAsync(new AuthUserGrantRoleRequest { User = "root", Role = "root" }));
        await _transcript.SayAsync(
            "grant role", () => client.UserGrantRoleAsync(new AuthUserGrantRoleRequest { User = "ann", Role = "app" }));
        await _transcript.SayAsync(
            "grant no role", () => client.UserGrantRoleAsync(new AuthUserGrantRoleRequest { User = "ann", Role = "no" }));
        await _transcript.SayAsync(
            "user", () => client.UserGetAsync(new AuthUserGetRequest { Name = "ann" }), static a => string.Join(' ', a.Roles));
        await _transcript.SayAsync(
            "role", () => client.RoleGetAsync(new AuthRoleGetRequest { Role = "app" }),
            static a => string.Join(' ', a.Perm.Select(static p => $"{p.PermType} {p.Key.ToStringUtf8()} {p.RangeEnd.ToStringUtf8()}")));
        await _transcript.SayAsync(
            "users", () => client.UserListAsync(new AuthUserListRequest()), static a => string.Join(' ', a.Users.Order()));
        await _transcript.SayAsync(
            "roles", () => client.RoleListAsync(new AuthRoleListRequest()), static a => string.Join(' ', a.Roles.Order()));
        var change = new AuthUserChangePasswordRequest { Name = "ann", Password = "new-password" };
        await _transcript.SayAsync("change password", () => client.UserChangePasswordAsync(change));
        await _transcript.SayAsync("authenticate before", () => AuthenticateAsync("ann", "new-password"));
    }

    private async Task CareForRightsAsync()
    {
        await _transcript.SayAsync("enable", () => client.AuthEnableAsync(new AuthEnableRequest()));
        await _transcript.SayAsync("put as nobody", () => client.PutAsync("app/a", "1"));
        await _transcript.SayAsync(
            "authenticate", () => AuthenticateAsync("ann", "new-password"), static a => $"{a.Token.Length > 0}");
        await _transcript.SayAsync("authenticate with the old one", () => AuthenticateAsync("ann", "ann-password"));
        client.SetCredentials("ann", "new-password");
        await UseRightsAsync(client, _transcript);
        await _transcript.SayAsync("users as ann", () => client.UserListAsync(new AuthUserListRequest()));
        client.ClearCredentials();
        await _transcript.SayAsync("put without credentials", () => client.PutAsync("app/a", "1"));
        client.SetCredentials("root", "root-password");
        var revoke = new AuthRoleRevokePermissionRequest { Role = "app", Key = Bytes("app/"), RangeEnd = Bytes("app0") };
        await _transcript.SayAsync("revoke permission", () => client.RoleRevokePermissionAsync(revoke));
        await _transcript.SayAsync("revoke it again", () => client.RoleRevokePermissionAsync(revoke));
        await _transcript.SayAsync(
            "revoke role", () => client.UserRevokeRoleAsync(new AuthUserRevokeRoleRequest { Name = "ann", Role = "app" }));
        await _transcript.SayAsync("delete role", () => client.RoleDeleteAsync(new AuthRoleDeleteRequest { Role = "app" }));
        await _transcript.SayAsync("delete user", () => client.UserDeleteAsync(new AuthUserDeleteRequest { Name = "eve" }));
        await _transcript.SayAsync("disable", () => client.AuthDisableAsync(new AuthDisableRequest()));
        client.ClearCredentials();
        await _transcript.SayAsync("put", () => client.PutAsync("app/a", "1"));
    }

    /// <summary>What a user may do who may read and write what begins with app/, and what he may not.</summary>
    public static async Task UseRightsAsync(EtcdClient client, Transcript transcript)
    {
        await transcript.SayAsync("put", () => client.PutAsync("app/a", "1"));
        await transcript.SayAsync("get", () => client.GetValAsync("app/a"), static a => a);
        await transcript.SayAsync("range", () => client.GetRangeAsync("app/"), static a => $"{a.Count}");
        await transcript.SayAsync(
            "lock", () => client.LockAsync(new LockRequest { Name = Bytes("app/lock") }), static a => $"{a.Key.ToStringUtf8()[..9]}");
        await transcript.SayAsync("put outside", () => client.PutAsync("b/a", "1"));
        await transcript.SayAsync("get outside", () => client.GetAsync("b/a"), static a => $"{a.Count}");
        await transcript.SayAsync("range over more", () => client.GetRangeAsync("a"), static a => $"{a.Count}");
        await transcript.SayAsync("delete outside", () => client.DeleteAsync("b/a"), static a => $"{a.Deleted}");
        await transcript.SayAsync("lock outside", () => client.LockAsync(new LockRequest { Name = Bytes("b/lock") }));
        var txn = new TxnRequest { Success = { new RequestOp { RequestPut = new PutRequest { Key = Bytes("b/a") } } } };
        await transcript.SayAsync("txn outside", () => client.TransactionAsync(txn));
        await transcript.SayAsync("delete", () => client.DeleteAsync("app/a"), static a => $"{a.Deleted}");
    }

    private Task<AuthenticateResponse> AuthenticateAsync(string name, string password) =>
        client.AuthenticateAsync(new AuthenticateRequest { Name = name, Password = password });
}
