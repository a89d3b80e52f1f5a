using System.Buffers;
using System.Collections.Concurrent;
using Google.Protobuf;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using RaftKv.Core;
using RaftKv.Doors.Grpc;
using RaftKv.Doors.Http;
using RaftKv.Doors.JsonGateway.Json;

namespace RaftKv.Doors.JsonGateway;

/// <summary>
/// etcd's JSON gateway as one middleware: the methods of the gRPC door with JSON of the same messages, in the forms of
/// etcd 3.4. Any thread.
/// </summary>
internal sealed partial class GatewayServer
{
    // The client has ended both ways: nobody is left to be told.
    private static readonly GrpcException _gone = new(GrpcCode.Cancelled, "context canceled");

    private readonly GatewayRoutes _routes;
    private readonly ConcurrentDictionary<RpcContext, bool> _streams = new();
    private readonly ICallAdmission _admission;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly bool _allowsAll;
    private GrpcException? _endReason;

    /// <param name="allowsAll">Any page may ask, as with etcd's default --cors.</param>
    public GatewayServer(GatewayRoutes routes, ICallAdmission admission, TimeProvider time, ILogger logger, bool allowsAll = false)
    {
        _admission = admission;
        _allowsAll = allowsAll;
        _routes = routes;
        _time = time;
        _logger = logger;
    }

    /// <summary>Handles a request, or gives it to the next in line when its path is not of this door.</summary>
    public Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        string path = http.Request.Path.Value ?? "";
        if (!GatewayRoutes.IsGateway(path))
        {
            return next(http);
        }

        if (_allowsAll)
        {
            OriginGuard.Allow(http.Response.Headers, "*");
        }

        if (HttpMethods.IsOptions(http.Request.Method))
        {
            return Task.CompletedTask;
        }

        RpcMethod? method = _routes.Find(path);
        if (method is null)
        {
            return GatewayAnswers.SendTextAsync(http, StatusCodes.Status404NotFound, "Not Found\n");
        }

        if (method is StreamMethod frames && GatewayWebSocket.IsAsked(http))
        {
            return GatewayWebSocket.CanBe(http)
                ? WebSocketAsync(http, frames)
                : GatewayAnswers.SendTextAsync(http, StatusCodes.Status400BadRequest, "Bad Request\n");
        }

        if (!HttpMethods.IsPost(http.Request.Method))
        {
            return GatewayAnswers.SendTextAsync(http, StatusCodes.Status405MethodNotAllowed, "Method Not Allowed\n");
        }

