using System.Collections.Frozen;
using System.IO.Compression;
using System.Reflection;
using System.Security.Cryptography;

namespace RaftKv.Dashboard.Hosting;

/// <summary>
/// Scripts and styles out of the assembly, compressed at their first request and kept so. All browsers take gzip; for a
/// client that does not, they are unpacked on the way. Any thread.
/// </summary>
internal sealed class EmbeddedAssets
{
    private readonly FrozenDictionary<string, Lazy<Asset>> _assets = new Dictionary<string, Lazy<Asset>>
    {
        ["/dashboard.css"] = Of("dashboard.css", "text/css"),
        ["/dashboard.js"] = Of("dashboard.js", "text/javascript"),
        ["/login"] = Of("login.html", "text/html"),
        ["/login.js"] = Of("login.js", "text/javascript"),
        ["/favicon.svg"] = Of("favicon.svg", "image/svg+xml"),
        ["/mudblazor.css"] = Of("mudblazor.css", "text/css"),
        ["/mudblazor.js"] = Of("mudblazor.js", "text/javascript"),
        ["/_framework/blazor.web.js"] = Of("blazor.web.js", "text/javascript"),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Serves an asset; other requests go on.</summary>
    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        bool isRead = HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method);
        return isRead && _assets.TryGetValue(context.Request.Path.Value!, out Lazy<Asset>? asset)
            ? SendAsync(context, asset.Value)
            : next(context);
    }

    private static async Task SendAsync(HttpContext context, Asset asset)
    {
        HttpResponse response = context.Response;
        response.Headers.ETag = asset.ETag;
        response.Headers.CacheControl = "no-cache";
        response.Headers.Vary = "Accept-Encoding";
        response.ContentType = asset.ContentType;
        if (context.Request.Headers.IfNoneMatch == asset.ETag)
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        if (context.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.OrdinalIgnoreCase))
        {
            response.Headers.ContentEncoding = "gzip";
            response.ContentLength = asset.Compressed.Length;
            await response.Body.WriteAsync(asset.Compressed);
            return;
        }

        await using var plain = new GZipStream(new MemoryStream(asset.Compressed), CompressionMode.Decompress);
        await plain.CopyToAsync(response.Body);
    }

    private static Lazy<Asset> Of(string name, string contentType) => new(() =>
    {
        using Stream source = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The assembly has no resource {name}.");
        using var compressed = new MemoryStream();
        using (var zip = new GZipStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
        {
            source.CopyTo(zip);
        }

        byte[] bytes = compressed.ToArray();
        return new Asset(bytes, $"\"{Convert.ToHexStringLower(SHA256.HashData(bytes))[..16]}\"", contentType + "; charset=utf-8");
    });

    private sealed record Asset(byte[] Compressed, string ETag, string ContentType);
}
