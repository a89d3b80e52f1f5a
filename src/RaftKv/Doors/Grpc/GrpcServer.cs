using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Globalization;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using RaftKv.Core;

namespace RaftKv.Doors.Grpc;

/// <summary>
/// The gRPC door as one middleware: finds the method, runs it, and ends the call with its status. Any thread.
/// </summary>
internal sealed partial class GrpcServer
{
    private const string ContentType = "application/grpc";

    private readonly FrozenDictionary<string, RpcMethod> _methods;
    private readonly FrozenSet<string> _services;
    private readonly GrpcMetrics _metrics;
    private readonly ICallRule _rule;
    private readonly ICallAdmission _admission;
    private readonly ConcurrentDictionary<RpcContext, RpcMethod> _streams = new();
    private GrpcException? _endReason;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    public GrpcServer(
        IEnumerable<RpcMethod> methods, GrpcMetrics metrics, ICallRule rule, ICallAdmission admission, TimeProvider time, ILogger logger)
    {
        _admission = admission;
        _rule = rule;
        _metrics = metrics;
        _methods = methods.ToFrozenDictionary(static method => method.Path, StringComparer.Ordinal);
        _services = _methods.Values.Select(static method => method.Service).ToFrozenSet(StringComparer.Ordinal);
        _time = time;
        _logger = logger;
    }

