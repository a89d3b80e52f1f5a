using RaftKv.Doors.Http;

namespace RaftKv.Doors.Rest.Access;

/// <summary>The paths about users, roles and tokens.</summary>
internal static class AuthRoutes
{
    /// <summary>All of them; a fixed end goes before the open one.</summary>
    public static IReadOnlyList<HttpRoute> All { get; } =
    [
        new("/api/v1/auth", ("GET", UserEndpoints.StateAsync)),
        new("/api/v1/auth/enable", ("POST", UserEndpoints.EnableAsync)),
        new("/api/v1/auth/disable", ("POST", UserEndpoints.DisableAsync)),
        new("/api/v1/auth/login", ("POST", UserEndpoints.LoginAsync)),
        new("/api/v1/auth/users", ("GET", UserEndpoints.ListAsync), ("POST", UserEndpoints.AddAsync)),
        new("/api/v1/auth/users/{name}/password", ("PUT", UserEndpoints.SetPasswordAsync)),
        new("/api/v1/auth/users/{name}/grant", ("POST", UserEndpoints.GrantAsync)),
        new("/api/v1/auth/users/{name}/revoke", ("POST", UserEndpoints.RevokeAsync)),
        new("/api/v1/auth/users/{name}", ("GET", UserEndpoints.GetAsync), ("DELETE", UserEndpoints.RemoveAsync)),
        new("/api/v1/auth/roles", ("GET", RoleEndpoints.ListAsync), ("POST", RoleEndpoints.AddAsync)),
        new("/api/v1/auth/roles/{name}/grant", ("POST", RoleEndpoints.GrantAsync)),
        new("/api/v1/auth/roles/{name}/revoke", ("POST", RoleEndpoints.RevokeAsync)),
        new("/api/v1/auth/roles/{name}/operations", ("PUT", RoleEndpoints.SetOperationsAsync)),
        new("/api/v1/auth/roles/{name}", ("GET", RoleEndpoints.GetAsync), ("DELETE", RoleEndpoints.RemoveAsync)),
        new("/api/v1/auth/tokens", ("GET", TokenEndpoints.ListAsync), ("POST", TokenEndpoints.AddAsync)),
        new("/api/v1/auth/tokens/{id}", ("DELETE", TokenEndpoints.RemoveAsync)),
    ];
}
