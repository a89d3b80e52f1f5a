namespace RaftKv.Doors.Http;

/// <summary>
/// What pages of other sites may make a visitor's browser do: by default neither change anything nor read an answer. Programs
/// send no origin and are not concerned. Any thread.
/// </summary>
/// <param name="allowed">Origins that may do all, such as <c>https://console.example</c>; <c>*</c> for all.</param>
internal sealed class OriginGuard(IReadOnlyList<string> allowed)
{
    private static readonly byte[] _refusal = "A page of another site may not do this; --cors names those that may.\n"u8.ToArray();

    /// <summary>Any page may ask.</summary>
    public bool AllowsAll { get; } = allowed.Contains("*");

    /// <summary>Refuses, or goes on with the headers that tell a browser what is allowed.</summary>
    public Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        if (http.Request.Headers.Origin.Count == 0)
        {
            return next(http);
        }

        string origin = http.Request.Headers.Origin.ToString();
        if (AllowsAll || allowed.Contains(origin, StringComparer.OrdinalIgnoreCase))
        {
            Allow(http.Response.Headers, AllowsAll ? "*" : origin);
            return IsPreflight(http.Request) ? Task.CompletedTask : next(http);
        }

        // What only reads may be asked for: without a header that allows it, the page does not see the answer. A web socket asks
        // nobody, so it is refused here.
        bool isHarmless = HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method)
            || HttpMethods.IsOptions(http.Request.Method);
        bool isOwn = Uri.TryCreate(origin, UriKind.Absolute, out Uri? from)
            && string.Equals(from.Authority, http.Request.Host.Value, StringComparison.OrdinalIgnoreCase);
        return isOwn || (isHarmless && http.Request.Headers.Upgrade.Count == 0) ? next(http) : RefuseAsync(http.Response);
    }

    /// <summary>Sets what etcd sets.</summary>
    public static void Allow(IHeaderDictionary headers, string origin)
    {
        headers.AccessControlAllowOrigin = origin;
        headers.AccessControlAllowMethods = "POST, GET, OPTIONS, PUT, DELETE";
        headers.AccessControlAllowHeaders = "accept, content-type, authorization";
        if (origin != "*")
        {
            headers.Vary = "Origin";
        }
    }

    /// <summary>What is wrong with a setting; null when nothing is.</summary>
    public static string? ProblemOf(string origin) =>
        origin == "*" || (Uri.TryCreate(origin, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https"
            && url.GetLeftPart(UriPartial.Authority) == origin)
            ? null : $"--cors: \"{origin}\" is no origin; it should look like https://console.example, without a path, or be *.";

    private static bool IsPreflight(HttpRequest request) =>
        HttpMethods.IsOptions(request.Method) && request.Headers.AccessControlRequestMethod.Count > 0;

    private static Task RefuseAsync(HttpResponse response)
    {
        response.StatusCode = StatusCodes.Status403Forbidden;
        response.ContentType = "text/plain; charset=utf-8";
        return response.Body.WriteAsync(_refusal).AsTask();
    }
}
