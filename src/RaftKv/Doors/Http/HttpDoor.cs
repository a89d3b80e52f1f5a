using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using RaftKv.Core;
using RaftKv.Service;
using RaftKv.Service.Refusals;

namespace RaftKv.Doors.Http;

/// <summary>
/// The doors that speak plain HTTP as one middleware: finds the route, runs its handler, and turns whatever goes wrong
/// into a problem. Put first in the pipeline, so that a read or a write passes nothing else on its way. Any thread.
/// </summary>
internal sealed partial class HttpDoor : IDisposable
{
    private readonly RouteTable _routes;
    private readonly ILogger _logger;

    public HttpDoor(KvService service, RouteTable routes, ILogger logger)
    {
        Service = service;
        _routes = routes;
        _logger = logger;
    }

    public KvService Service { get; }

    /// <summary>Passes reads on to the leader.</summary>
    public Forwarder Forwarder { get; } = new();

    /// <summary>Handles a request, or gives it to the next in line when its path is not of this door.</summary>
    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        RequestTarget target = RequestTarget.Split(context.Features.Get<IHttpRequestFeature>()!.RawTarget);
        HttpRoute? route = _routes.Match(target.Path, context.Request.Method);
        if (route is null)
        {
            return NextOnPoolAsync(context, next);
        }

        int tail = route.HasTail ? route.Prefix.Length : target.Path.Length;
        var exchange = new Exchange(Service, Forwarder, context, target, tail, route.Suffix.Length);
        HttpHandler handler = route.HandlerOf(context.Request.Method);
        return route.IsQuick ? RunAsync(exchange, handler) : RunOnPoolAsync(exchange, handler);
    }

    /// <summary>Answers a path that nobody took.</summary>
    public Task RefusePathAsync(HttpContext context)
    {
        RequestTarget target = RequestTarget.Split(context.Features.Get<IHttpRequestFeature>()!.RawTarget);
        var exchange = new Exchange(Service, Forwarder, context, target, target.Path.Length);
        return ProblemWriter.SendAsync(
            exchange, new ApiError(ErrorCode.NotFound, "Nothing is served at this path. /swagger shows what is."));
    }

    /// <inheritdoc/>
    public void Dispose() => Forwarder.Dispose();

    private static async Task NextOnPoolAsync(HttpContext context, RequestDelegate next)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        await next(context);
    }

    // Requests arrive on the thread that polls the sockets: what may take longer than one key must not hold up the
    // others there.
    private async Task RunOnPoolAsync(Exchange exchange, HttpHandler handler)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        await RunAsync(exchange, handler);
    }

    private async Task RunAsync(Exchange exchange, HttpHandler handler)
    {
        try
        {
            await handler(exchange);
        }
        catch (ApiException e)
        {
            await exchange.RefuseAsync(e.Error);
        }
        catch (BadHttpRequestException e)
        {
            await exchange.RefuseAsync(ErrorMapper.FromHttpStatus(e.StatusCode));
        }
        catch (Exception e) when (HasHungUp(exchange.Http, e))
        {
            // The client hung up. What it had proposed goes its way; nobody is left to be told.
        }
        catch (Exception e) when (e is not InvariantViolationException)
        {
            LogDefect(_logger, exchange.Http.Request.Method, e);
            await exchange.RefuseAsync(new ApiError(
                ErrorCode.InternalError, "The server failed on this request; its log has the reason. A write may have been applied."));
        }
    }

    // The exception may come before the word that the connection has gone.
    private static bool HasHungUp(HttpContext context, Exception e) =>
        e is ConnectionResetException or ConnectionAbortedException
        || (e is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested);

    [LoggerMessage(3101, LogLevel.Error, "A {Method} request failed because of a defect of the server")]
    private static partial void LogDefect(ILogger logger, string method, Exception exception);
}
