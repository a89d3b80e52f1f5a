using System.Text.Json.Nodes;
using RaftKv.Doors.OpenApi.Model;
using RaftKv.Service.Refusals;
using static RaftKv.Doors.OpenApi.Operations.ApiOperations;

namespace RaftKv.Doors.OpenApi.Operations;

/// <summary>Users, roles, rights and tokens.</summary>
internal static class AuthOperations
{
    private const string Tag = ApiTags.Auth;

    private static readonly ApiParameter _user = Path("name", "The user's name.", "alice");
    private static readonly ApiParameter _role = Path("name", "The role's name.", "readers");
    private static readonly ApiResponse _changed = new(200, "In force.", Json("CompactAnswer", """{"revision":1}"""));

    public static ApiOperation[] All { get; } =
    [
        Look(
            "/api/v1/auth", "getAuth", "See whether rights are in force", "And who you are.", "AuthState",
            """{"enabled":false,"revision":1,"user":null}"""),
        Change(
            "POST", "/api/v1/auth/enable", "enableAuth", "Put rights in force",
            "From now on every call needs its right, at every door. The user `root` must have the role `root`."),
        Change("POST", "/api/v1/auth/disable", "disableAuth", "Take rights out of force", "Users and roles stay as they are."),
        Login(),
        Look(
            "/api/v1/auth/users", "listUsers", "List users", "With their roles.", "UserList",
            """{"users":[{"name":"alice","hasPassword":true,"roles":[]}]}"""),
        Change(
            "POST", "/api/v1/auth/users", "addUser", "Make a user",
            "Without roles; without a password it comes with a certificate or token.",
            body: ("UserBody", """{"name":"alice","password":"correct horse"}""")),
        Look("/api/v1/auth/users/{name}", "getUser", "Look at a user", "Root at all, everybody at himself.", "User",
            """{"name":"alice","hasPassword":true,"roles":["readers"]}""", _user),
        Change("DELETE", "/api/v1/auth/users/{name}", "removeUser", "Remove a user", "And its tokens.", _user),
        Change(
            "PUT", "/api/v1/auth/users/{name}/password", "setPassword", "Set a password", "Logins of before are void.", _user,
            ("PasswordBody", """{"password":"battery staple"}""")),
        Change(
            "POST", "/api/v1/auth/users/{name}/grant", "grantRole", "Give a user a role", "A second time is fine.", _user,
            ("RoleName", """{"role":"readers"}""")),
        Change(
            "POST", "/api/v1/auth/users/{name}/revoke", "revokeRole", "Take a role from a user",
            "What it allowed ends at once, watches too.", _user, ("RoleName", """{"role":"readers"}""")),
        Look("/api/v1/auth/roles", "listRoles", "List roles", "Their names.", "RoleList", """{"roles":["readers"]}"""),
        Change(
            "POST", "/api/v1/auth/roles", "addRole", "Make a role",
            "Without rights. `root` may do everything; `system:anonymous` is what callers have who say nothing of themselves.",
            body: ("RoleName", """{"role":"readers"}""")),
        Look("/api/v1/auth/roles/{name}", "getRole", "Look at a role", "What it allows.", "Role",
            """{"name":"readers","grants":[{"start":"app/","end":"app0","single":false,"rights":["read","watch"]}],"operations":[]}""",
            _role),
        Change("DELETE", "/api/v1/auth/roles/{name}", "removeRole", "Remove a role", "Also from all users.", _role),
        Change(
            "POST", "/api/v1/auth/roles/{name}/grant", "grantKeys", "Give a role rights over keys",
            "Replaces what it had over exactly these keys. `lock` is about names of locks, semaphores and elections.", _role,
            ("GrantBody", """{"prefix":"app/","rights":["read","watch"]}""")),
        Change(
            "POST", "/api/v1/auth/roles/{name}/revoke", "revokeKeys", "Take a role's rights over keys",
            "Those over exactly these keys.", _role,
            ("GrantBody", """{"prefix":"app/"}""")),
        Change(
            "PUT", "/api/v1/auth/roles/{name}/operations", "setOperations", "Say which operations a role allows",
            "`lease`, `compact`, `members`, `backup`, `alarms`, `dashboard`, `metrics`, `limits`.", _role,
            ("OperationsBody", """{"operations":["metrics"]}""")),
        Look("/api/v1/auth/tokens", "listTokens", "List tokens", "Root sees all, everybody his own.", "TokenList", """{"tokens":[]}"""),
        AddToken(),
        Change(
            "DELETE", "/api/v1/auth/tokens/{id}", "removeToken", "Revoke a token", "At once.",
            Path("id", "The id that the list shows.", "AAAAAAAAAAAAAAAAAAAAAA")),
    ];

    private static ApiOperation Login() => new(
        "POST", "/api/v1/auth/login", "login", Tag, "Log in", "A token for `Authorization: Bearer`, which any node takes.")
    {
        Body = new ApiBody("Who.", IsRequired: true, Json("LoginBody", """{"user":"alice","password":"correct horse"}""")),
        Responses = [new ApiResponse(200, "Logged in.", Json("Login", """{"token":"rkl.AQ"}"""))],
        Errors = [ErrorCode.Overloaded, ErrorCode.NotReady, ErrorCode.UnsupportedMediaType, ErrorCode.TooLarge],
    };

    private static ApiOperation AddToken() => new(
        "POST", "/api/v1/auth/tokens", "addToken", Tag, "Make a token",
        "For programs: it is shown once, lasts until its end or its removal, and is listed. Root makes them for anybody.")
    {
        Shared = ApiParameters.Write,
        Body = new ApiBody(
            "Whose, and for how long.", IsRequired: false, Json("TokenBody", """{"user":"alice","label":"ci","ttl":"30d"}""")),
        Responses = [new ApiResponse(201, "Made.", Json("TokenMade", """{"token":"rkt.AA.AA","id":"AA","user":"alice"}"""))],
        Errors = [.. Write, ErrorCode.UnsupportedMediaType, ErrorCode.AccessNotFound],
    };

    private static ApiOperation Look(
        string path, string id, string summary, string description, string schema, string example, ApiParameter? parameter = null) =>
        new("GET", path, id, Tag, summary, description)
        {
            Parameters = parameter is null ? [] : [parameter],
            Shared = ApiParameters.Read,
            Responses = [new ApiResponse(200, "As it is.", Json(schema, example))],
            Errors = parameter is null ? [.. Read] : [.. Read, ErrorCode.AccessNotFound],
        };

    private static ApiOperation Change(
        string method, string path, string id, string summary, string description, ApiParameter? parameter = null,
        (string Schema, string Example)? body = null) =>
        new(method, path, id, Tag, summary, description)
        {
            Parameters = parameter is null ? [] : [parameter],
            Shared = ApiParameters.Write,
            Body = body is null ? null : new ApiBody("What to change.", IsRequired: true, Json(body.Value.Schema, body.Value.Example)),
            Responses = [_changed],
            Errors = [.. Write, ErrorCode.UnsupportedMediaType, ErrorCode.AccessNotFound, ErrorCode.AccessConflict],
        };

    private static ApiContent Json(string schema, string example) => new("application/json", schema, JsonNode.Parse(example));
}
