using System.Buffers;
using Google.Protobuf;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using RaftKv.Core;
using RaftKv.Doors.Grpc;
using RaftKv.Doors.JsonGateway.Json;

namespace RaftKv.Doors.JsonGateway;

/// <summary>
/// etcd's JSON gateway as one middleware: the methods of the gRPC door with JSON of the same messages, in the forms of
/// etcd 3.4. Any thread.
/// </summary>
internal sealed partial class GatewayServer
{
    private readonly GatewayRoutes _routes;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    public GatewayServer(GatewayRoutes routes, TimeProvider time, ILogger logger)
    {
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

        AllowOrigins(http);
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
            return WebSocketAsync(http, frames);
        }

        if (!HttpMethods.IsPost(http.Request.Method))
        {
            return GatewayAnswers.SendTextAsync(http, StatusCodes.Status405MethodNotAllowed, "Method Not Allowed\n");
        }

        return method is StreamMethod stream ? StreamAsync(http, stream) : AnswerAsync(http, (UnaryMethod)method);
    }

    // As etcd with its default --cors: any page may ask.
    private static void AllowOrigins(HttpContext http)
    {
        IHeaderDictionary headers = http.Response.Headers;
        headers.AccessControlAllowOrigin = "*";
        headers.AccessControlAllowMethods = "POST, GET, OPTIONS, PUT, DELETE";
        headers.AccessControlAllowHeaders = "accept, content-type, authorization";
    }

    private async Task AnswerAsync(HttpContext http, UnaryMethod method)
    {
        var context = new RpcContext(http, _time, asked: null) { IsAnswerBuiltWhole = true };
        try
        {
            byte[] body = await GatewayBody.ReadAllAsync(http);
            IMessage answer = await method.AnswerAsync(context, ProtoJsonReader.Read(method.Request, body));
            var json = new ArrayBufferWriter<byte>(512);
            ProtoJsonWriter.Write(json, answer);
            await GatewayAnswers.SendJsonAsync(http, StatusCodes.Status200OK, json.WrittenMemory);
        }
        catch (Exception e) when (ToError(method, http, e) is { } error)
        {
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

        var context = new RpcContext(http, _time, asked: null);
        var sink = new GatewaySink(http);
        try
        {
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
            await sink.EndWithErrorAsync(error);
        }
        finally
        {
            context.End();
        }
    }

    private async Task WebSocketAsync(HttpContext http, StreamMethod method)
    {
        var context = new RpcContext(http, _time, asked: null);
        context.AllowEarlyEnd();
        using GatewayWebSocket socket = await GatewayWebSocket.AcceptAsync(http);
        Task reading = ReadFramesAsync(socket, context);
        GrpcException? error = null;
        try
        {
            await method.StreamAsync(context, new GatewaySource(socket.Documents, method.Request), socket);
        }
        catch (Exception e) when (ToError(method, http, e) is { } told)
        {
            error = context.EndReason is null ? told : null;
        }
        finally
        {
            await socket.EndAsync(error);
            context.EndEarly(new GrpcException(GrpcCode.Cancelled, "context canceled"));
            await reading;
            context.End();
        }
    }

    // Unlike the end of a body, the end of a websocket is the end of both ways.
    private static async Task ReadFramesAsync(GatewayWebSocket socket, RpcContext context)
    {
        await socket.ReadFramesAsync(context.Cancelled);
        context.EndEarly(new GrpcException(GrpcCode.Cancelled, "context canceled"));
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
