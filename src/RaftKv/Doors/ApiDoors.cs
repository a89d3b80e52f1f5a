using Microsoft.AspNetCore.Server.Kestrel.Core;
using RaftKv.Contract;
using RaftKv.Core.Store.Commands;
using RaftKv.Doors.Dashboard;
using RaftKv.Doors.Etcd;
using RaftKv.Doors.Etcd.Calls;
using RaftKv.Doors.Grpc;
using RaftKv.Doors.Health;
using RaftKv.Doors.Http;
using RaftKv.Doors.JsonGateway;
using RaftKv.Doors.JsonGateway.Document;
using RaftKv.Doors.OpenApi;
using RaftKv.Doors.Rest;
using RaftKv.Node;
using RaftKv.Security.Tls;
using RaftKv.Service;
using RaftKv.Service.Access;
using RaftKv.Service.Calls;

namespace RaftKv.Doors;

/// <summary>How a host opens the doors.</summary>
public static class ApiDoors
{
    /// <summary>Registers what the API document needs. Nothing is built before its first request.</summary>
    public static void AddRaftKvApi(this IServiceCollection services) => services.AddRaftKvOpenApi();

    /// <summary>
    /// Puts the doors into the pipeline: call it before anything else is added to <paramref name="app"/>, so that
    /// requests reach it first.
    /// Endpoints that the host maps otherwise keep working; paths that nobody takes are answered with a problem.
    /// </summary>
    /// <param name="node">The node; started before the first request comes.</param>
    public static void MapRaftKvApi(this WebApplication app, INode node, ApiOptions? options = null)
    {
        options ??= new ApiOptions();
        ILoggerFactory logging = app.Services.GetRequiredService<ILoggerFactory>();
        var service = new KvService(node, options);
        var routes = new RouteTable([.. RestRoutes.All, .. HealthRoutes.All]);
        var http = new HttpDoor(
            service, routes, RestRules.Of, logging.CreateLogger("RaftKv.Doors.Rest"), app.Services.GetService<OutgoingTls>());
        app.Lifetime.ApplicationStopped.Register(http.Dispose);
        ILogger etcdLog = logging.CreateLogger("RaftKv.Doors.Etcd");
        var etcd = new EtcdApi(service, etcdLog);
        app.Lifetime.ApplicationStopped.Register(etcd.Dispose);
        var paths = new GatewayRoutes(etcd.Methods);
        var origins = new OriginGuard(options.AllowedOrigins);
        var gateway = new GatewayServer(paths, etcd.Admission, service.Time, etcdLog, origins.AllowsAll);
        app.Lifetime.ApplicationStopping.Register(() =>
        {
            etcd.Grpc.EndStreams(EtcdErrors.Stopped());
            gateway.EndStreams(EtcdErrors.Stopped());
        });
        app.Use(next => context => origins.InvokeAsync(context, next));
        app.Use(next => context => GrpcServer.IsCall(context) ? etcd.Grpc.InvokeAsync(context) : http.InvokeAsync(context, next));
        app.Use(next => context => gateway.InvokeAsync(context, next));
        if (options.IsSwaggerEnabled)
        {
            var pages = new ApiPages(app.Services, () => GatewayDocument.Build(paths).ToJsonString());
            app.Use(next => context => pages.InvokeAsync(context, next));
        }

        if (options.IsDashboardEnabled)
        {
            var dashboard = new DashboardDoor(app.Services, options.IsDashboardReadOnly, options.LabUrl);
            CallRule rule = CallRule.Of(OperationRights.Dashboard);
            app.Use(next => context => DashboardDoor.IsPage(context) && !DashboardDoor.IsOpen(context)
                ? http.GuardAsync(
                    DashboardDoor.WithCookie(context), rule, admitted => dashboard.InvokeAsync(admitted, next),
                    DashboardDoor.TrySendToSignIn)
                : dashboard.InvokeAsync(context, next));
        }

        // Said explicitly, routing starts here and not in front of everything.
        app.UseRouting();
        app.MapFallback("{*path}", http.RefusePathAsync);
    }

    /// <summary>Sets the limits that the API needs on Kestrel, so that a longest key fits the request line.</summary>
    public static void ConfigureKestrel(KestrelServerOptions kestrel)
    {
        // Three characters a byte when every byte of a longest key is escaped, and room for the rest of the line.
        kestrel.Limits.MaxRequestLineSize = (3 * ApiLimits.MaxKeyBytes) + 8192;
        kestrel.Limits.MaxRequestBodySize = ApiLimits.MaxJsonBodyBytes;
        kestrel.AddServerHeader = false;
    }
}
