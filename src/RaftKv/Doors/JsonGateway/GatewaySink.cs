using System.Buffers;
using System.IO.Pipelines;
using Google.Protobuf;
using Microsoft.AspNetCore.WebUtilities;
using RaftKv.Doors.Grpc;

namespace RaftKv.Doors.JsonGateway;

/// <summary>
/// Answers of a stream: each as {"result":…} and a newline, in one piece and flushed, since clients take one chunk for
/// one document.
/// </summary>
internal sealed class GatewaySink : IMessageSink<IMessage>
{
    private readonly HttpContext _http;
    private readonly ArrayBufferWriter<byte> _buffer = new(512);

    public GatewaySink(HttpContext http) => _http = http;

    /// <inheritdoc/>
    public async ValueTask WriteAsync(IMessage message, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _buffer.ResetWrittenCount();
        GatewayAnswers.WriteResult(_buffer, message);
        _buffer.Write("\n"u8);
        Begin(StatusCodes.Status200OK);
        FlushResult flushed = await _http.Response.BodyWriter.WriteAsync(_buffer.WrittenMemory, cancellationToken);
        if (flushed.IsCompleted || flushed.IsCanceled)
        {
            throw new OperationCanceledException("The caller has gone away.");
        }
    }

    /// <summary>Ends a stream that went well, with or without messages.</summary>
    public void End() => Begin(StatusCodes.Status200OK);

    /// <summary>Ends the stream with an error; its status shows only when nothing was sent before.</summary>
    public async Task EndWithErrorAsync(GrpcException error)
    {
        int status = GatewayStatus.Of(error.Code);
        _buffer.ResetWrittenCount();
        GatewayAnswers.WriteStreamError(_buffer, error);
        Begin(status);
        await _http.Response.BodyWriter.WriteAsync(_buffer.WrittenMemory, CancellationToken.None);
    }

    private void Begin(int status)
    {
        if (!_http.Response.HasStarted)
        {
            _http.Response.StatusCode = status;
            _http.Response.ContentType = "application/json";
        }
    }
}
