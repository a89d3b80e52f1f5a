using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;

namespace RaftKv.Dashboard.Hosting;

/// <summary>
/// Who looks at a page: what the request that opened it said of him. The page asks nodes in his name and no other. Lives as long
/// as the page.
/// </summary>
internal sealed class Visitor(AuthenticationStateProvider page)
{
    private const string AuthorizationClaim = "authorization";

    /// <summary>What he shows to nodes; null for nothing.</summary>
    public string? Authorization { get; } =
        page.GetAuthenticationStateAsync() is { IsCompletedSuccessfully: true } known
            ? known.Result.User.FindFirst(AuthorizationClaim)?.Value
            : null;

    /// <summary>Notes what a request says, so that the page that it opens knows.</summary>
    public static Task IdentifyAsync(HttpContext context, RequestDelegate next)
    {
        string authorization = context.Request.Headers.Authorization.ToString();
        if (authorization.Length > 0)
        {
            context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(AuthorizationClaim, authorization)], "raftkv"));
        }

        return next(context);
    }
}
