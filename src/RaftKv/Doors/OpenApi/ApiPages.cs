using System.Text;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace RaftKv.Doors.OpenApi;

/// <summary>
/// Serves /openapi/v1.json, /openapi/etcd-v3.json and /swagger. All are made at their first request and kept, so that a start pays nothing
/// for them.
/// </summary>
internal sealed class ApiPages
{
    private const string DocumentPath = "/openapi/v1.json";
    private const string GatewayPath = "/openapi/etcd-v3.json";

    private readonly IServiceProvider _services;
    private readonly Lazy<Task<byte[]>> _document;
    private readonly Lazy<byte[]> _gatewayDocument;
    private readonly Lazy<RequestDelegate> _page;

    /// <param name="gatewayDocument">Makes the document of etcd's JSON gateway.</param>
    public ApiPages(IServiceProvider services, Func<string> gatewayDocument)
    {
        _services = services;
        _document = new Lazy<Task<byte[]>>(BuildDocumentAsync);
        _gatewayDocument = new Lazy<byte[]>(() => Encoding.UTF8.GetBytes(gatewayDocument()));
        _page = new Lazy<RequestDelegate>(BuildPage);
    }

    /// <summary>Handles a request for one of the pages; others go on.</summary>
    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            return next(context);
        }

        PathString path = context.Request.Path;
        if (path == "/")
        {
            context.Response.Redirect("/swagger/index.html");
            return Task.CompletedTask;
        }

        if (path == DocumentPath)
        {
            return SendDocumentAsync(context);
        }

        if (path == GatewayPath)
        {
            return SendJsonAsync(context, _gatewayDocument.Value);
        }

        return path.StartsWithSegments("/swagger", StringComparison.Ordinal) ? SendPageAsync(context, next) : next(context);
    }

    private async Task SendDocumentAsync(HttpContext context) => await SendJsonAsync(context, await _document.Value);

    private static async Task SendJsonAsync(HttpContext context, byte[] document)
    {
        context.Response.ContentType = "application/json";
        context.Response.Headers.CacheControl = "no-cache";
        context.Response.ContentLength = document.Length;
        await context.Response.BodyWriter.WriteAsync(document);
    }

    // The page's own pipeline ends here; what it doesn't know goes back to the server's.
    private async Task SendPageAsync(HttpContext context, RequestDelegate next)
    {
        await _page.Value(context);
        if (context.Items.Remove(this))
        {
            await next(context);
        }
    }

    private RequestDelegate BuildPage()
    {
        var app = new ApplicationBuilder(_services);
        app.UseSwaggerUI(options =>
        {
            options.RoutePrefix = "swagger";
            options.DocumentTitle = "RaftKv API";
            options.SwaggerEndpoint(DocumentPath, "RaftKv v1");
            options.SwaggerEndpoint(GatewayPath, "etcd v3 gateway");
            options.EnableTryItOutByDefault();
            options.DisplayRequestDuration();
            options.EnableFilter();
            options.EnableDeepLinking();
            options.DefaultModelsExpandDepth(0);

            // A menu of one server, the node that serves the page, is nothing to choose from.
            options.HeadContent = "<style>.swagger-ui .servers-title, .swagger-ui .servers { display: none }</style>";
        });
        app.Run(context =>
        {
            context.Items[this] = true;
            return Task.CompletedTask;
        });
        return app.Build();
    }

    private async Task<byte[]> BuildDocumentAsync()
    {
        IOpenApiDocumentProvider provider = _services.GetRequiredKeyedService<IOpenApiDocumentProvider>(ApiDocument.Name);
        OpenApiDocument document = await provider.GetOpenApiDocumentAsync(CancellationToken.None);
        string json = await document.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1, CancellationToken.None);
        return Encoding.UTF8.GetBytes(json);
    }
}
