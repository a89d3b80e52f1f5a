using Microsoft.AspNetCore.Server.Kestrel.Core;
using RaftKv.Doors.Etcd;
using RaftKv.Doors.Etcd.Calls;
using RaftKv.Doors.Grpc;
using RaftKv.Doors.OpenApi;
using RaftKv.Node;
using RaftKv.Service;

namespace RaftKv.Doors.Rest;

/// <summary>How a host opens the REST door.</summary>
public static class RestApi
{
    /// <summary>Registers what the API document needs. Nothing is built before its first request.</summary>
    public static void AddRaftKvApi(this IServiceCollection services) => services.AddRaftKvOpenApi();

    /// <summary>
    /// Puts the door into the pipeline: call it before anything else is added to <paramref name="app"/>, so that
    /// requests reach it first.
    /// Endpoints that the host maps otherwise keep working; paths that nobody takes are answered with a problem.
    /// </summary>
    /// <param name="node">The node; started before the first request comes.</param>
    public static void MapRaftKvApi(this WebApplication app, INode node, RestApiOptions? options = null)
    {
        options ??= new RestApiOptions();
        var server = new RestServer(node, options, app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("RaftKv.Doors.Rest"));
        app.Lifetime.ApplicationStopped.Register(server.Dispose);
        var etcd = new EtcdApi(server, app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("RaftKv.Doors.Etcd"));
        app.Lifetime.ApplicationStopped.Register(etcd.Dispose);
        app.Lifetime.ApplicationStopping.Register(() => etcd.Grpc.EndStreams(EtcdErrors.Stopped()));
        app.Use(next => context => GrpcServer.IsCall(context) ? etcd.Grpc.InvokeAsync(context) : server.InvokeAsync(context, next));
        app.Use(next => context => etcd.Gateway.InvokeAsync(context, next));
        if (options.IsSwaggerEnabled)
        {
            var pages = new ApiPages(app.Services, etcd.Routes);
            app.Use(next => context => pages.InvokeAsync(context, next));
        }

        // Said explicitly, routing starts here and not in front of everything.
        app.UseRouting();
        app.MapFallback("{*path}", server.RefusePathAsync);
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
