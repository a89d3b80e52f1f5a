using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections.Features;
using RaftKv.Dashboard;
using RaftKv.Dashboard.Hosting;
using RaftKv.Security.Tls;
using RaftKv.Service.Refusals;

namespace RaftKv.Doors.Dashboard;

/// <summary>
/// Opens /dashboard at its first request: until somebody looks, the page's assembly is not loaded and nothing of it is in
/// memory. Any thread.
/// </summary>
internal sealed class DashboardDoor(IServiceProvider services, bool isReadOnly, Uri? labUrl = null) : IAsyncDisposable
{
    private const string SignInPath = "/dashboard/login";
    private const string SignOutPath = "/dashboard/logout";

    // Its name is spelt once more in the page's assembly, which must not be loaded for it.
    private const string SignedInCookie = "raftkv-user";

    private readonly Lock _lock = new();
    private object? _site;

    /// <summary>True for a request of the page.</summary>
    public static bool IsPage(HttpContext context) => context.Request.Path.StartsWithSegments("/dashboard", StringComparison.Ordinal);

    /// <summary>True for the way in and out, and what its page is made of: nobody's data is in it.</summary>
    public static bool IsOpen(HttpContext context) => context.Request.Path.Value
        is SignInPath or SignOutPath or "/dashboard/login.js" or "/dashboard/dashboard.js" or "/dashboard/dashboard.css"
        or "/dashboard/favicon.svg";

    /// <summary>
    /// Takes the visitor's cookie for what it stands for, as if he had said it himself. Only below /dashboard: the API takes no
    /// cookies, so that no page of another site can act by one.
    /// </summary>
    public static HttpContext WithCookie(HttpContext context)
    {
        if (context.Request.Headers.Authorization.Count == 0 && context.Request.Cookies[SignedInCookie] is { Length: > 0 } token)
        {
            context.Request.Headers.Authorization = "Bearer " + token;
        }

        return context;
    }

    /// <summary>Sends a person who may not to the page for signing in; false for a program, which gets its problem.</summary>
    public static bool TrySendToSignIn(HttpContext context, ErrorCode why)
    {
        if (context.Request.Path.StartsWithSegments("/dashboard/_blazor", StringComparison.Ordinal))
        {
            // Without a challenge: a browser would ask for a password in a window of its own.
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return true;
        }

        bool isPerson = HttpMethods.IsGet(context.Request.Method)
            && context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase)
            && context.Request.Headers.Origin.Count == 0;
        if (isPerson && why is ErrorCode.Unauthenticated or ErrorCode.AccessDenied)
        {
            context.Response.Headers.CacheControl = "no-store";
            context.Response.Redirect(SignInPath + (why == ErrorCode.AccessDenied ? "?why=denied" : ""));
            return true;
        }

        return false;
    }

    /// <summary>Handles a request below /dashboard; others go on.</summary>
    public Task InvokeAsync(HttpContext context, RequestDelegate next) => IsPage(context) ? ServeAsync(context) : next(context);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _site is null ? ValueTask.CompletedTask : CloseAsync();

    // Methods that name the page's types are apart: the runtime loads their assembly when it first enters one of them.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private Task ServeAsync(HttpContext context)
    {
        DashboardSite site;
        lock (_lock)
        {
            site = (DashboardSite)(_site ??= Open(context));
        }

        return site.InvokeAsync(context);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ValueTask CloseAsync() => ((DashboardSite)_site!).DisposeAsync();

    // The page calls this node where its first visitor found it.
    private DashboardSite Open(HttpContext context) => DashboardSite.Create(
        new DashboardSettings(
            UrlOf(context.Connection, context.Features.Get<ITlsHandshakeFeature>() is not null),
            services.GetRequiredService<IHostApplicationLifetime>(),
            services.GetRequiredService<IWebHostEnvironment>())
        {
            IsReadOnly = isReadOnly,
            LabUrl = labUrl,
            Configure = services.GetService<OutgoingTls>() is { } tls ? tls.Apply : null,
        },
        services.GetRequiredService<ILoggerFactory>());

    private static Uri UrlOf(ConnectionInfo connection, bool isTls)
    {
        IPAddress address = connection.LocalIpAddress ?? IPAddress.Loopback;
        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        string host = address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : address.ToString();
        return new Uri($"{(isTls ? "https" : "http")}://{host}:{connection.LocalPort}");
    }
}