        return method is StreamMethod stream ? StreamAsync(http, stream) : AnswerAsync(http, (UnaryMethod)method);
    }

    /// <summary>
    /// Ends all open streams with an error, so that their connections can close in good order; streams that come later end
    /// at once.
    /// </summary>
    public void EndStreams(GrpcException reason)
    {
        Volatile.Write(ref _endReason, reason);
        foreach (RpcContext stream in _streams.Keys)
        {
            stream.EndEarly(reason);
        }
    }

    private async Task AnswerAsync(HttpContext http, UnaryMethod method)
    {
        var context = new RpcContext(http, _time, asked: null);
        try
        {
            await _admission.AdmitAsync(context, method);
            byte[] body = await GatewayBody.ReadAllAsync(http);
            IMessage answer = await method.AnswerAsync(context, ProtoJsonReader.Read(method.Request, body));
            if (answer.CalculateSize() > ProtoJsonStream.LargeBytes)
            {
                http.Response.StatusCode = StatusCodes.Status200OK;
                http.Response.ContentType = "application/json";
                await ProtoJsonStream.WriteAsync(http.Response.BodyWriter, answer);
                return;
            }

            var json = new ArrayBufferWriter<byte>(512);
            ProtoJsonWriter.Write(json, answer);
            await GatewayAnswers.SendJsonAsync(http, StatusCodes.Status200OK, json.WrittenMemory);
        }
        catch (Exception e) when (ToError(method, http, e) is { } error)
        {
            if (http.Response.HasStarted)
            {
                // Half an answer is out; only the end of the connection says so.
                http.Abort();
                return;
            }

            await GatewayAnswers.SendErrorAsync(http, error);
        }
        finally
        {
            context.End();
        }
    }

    private async Task StreamAsync(HttpContext http, StreamMethod method)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }

        if (http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }

        RpcContext context = Track(http);
        var sink = new GatewaySink(http);
        try
        {
            await _admission.AdmitAsync(context, method);
            await method.StreamAsync(context, new GatewaySource(http.Request.BodyReader, method.Request), sink);
            sink.End();
        }
        catch (GoJsonException e) when (!http.Response.HasStarted)
        {
            // Before the stream has begun, etcd's gateway gives the decoder's error in the form of a single answer; it
            // calls it unknown, which is a 500, and it is the caller's.
            await GatewayAnswers.SendErrorAsync(http, new GrpcException(GrpcCode.InvalidArgument, e.Message));
        }
        catch (Exception e) when (ToError(method, http, e) is { } error)
        {
            await sink.EndWithErrorAsync(context.EndReason ?? error);
        }
        finally
        {
            Forget(context);
        }
    }

    private RpcContext Track(HttpContext http)
    {
        var context = new RpcContext(http, _time, asked: null);
        context.AllowEarlyEnd();
        _streams.TryAdd(context, true);

        // Looked at after the stream is to be found, so that none slips through in between.
        if (Volatile.Read(ref _endReason) is { } reason)
        {
            context.EndEarly(reason);
        }

        return context;
    }

    private void Forget(RpcContext context)
    {
        _streams.TryRemove(context, out _);
        context.End();
    }

    private async Task WebSocketAsync(HttpContext http, StreamMethod method)
    {
        RpcContext context = Track(http);
        using GatewayWebSocket socket = await GatewayWebSocket.AcceptAsync(http);

        // Not the call's own end: a websocket whose read is taken back is dropped, and the last word with it.
        using var reader = new CancellationTokenSource();
        Task reading = ReadFramesAsync(socket, context, reader.Token);
        GrpcException? error = null;
        try
        {
            await _admission.AdmitAsync(context, method);
            await method.StreamAsync(context, new GatewaySource(socket.Documents, method.Request), socket);
        }
        catch (Exception e) when (ToError(method, http, e) is { } told)
        {
            error = context.EndReason ?? told;
        }
        finally
        {
            await socket.EndAsync(ReferenceEquals(error, _gone) ? null : error);
            await reader.CancelAsync();
            await reading;
            Forget(context);
        }
    }

    // Unlike the end of a body, the end of a websocket is the end of both ways.
    private static async Task ReadFramesAsync(GatewayWebSocket socket, RpcContext context, CancellationToken cancellationToken)
    {
        await socket.ReadFramesAsync(cancellationToken);
        context.EndEarly(_gone);
    }

    // Null: nobody is left to be told, or the node is broken; then the exception goes its way.
    private GrpcException? ToError(RpcMethod method, HttpContext http, Exception e)
    {
        switch (e)
        {
            case GrpcException error:
                return error;
            case GoJsonException error:
                return new GrpcException(GrpcCode.InvalidArgument, error.Message);
            case InvariantViolationException:
                return null;
            case var _ when http.RequestAborted.IsCancellationRequested:
                return new GrpcException(GrpcCode.Cancelled, "context canceled");
            case BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }:
                return GatewayStatus.RequestTooLarge();
            case BadHttpRequestException:
                return new GrpcException(GrpcCode.InvalidArgument, "unexpected EOF");
            case OperationCanceledException:
                return new GrpcException(GrpcCode.Unavailable, "transport is closing");
            default:
                LogDefect(_logger, method.Path, e);
                return new GrpcException(
                    GrpcCode.Internal, "raftkv: the server failed on this call; its log has the reason. A write may have been applied.");
        }
    }

    [LoggerMessage(3202, LogLevel.Error, "A call of {Method} through the gateway failed because of a defect of the server")]
    private static partial void LogDefect(ILogger logger, string method, Exception exception);
}
