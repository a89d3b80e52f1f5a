using System.ComponentModel;
using System.Text.Json.Serialization;

namespace RaftKv.Contract.Bodies;

/// <summary>Words for rights over keys.</summary>
public static class KeyRightWords
{
    public const string Read = "read";
    public const string Write = "write";
    public const string Watch = "watch";
    public const string Lock = "lock";
}

[Schema("AuthState", "Whether rights are in force.")]
public sealed record AuthStateAnswer
{
    [Description("Every call needs its right")]
    public bool Enabled { get; set; }

    [Description("Grows with every change of users, roles, rights and tokens")]
    public long Revision { get; set; }

    [Description("The user who asks; null for nobody in particular")]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? User { get; set; }
}

[Schema("LoginBody", "A user's name and password.")]
public sealed record LoginBody
{
    [Description("The user's name")]
    [Present]
    public string? User { get; set; }

    [Description("The password")]
    [Present]
    public string? Password { get; set; }
}

[Schema("Login", "A login.")]
public sealed record LoginAnswer
{
    [Description("For Authorization: Bearer, at any node; it lasts for a day after its last use")]
    public string Token { get; set; } = "";
}

[Schema("UserBody", "A user to make.")]
public sealed record UserBody
{
    [Description("1 to 255 bytes")]
    [Present]
    public string? Name { get; set; }

    [Description("8 to 1,024 bytes; absent for a user who comes with a certificate or a token only")]
    public string? Password { get; set; }
}

[Schema("PasswordBody", "A new password.")]
public sealed record PasswordBody
{
    [Description("8 to 1,024 bytes")]
    [Present]
    public string? Password { get; set; }
}

[Schema("RoleName", "Names a role.")]
public sealed record RoleNameBody
{
    [Description("The role's name, 1 to 255 bytes")]
    [Present]
    public string? Role { get; set; }
}

[Schema("GrantBody", "Keys of which a role may do something: key, prefix, or start and end.")]
public sealed record KeyGrantBody
{
    [Description("One key")]
    public string? Key { get; set; }

    [Description("All keys that begin so; empty for every key")]
    public string? Prefix { get; set; }

    [Description("All keys from here on")]
    public string? Start { get; set; }

    [Description("All keys before")]
    public string? End { get; set; }

    [Description("base64url when key, prefix, start and end are written so")]
    [Words(Encodings.Base64Url)]
    public string? KeyEncoding { get; set; }

    [Description("What may be done; for lock the keys are names of locks, semaphores and elections. Not for a revoke")]
    [Item("read, write, watch or lock")]
    public IReadOnlyList<string>? Rights { get; set; }
}

[Schema("OperationsBody", "The operations that a role allows.")]
public sealed record OperationsBody
{
    [Description("All of them; what is absent is taken away")]
    [Present]
    [Item("lease, compact, members, backup, alarms, dashboard, metrics or limits")]
    public IReadOnlyList<string>? Operations { get; set; }
}

[Schema("TokenBody", "A token to make.")]
public sealed record TokenBody
{
    [Description("Whose it is; the caller's own when absent")]
    public string? User { get; set; }

    [Description("For people, at most 255 bytes")]
    public string? Label { get; set; }

    [Description("How long it lasts, a whole number and ms, s, m, h or d; for ever when absent")]
    public string? Ttl { get; set; }
}

[Schema("TokenMade", "A new token. It is not shown again.")]
public sealed record TokenMadeAnswer
{
    [Description("For Authorization: Bearer, at any node")]
    public string Token { get; set; } = "";

    [Description("Names it in the list")]
    public string Id { get; set; } = "";

    [Description("Whose it is")]
    public string User { get; set; } = "";
}

[Schema("TokenEntry", "A token.")]
public sealed record TokenEntryBody
{
    [Description("Names it")]
    public string Id { get; set; } = "";

    [Description("Whose it is")]
    public string User { get; set; } = "";

    [Description("For people")]
    public string Label { get; set; } = "";

    [Description("Unix time, ms")]
    public long CreatedMs { get; set; }

    [Description("Unix time, ms; null for never")]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public long? ExpiresMs { get; set; }
}

[Schema("TokenList", "Tokens: all for root, one's own for others.")]
public sealed record TokenListAnswer
{
    public IReadOnlyList<TokenEntryBody> Tokens { get; set; } = [];
}

[Schema("User", "A user.")]
public sealed record UserAnswer
{
    [Description("The name")]
    public string Name { get; set; } = "";

    [Description("False for one who comes with a certificate or a token only")]
    public bool HasPassword { get; set; }

    [Description("In byte order")]
    [Item("A role's name")]
    public IReadOnlyList<string> Roles { get; set; } = [];
}

[Schema("UserList", "All users.")]
public sealed record UserListAnswer
{
    public IReadOnlyList<UserAnswer> Users { get; set; } = [];
}

[Schema("RoleGrant", "What a role allows over some keys.")]
public sealed record RoleGrantBody
{
    [Description("The first key")]
    public string Start { get; set; } = "";

    [Description("The first key that is not meant any more; null for all from the first on")]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? End { get; set; }

    [Description("True for the first key alone")]
    public bool Single { get; set; }

    [Description("Present when a bound is not UTF-8")]
    [Words(Encodings.Base64Url)]
    public string? KeyEncoding { get; set; }

    [Description("What may be done")]
    [Item("read, write, watch or lock")]
    public IReadOnlyList<string> Rights { get; set; } = [];
}

[Schema("Role", "A role.")]
public sealed record RoleAnswer
{
    [Description("The name")]
    public string Name { get; set; } = "";

    public IReadOnlyList<RoleGrantBody> Grants { get; set; } = [];

    [Description("Operations that it allows")]
    [Item("An operation's name")]
    public IReadOnlyList<string> Operations { get; set; } = [];
}

[Schema("RoleList", "All roles.")]
public sealed record RoleListAnswer
{
    [Description("In byte order")]
    [Item("A role's name")]
    public IReadOnlyList<string> Roles { get; set; } = [];
}
