using Microsoft.Extensions.Primitives;

namespace RaftKv.Dashboard.Hosting;

/// <summary>
/// What a browser may do with the page, and who may talk to it: nothing is loaded from elsewhere, no script stands in
/// the page's text, nobody frames it, and a page of another site can't open its channel. Any thread.
/// </summary>
internal sealed class RequestGuard(OpenPages pages)
{
    // Styles stand in attributes too: the component library places its dialogs so. Scripts are files of this node only.
    private const string ContentPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; "
        + "connect-src 'self'; form-action 'self'; base-uri 'self'; frame-ancestors 'none'";

    /// <summary>Sets the headers, or refuses.</summary>
    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        IHeaderDictionary headers = context.Response.Headers;
        headers.ContentSecurityPolicy = ContentPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        if (!IsSameSite(context.Request))
        {
            return RefuseAsync(context, StatusCodes.Status403Forbidden, "This page talks to itself only, not to pages of other sites.");
        }

        return pages.AreFull && !IsAsset(context.Request.Path)
            ? RefuseAsync(
                context,
                StatusCodes.Status503ServiceUnavailable,
                "Too many dashboards are open on this node. Close one, or use another node's.")
            : next(context);
    }

    /// <summary>
    /// False for a request that a page of another site has made a browser send. What changes nothing may come from a link.
    /// </summary>
    internal static bool IsSameSite(HttpRequest request)
    {
        bool isChannel = request.Path.StartsWithSegments("/_blazor", StringComparison.Ordinal);
        if (!isChannel && (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)))
        {
            return true;
        }

        StringValues origin = request.Headers.Origin;
        return StringValues.IsNullOrEmpty(origin)
            ? request.Headers["Sec-Fetch-Site"].ToString() is "" or "same-origin" or "none"
            : Uri.TryCreate(origin.ToString(), UriKind.Absolute, out Uri? from)
                && string.Equals(from.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase);
    }

    // A page that is open already may go on: its channel, its assets.
    private static bool IsAsset(PathString path) =>
        path.StartsWithSegments("/_blazor", StringComparison.Ordinal) || Path.HasExtension(path.Value);

    private static Task RefuseAsync(HttpContext context, int status, string sentence)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(sentence + "\n");
    }
}
