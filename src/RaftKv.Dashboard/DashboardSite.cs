using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using MudBlazor.Services;
using RaftKv.Dashboard.Api;
using RaftKv.Dashboard.Components;
using RaftKv.Dashboard.Hosting;
using RaftKv.Dashboard.Lessons;

namespace RaftKv.Dashboard;

/// <summary>
/// The dashboard as one request delegate with services of its own, so that a host that nobody looks at has neither the
/// delegate nor this assembly in memory. Make it once, at the first request. Any thread.
/// </summary>
public sealed class DashboardSite : IAsyncDisposable
{
    // A value of 1.5 MiB as JSON text in one event of an input, with room for escapes.
    private const int MaxMessageBytes = 4 * 1024 * 1024;

    private readonly ServiceProvider _services;
    private readonly RequestDelegate _pipeline;

    private DashboardSite(ServiceProvider services, RequestDelegate pipeline)
    {
        _services = services;
        _pipeline = pipeline;
    }

    /// <summary>Builds it; takes a fraction of a second.</summary>
    public static DashboardSite Create(DashboardSettings settings, ILoggerFactory logging)
    {
        ServiceProvider services = Services(settings, logging).BuildServiceProvider();
        var app = new ApplicationBuilder(services);
        var assets = new EmbeddedAssets();
        var guard = new RequestGuard(services.GetRequiredService<OpenPages>());
        app.Use(next => context => guard.InvokeAsync(context, next));
        app.Use(next => context => assets.InvokeAsync(context, next));
        SignInDesk desk = services.GetRequiredService<SignInDesk>();
        app.Use(next => context => desk.InvokeAsync(context, next));
        app.Use(static next => context => Visitor.IdentifyAsync(context, next));
        app.UseRouting();
        app.UseAntiforgery();
        app.UseEndpoints(static endpoints => endpoints.MapRazorComponents<App>().AddInteractiveServerRenderMode(static render =>
        {
            // The guard says who may frame the page, and pages of a few kilobytes gain nothing from a dictionary each.
            render.ContentSecurityFrameAncestorsPolicy = null;
            render.DisableWebSocketCompression = true;
        }));
        return new DashboardSite(services, app.Build());
    }

    /// <summary>Serves a request below <see cref="DashboardSettings.BasePath"/>.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        context.Request.Path.StartsWithSegments(DashboardSettings.BasePath, StringComparison.Ordinal, out PathString rest);
        if (!rest.HasValue)
        {
            // Relative addresses on the page count from below this slash.
            context.Response.Redirect(DashboardSettings.BasePath + "/");
            return;
        }

        IServiceProvider outer = context.RequestServices;
        PathString path = context.Request.Path;
        PathString pathBase = context.Request.PathBase;
        await using AsyncServiceScope scope = _services.CreateAsyncScope();
        try
        {
            context.RequestServices = scope.ServiceProvider;
            context.Request.PathBase = pathBase + DashboardSettings.BasePath;
            context.Request.Path = rest;
            await _pipeline(context);
        }
        finally
        {
            context.RequestServices = outer;
            context.Request.PathBase = pathBase;
            context.Request.Path = path;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _services.DisposeAsync();

    private static ServiceCollection Services(DashboardSettings settings, ILoggerFactory logging)
    {
        var services = new ServiceCollection();
        services.AddSingleton(settings);
        services.AddSingleton(settings.Lifetime);
        services.AddSingleton(settings.Environment);
        services.AddSingleton<IHostEnvironment>(settings.Environment);
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().Build());
        services.AddSingleton(logging);
        services.AddLogging();
        var listener = new DiagnosticListener("RaftKv.Dashboard");
        services.AddSingleton(listener);
        services.AddSingleton<DiagnosticSource>(listener);
        services.AddRouting();
        services.AddAntiforgery(static antiforgery =>
        {
            antiforgery.Cookie.Name = "raftkv-dashboard";
            antiforgery.Cookie.SameSite = SameSiteMode.Strict;
            antiforgery.SuppressXFrameOptionsHeader = true;
        });
        services.AddRazorComponents().AddInteractiveServerComponents(static circuits =>
        {
            // A page that lost its connection comes back within this time and goes on, or begins anew.
            circuits.DisconnectedCircuitMaxRetained = 4;
            circuits.DisconnectedCircuitRetentionPeriod = TimeSpan.FromSeconds(30);
        }).AddHubOptions(static hub => hub.MaximumReceiveMessageSize = MaxMessageBytes);

        // Keys that protect what a page sends back live as long as the process: nothing is written to a home directory.
        services.Replace(ServiceDescriptor.Singleton<IDataProtectionProvider, EphemeralDataProtectionProvider>());
        services.AddSingleton<OpenPages>();
        services.AddSingleton<CircuitHandler, PageCounter>();
        services.AddMudServices(static library =>
            library.SnackbarConfiguration.PositionClass = MudBlazor.Defaults.Classes.Position.BottomRight);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<SharedNodes>();
        services.AddSingleton<SignOuts>();
        services.AddSingleton<SignInDesk>();
        services.AddScoped<Visitor>();
        services.AddScoped(static page => page.GetRequiredService<SharedNodes>().ClientOf(page.GetRequiredService<Visitor>()));
        services.AddScoped(static page => page.GetRequiredService<SharedNodes>()
            .FeedOf(page.GetRequiredService<Visitor>(), page.GetRequiredService<NodeClient>()));
        services.AddScoped(static page => new LabClient(
            page.GetRequiredService<SharedNodes>().Anonymous, page.GetRequiredService<DashboardSettings>()));
        services.AddScoped<PageState>();
        return services;
    }
}
