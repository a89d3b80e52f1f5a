using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using RaftKv.Core;
using RaftKv.Core.Replica;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Diagnostics;
using RaftKv.Doors.Http;
using RaftKv.Node;
using RaftKv.Service;
using RaftKv.Service.Operations;
using RaftKv.Service.Reads;
using RaftKv.Service.Refusals;
using RaftKv.Service.Sessions;

namespace RaftKv.Doors.Rest;

/// <summary>
/// The REST door as one middleware: finds the route, runs its handler, and turns whatever goes wrong into a problem.
/// Put first in the pipeline, so that a read or a write passes nothing else on its way. Any thread.
/// </summary>
internal sealed partial class RestServer : IDisposable
{
    // Until restores exist there is one history only.
    private const ulong RestoreIncarnation = 0;

    private readonly ILogger _logger;
    private readonly Forwarder _forwarder = new();
    private ViewFacts? _facts;
    private SessionTokens? _tokens;
    private ClusterKeys? _keys;

    public RestServer(INode node, RestApiOptions options, ILogger logger)
    {
        Node = node;
        Options = options;
        _logger = logger;
        NodeName = ViewFacts.HeaderText(node.Identity.Name, node.Identity.Id);
        Metrics = options.Metrics ?? new ServerMetrics();
        NodeGauges.Register(Metrics.Registry, node);
        ProcessGauges.Register(Metrics.Registry);
        Operations = new OperationTable(node, options, Metrics);
        Answers = new AnswerRoom(node.Budget.AnswerBytes);
        Metrics.Registry.Gauge("raftkv_answer_bytes", "Memory of large answers under way.", sink => sink.Set(Answers.UsedBytes));
    }

    /// <summary>Version of the product, without build metadata.</summary>
    public static string ProductVersion { get; } = typeof(RestServer).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";

    public INode Node { get; }

    public RestApiOptions Options { get; }

    public TimeProvider Time => Options.Time;

    /// <summary>The node's name, fit for a header.</summary>
    public string NodeName { get; }

    public OperationTable Operations { get; }

    /// <summary>Where large answers, of all doors, have their memory from.</summary>
    public AnswerRoom Answers { get; }

    /// <summary>Idempotency keys of writes that are under way here.</summary>
    public KeysInFlight KeysInFlight { get; } = new();

    /// <summary>What /metrics shows.</summary>
    public ServerMetrics Metrics { get; }

    /// <summary>What this node signs with; null until it has heard of its cluster's key.</summary>
    public ClusterKeys? Keys
    {
        get
        {
            if (_keys is not null)
            {
                return _keys;
            }

            // The key never changes once it is set. A race makes the same keys twice.
            ReadOnlyMemory<byte> clusterKey = Node.View.ClusterKey;
            return clusterKey.IsEmpty ? null : _keys = new ClusterKeys(clusterKey);
        }
    }

    /// <summary>The cluster's session tokens; null until the node has heard of the cluster's key.</summary>
    public SessionTokens? Tokens =>
        _tokens ?? (Keys is { } keys ? _tokens = new SessionTokens(keys, Node.Identity.ClusterId, RestoreIncarnation) : null);

    /// <summary>Handles a request, or gives it to the next in line when its path is not of this door.</summary>
    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        RequestTarget target = RequestTarget.Split(context.Features.Get<IHttpRequestFeature>()!.RawTarget);
        RestRoute? route = RestRoutes.Match(target.Path, context.Request.Method);
        if (route is null)
        {
            return NextOnPoolAsync(context, next);
        }

        var exchange = new Exchange(this, context, target, route.HasTail ? route.Prefix.Length : target.Path.Length, route.Suffix.Length);
        RestHandler handler = route.HandlerOf(context.Request.Method);
        return route.IsQuick ? RunAsync(exchange, handler) : RunOnPoolAsync(exchange, handler);
    }

    /// <summary>Answers a path that nobody took.</summary>
    public Task RefusePathAsync(HttpContext context)
    {
        RequestTarget target = RequestTarget.Split(context.Features.Get<IHttpRequestFeature>()!.RawTarget);
        var exchange = new Exchange(this, context, target, target.Path.Length);
        return ProblemWriter.SendAsync(
            exchange, new ApiError(ErrorCode.NotFound, "Nothing is served at this path. /swagger shows what is."));
    }

    /// <summary>The header texts of a view, shared while view and status stay the same.</summary>
    public ViewFacts FactsOf(StoreView view)
    {
        // A race makes the texts twice and keeps either: both are right.
        ViewFacts? facts = _facts;
        ReplicaStatus status = Node.Status;
        if (facts is not null && ReferenceEquals(facts.View, view) && ReferenceEquals(facts.Status, status))
        {
            return facts;
        }

        facts = new ViewFacts(Node, view, status);
        _facts = facts;
        return facts;
    }

    /// <inheritdoc/>
    public void Dispose() => _forwarder.Dispose();

    private static async Task NextOnPoolAsync(HttpContext context, RequestDelegate next)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        await next(context);
    }

    // Requests arrive on the thread that polls the sockets: what may take longer than one key must not hold up the
    // others there.
    private async Task RunOnPoolAsync(Exchange exchange, RestHandler handler)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        await RunAsync(exchange, handler);
    }

    private async Task RunAsync(Exchange exchange, RestHandler handler)
    {
        try
        {
            await handler(exchange);
        }
        catch (ApiException e)
        {
            await SendProblemAsync(exchange, e.Error);
        }
        catch (ForwardingException e)
        {
            await ForwardAsync(exchange, e.Leader);
        }
        catch (BadHttpRequestException e)
        {
            await SendProblemAsync(exchange, ErrorMapper.FromHttpStatus(e.StatusCode));
        }
        catch (Exception e) when (HasHungUp(exchange.Context, e))
        {
            // The client hung up. What it had proposed goes its way; nobody is left to be told.
        }
        catch (Exception e) when (e is not InvariantViolationException)
        {
            LogDefect(_logger, exchange.Context.Request.Method, e);
            await SendProblemAsync(
                exchange,
                new ApiError(ErrorCode.InternalError, "The server failed on this request; its log has the reason. A write may have been applied."));
        }
    }

    // The exception may come before the word that the connection has gone.
    private static bool HasHungUp(HttpContext context, Exception e) =>
        e is ConnectionResetException or ConnectionAbortedException
        || (e is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested);

    private async Task ForwardAsync(Exchange exchange, Uri leader)
    {
        try
        {
            await _forwarder.SendAsync(exchange, leader);
        }
        catch (Exception) when (exchange.Context.RequestAborted.IsCancellationRequested)
        {
            // The client hung up.
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            await SendProblemAsync(exchange, ReadFlow.Unmet(
                exchange, exchange.Terms.Read, "The leader did not answer the read that was passed on to it. Try again, or ask another node.").Error);
        }
    }

    private static Task SendProblemAsync(Exchange exchange, ApiError error)
    {
        if (!exchange.Context.Response.HasStarted)
        {
            // Headers of an answer that was about to be sent don't belong to the error.
            exchange.Context.Response.Clear();
            return ProblemWriter.SendAsync(exchange, error);
        }

        // Half an answer is out: only breaking the connection tells the client that the rest is missing.
        exchange.Context.Abort();
        return Task.CompletedTask;
    }

    [LoggerMessage(3101, LogLevel.Error, "A {Method} request failed because of a defect of the server")]
    private static partial void LogDefect(ILogger logger, string method, Exception exception);
}
