using Google.Protobuf;
using RaftKv.Protocol.Etcd;

namespace RaftKv.EtcdConformance.Random;

/// <summary>Random changes of users and roles, and questions about them, while nobody's rights are in force.</summary>
internal sealed class AuthGenerator(System.Random random)
{
    private static readonly string[] Roles = ["r1", "r2", "r3", "root", ""];
    private static readonly string[] Users = ["u1", "u2", "u3", "root", ""];
    private static readonly string[] Keys = ["a", "b", "c", "d"];

    /// <summary>The next request with its method.</summary>
    public (string Method, IMessage Request) Next() => random.Next(16) switch
    {
        0 or 1 => ("UserAdd", new AuthUserAddRequest { Name = User(), Options = new UserAddOptions { NoPassword = true } }),
        2 => ("UserGet", new AuthUserGetRequest { Name = User() }),
        3 => ("UserList", new AuthUserListRequest()),
        4 => ("UserDelete", new AuthUserDeleteRequest { Name = User() }),
        5 or 6 => ("UserGrantRole", new AuthUserGrantRoleRequest { User = User(), Role = Role() }),
        7 => ("UserRevokeRole", new AuthUserRevokeRoleRequest { Name = User(), Role = Role() }),
        8 or 9 => ("RoleAdd", new AuthRoleAddRequest { Name = Role() }),
        10 => ("RoleGet", new AuthRoleGetRequest { Role = Role() }),
        11 => ("RoleList", new AuthRoleListRequest()),
        12 => ("RoleDelete", new AuthRoleDeleteRequest { Role = Role() }),
        13 or 14 => ("RoleGrantPermission", new AuthRoleGrantPermissionRequest { Name = Role(), Perm = Permission() }),
        _ => ("RoleRevokePermission", Revocation()),
    };

    private string Role() => Pick(Roles);

    private string User() => Pick(Users);

    // The last one, no name at all, is rare.
    private string Pick(string[] names) => names[random.Next(20) == 0 ? names.Length - 1 : random.Next(names.Length - 1)];

    private Permission Permission()
    {
        (ByteString key, ByteString end) = Range();
        return new Permission { PermType = (Permission.Types.Type)random.Next(3), Key = key, RangeEnd = end };
    }

    private AuthRoleRevokePermissionRequest Revocation()
    {
        (ByteString key, ByteString end) = Range();
        return new AuthRoleRevokePermissionRequest { Role = Role(), Key = key, RangeEnd = end };
    }

    private (ByteString Key, ByteString End) Range()
    {
        int first = random.Next(Keys.Length);
        string end = random.Next(8) == 0 ? "\0"
            : random.Next(3) == 0 && first + 1 < Keys.Length ? Keys[random.Next(first + 1, Keys.Length)]
            : "";
        return (ByteString.CopyFromUtf8(Keys[first]), ByteString.CopyFromUtf8(end));
    }
}