    /// <summary>True when a request is a gRPC call, whichever method it asks for.</summary>
    public static bool IsCall(HttpContext context) =>
        HttpProtocol.IsHttp2(context.Request.Protocol)
        && context.Request.ContentType is { } type
        && type.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase)
        && (type.Length == ContentType.Length || type[ContentType.Length] is '+' or ';');

    /// <summary>Handles a call from its first to its last byte.</summary>
    public Task InvokeAsync(HttpContext http)
    {
        http.Response.ContentType = ContentType;
        if (!TryBegin(http, out RpcMethod? method, out TimeSpan? timeout, out GrpcException? refusal))
        {
            End(http, refusal!.Code, refusal.Detail);
            return Task.CompletedTask;
        }

        RpcContext context = method!.IsStream ? new RpcContext(http, _time, timeout) : StreamContexts.Take(http, _time, timeout);
        context.Metrics = _metrics;
        context.IsGzip = EncodingOf(http) == GrpcGzip.Name;
        return RunAsync(http, method, context, _metrics.Started(method));
    }

    /// <summary>
    /// Ends all open streams with an error, so that their connections can close in good order: the web server has told
    /// the clients by then to call elsewhere. Streams that come later end at once.
    /// </summary>
    public void EndStreams(GrpcException reason)
    {
        Volatile.Write(ref _endReason, reason);
        foreach (RpcContext stream in _streams.Keys)
        {
            stream.EndEarly(reason);
        }
    }

    // One state machine for all that is alike for every call: each more would be garbage of each call.
    private async Task RunAsync(HttpContext http, RpcMethod method, RpcContext context, long startedAt)
    {
        GrpcCode code;
        try
        {
            if (method.IsStream)
            {
                context.AllowEarlyEnd();
            }

            await _admission.AdmitAsync(context, method);
            _rule.Begin(context, method);
            try
            {
                if (method.IsStream)
                {
                    LiftLimits(http);
                    Track(context, method);
                }

                await method.RunAsync(http, context);
            }
            finally
            {
                Untrack(context, method);
            }

            code = End(http, GrpcCode.Ok, "");
        }
        catch (GrpcException e)
        {
            code = Refuse(http, context, e);
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested)
        {
            // The caller took the call back or went away: nobody is left to be told.
            code = GrpcCode.Cancelled;
        }
        catch (OperationCanceledException) when (context.EndReason is not null)
        {
            code = End(http, context.EndReason.Code, context.EndReason.Detail);
        }
        catch (OperationCanceledException)
        {
            code = End(http, GrpcCode.DeadlineExceeded, "context deadline exceeded");
        }
        catch (BadHttpRequestException)
        {
            code = End(http, GrpcCode.Internal, "grpc: the stream broke off");
        }
        catch (Exception e) when (e is not InvariantViolationException)
        {
            LogDefect(_logger, method.Path, e);
            code = End(http, GrpcCode.Internal,
                "raftkv: the server failed on this call; its log has the reason. A write may have been applied.");
        }

        _metrics.Ended(method, code, startedAt);
        context.End();
    }

    private void Untrack(RpcContext context, RpcMethod method)
    {
        if (method.IsStream)
        {
            _streams.TryRemove(context, out _);
        }

        _rule.End(context, method);
    }

    private void Track(RpcContext context, RpcMethod method)
    {
        _streams.TryAdd(context, method);

        // Looked at after the stream is to be found, so that none slips through in between.
        if (Volatile.Read(ref _endReason) is { } reason)
        {
            context.EndEarly(reason);
        }
    }

    private static string EncodingOf(HttpContext http) => http.Request.Headers["grpc-encoding"].ToString();

    private static GrpcCode Refuse(HttpContext http, RpcContext context, GrpcException e)
    {
        // What failed because the caller's time was over is said so, whatever the service made of it.
        if (e.Code == GrpcCode.Unavailable && context.IsPastDeadline)
        {
            return End(http, GrpcCode.DeadlineExceeded, "context deadline exceeded");
        }

        if (e.RetryAfterSeconds is { } seconds && !http.Response.HasStarted)
        {
            // gRPC's own word for it (gRFC A6).
            http.Response.Headers["grpc-retry-pushback-ms"] = (seconds * 1000).ToString(CultureInfo.InvariantCulture);
        }

        return End(http, e.Code, e.Detail);
    }

    // Before the first message the status stands in the head and the answer ends there; after it, in the trailers.
    private static GrpcCode End(HttpContext http, GrpcCode code, string detail)
    {
        HttpResponse response = http.Response;
        bool isHeadOnly = code != GrpcCode.Ok && !response.HasStarted;
        string status = code == GrpcCode.Ok ? "0" : ((int)code).ToString(CultureInfo.InvariantCulture);
        if (isHeadOnly)
        {
            response.Headers["grpc-status"] = status;
            response.Headers["grpc-message"] = GrpcMessageText.Encode(detail);
            return code;
        }

        response.AppendTrailer("grpc-status", status);
        if (detail.Length > 0)
        {
            response.AppendTrailer("grpc-message", GrpcMessageText.Encode(detail));
        }

        return code;
    }

    // A stream may be silent for as long as it likes, and have any number of messages.
    private static void LiftLimits(HttpContext http)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }

        if (http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }
    }

    private bool TryBegin(HttpContext http, out RpcMethod? method, out TimeSpan? timeout, out GrpcException? refusal)
    {
        timeout = null;
        refusal = null;
        string path = http.Request.Path.Value ?? "";
        if (!_methods.TryGetValue(path, out method))
        {
            refusal = NotServed(path);
            return false;
        }

        IHeaderDictionary headers = http.Request.Headers;
        if (EncodingOf(http) is not ("" or "identity" or GrpcGzip.Name))
        {
            http.Response.Headers["grpc-accept-encoding"] = "identity,gzip";
            refusal = new GrpcException(GrpcCode.Unimplemented,
                "grpc: Decompressor is not installed for grpc-encoding; this server takes identity and gzip");
            return false;
        }

        string asked = headers["grpc-timeout"].ToString();
        if (asked.Length == 0)
        {
            return true;
        }

        if (!GrpcTimeout.TryParse(asked, out TimeSpan parsed))
        {
            refusal = new GrpcException(GrpcCode.Internal,
                "malformed grpc-timeout: it has at most eight digits and one of H, M, S, m, u, n");
            return false;
        }

        timeout = parsed;
        return true;
    }

    private GrpcException NotServed(string path)
    {
        string[] parts = path.Split('/');
        if (parts.Length != 3)
        {
            return new GrpcException(GrpcCode.Unimplemented, $"malformed method name: \"{path}\"");
        }

        return new GrpcException(
            GrpcCode.Unimplemented,
            _services.Contains(parts[1]) ? $"unknown method {parts[2]} for service {parts[1]}" : $"unknown service {parts[1]}");
    }

    [LoggerMessage(3201, LogLevel.Error, "A call of {Method} failed because of a defect of the server")]
    private static partial void LogDefect(ILogger logger, string method, Exception exception);
}
