using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using RaftKv.Core;
using RaftKv.Security.Tls;
using RaftKv.Service;
using RaftKv.Service.Access;
using RaftKv.Service.Refusals;
using RaftKv.Service.Shares;

namespace RaftKv.Doors.Http;

/// <summary>
/// The doors that speak plain HTTP as one middleware: finds the route, runs its handler, and turns whatever goes wrong
/// into a problem. Put first in the pipeline, so that a read or a write passes nothing else on its way. Any thread.
/// </summary>
internal sealed partial class HttpDoor : IDisposable
{
    private readonly RouteTable _routes;
    private readonly Func<string, string, CallRule> _ruleOf;
    private readonly ILogger _logger;

    /// <param name="ruleOf">What a method of a path needs once rights are in force.</param>
    public HttpDoor(
        KvService service, RouteTable routes, Func<string, string, CallRule> ruleOf, ILogger logger, OutgoingTls? tls = null)
    {
        _ruleOf = ruleOf;
        Forwarder = new Forwarder(tls);
        Service = service;
        _routes = routes;
        _logger = logger;
    }

    public KvService Service { get; }

    /// <summary>Passes reads on to the leader.</summary>
    public Forwarder Forwarder { get; }

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
        if (Service.Context.Access.IsOn || Service.Context.Shares.IsOn)
        {
            CallRule rule = _ruleOf(context.Request.Method, route.Template);
            return RunOnPoolAsync(exchange, admitted => AdmitAsync(admitted, rule, handler));
        }

        return route.IsQuick ? RunAsync(exchange, handler) : RunOnPoolAsync(exchange, handler);
    }

    /// <summary>Lets a request for a page on to it once rights are in force: by a rule, as any call.</summary>
    /// <param name="refused">Answers who may not, in place of a problem, when it gives true; nothing was sent before.</param>
    public Task GuardAsync(HttpContext context, CallRule rule, RequestDelegate page, Func<HttpContext, ErrorCode, bool> refused)
    {
        if (!Service.Context.Access.IsOn)
        {
            return page(context);
        }

        RequestTarget target = RequestTarget.Split(context.Features.Get<IHttpRequestFeature>()!.RawTarget);
        var exchange = new Exchange(Service, Forwarder, context, target, target.Path.Length);
        return RunOnPoolAsync(exchange, async admitted =>
        {
            bool isAdmitted = false;
            try
            {
                await AdmitAsync(admitted, rule, _ =>
                {
                    isAdmitted = true;
                    return page(context);
                });
            }
            catch (ApiException e) when (!isAdmitted && refused(context, e.Error.Code))
            {
                // The page has its own way to say so.
            }
        });
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

    // Nothing of a call runs before it is known who makes it, and that its rule lets him.
    private static async Task AdmitAsync(Exchange exchange, CallRule rule, HttpHandler handler)
    {
        if (!exchange.Context.Access.IsOn)
        {
            using CallShare? open = Enter(exchange, rule, Caller.Anonymous);
            await handler(exchange);
            return;
        }

        exchange.Access.Is(Caller.Anonymous, rule);
        if (rule.Need == CallNeed.Nothing)
        {
            await handler(exchange);
            return;
        }

        await IdentifyAsync(exchange, rule);
        using CallShare? share = Enter(exchange, rule, exchange.Access.Caller);
        if (exchange.RefusalToBegin() is { } refusal)
        {
            throw new ApiException(refusal);
        }

        await handler(exchange);
    }

    private static async ValueTask IdentifyAsync(Exchange exchange, CallRule rule)
    {
        try
        {
            Credentials? shown = HttpCredentials.Of(exchange.Http);
            exchange.Access.Is(await exchange.Context.Access.IdentifyAsync(shown, exchange.Origin.Address), rule);
        }
        catch (ApiException e)
        {
            Enter(exchange, rule, Caller.Anonymous)?.Dispose();
            exchange.Refused(e.Error);
            throw;
        }
    }

    // Counts the call for who makes it, before anything of it runs.
    private static CallShare? Enter(Exchange exchange, CallRule rule, Caller caller)
    {
        if (rule.GoesFirst)
        {
            return null;
        }

        ApiError? refusal = exchange.Context.Shares.TryEnter(caller, exchange.Origin.Address, isHeld: true, out CallShare? share);
        exchange.Share = share;
        return refusal is null ? share : throw new ApiException(refusal);
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
