using System.Text.Json;
using System.Text.Json.Nodes;
using RaftKv.Dashboard.Api;

namespace RaftKv.Dashboard.Hosting;

/// <summary>
/// Signing in and out. The browser gets its token from the API itself, so that wrong passwords count for its own address, and
/// hands it over once; from then on it is in a cookie that no script can read, that no other site's page makes a browser send,
/// and that goes to the dashboard only. The API takes no cookies. Any thread.
/// </summary>
internal sealed class SignInDesk(SharedNodes nodes, SignOuts signOuts)
{
    // A token has some hundred characters.
    private const int MaxBodyBytes = 8 * 1024;

    /// <summary>Serves POST /login and POST /logout, and turns away who has signed out; other requests go on.</summary>
    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        HttpRequest request = context.Request;
        bool isPost = HttpMethods.IsPost(request.Method);
        return isPost && request.Path == "/login" ? SignInAsync(context)
            : isPost && request.Path == "/logout" ? SignOut(context)
            : request.Path != "/login" && TokenOf(request) is { } token && signOuts.HasLeft(token) ? TurnAway(context)
            : next(context);
    }

    private async Task SignInAsync(HttpContext context)
    {
        string? token = await TokenInAsync(context.Request);
        if (token is null)
        {
            await SayAsync(context, StatusCodes.Status400BadRequest, "The body is {\"token\":\"…\"}.");
            return;
        }

        ApiAnswer answer = await nodes.Anonymous.As("Bearer " + token).SendAsync(
            NodeClient.OwnState("/api/v1/auth"), context.RequestAborted);
        if (!answer.IsOk || answer.Read(AnswerJson.Default.AuthStateAnswer) is not { } state)
        {
            await SayAsync(
                context, answer.Status == 0 ? StatusCodes.Status503ServiceUnavailable : answer.Status, answer.Complaint);
            return;
        }

        if (state.Enabled)
        {
            signOuts.Return(token);
            context.Response.Cookies.Append(DashboardSettings.CookieName, token, Options(context));
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private Task SignOut(HttpContext context)
    {
        if (TokenOf(context.Request) is { } token)
        {
            signOuts.Leave(token);

            // Not before the browser has the answer: the page that asked is told too, and a page that moves on drops the answer.
            context.Response.OnCompleted(() =>
            {
                signOuts.Raise("Bearer " + token);
                return Task.CompletedTask;
            });
        }

        return SendToSignIn(context);
    }

    private static Task TurnAway(HttpContext context)
    {
        if (HttpMethods.IsGet(context.Request.Method) && !context.Request.Path.StartsWithSegments("/_blazor", StringComparison.Ordinal))
        {
            return SendToSignIn(context);
        }

        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        return Task.CompletedTask;
    }

    private static Task SendToSignIn(HttpContext context)
    {
        context.Response.Cookies.Delete(DashboardSettings.CookieName, Options(context));
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.Location = DashboardSettings.BasePath + "/login";
        return Task.CompletedTask;
    }

    private static string? TokenOf(HttpRequest request) =>
        request.Cookies[DashboardSettings.CookieName] is { Length: > 0 } token ? token : null;

    private static CookieOptions Options(HttpContext context) => new()
    {
        HttpOnly = true,
        IsEssential = true,
        Path = DashboardSettings.BasePath,
        SameSite = SameSiteMode.Strict,
        Secure = context.Request.IsHttps,
    };

    private static async Task<string?> TokenInAsync(HttpRequest request)
    {
        byte[] body = new byte[MaxBodyBytes];
        int length = await request.Body.ReadAtLeastAsync(body, MaxBodyBytes, throwOnEndOfStream: false);
        if (length == MaxBodyBytes)
        {
            return null;
        }

        try
        {
            string? token = JsonNode.Parse(body.AsSpan(0, length)) is JsonObject said ? (string?)said["token"] : null;

            // What is no token must not become a header or a cookie.
            return token is { Length: > 0 } && token.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_') ? token : null;
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static Task SayAsync(HttpContext context, int status, string sentence)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(sentence + "\n");
    }
}
