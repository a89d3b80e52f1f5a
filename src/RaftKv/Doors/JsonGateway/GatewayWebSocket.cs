using System.Buffers;
using System.IO.Pipelines;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using Microsoft.AspNetCore.Http.Features;
using RaftKv.Doors.Grpc;

namespace RaftKv.Doors.JsonGateway;

/// <summary>
/// A stream of the gateway over a websocket, as etcd's proxy before its gateway gives it: a text frame for each JSON
/// document, both ways. One flow reads frames, one stream writes them.
/// </summary>
internal sealed class GatewayWebSocket : IMessageSink<IMessage>, IDisposable
{
    // RFC 6455, 4.2.2.
    private const string HandshakeGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private const int ReadBytes = 4096;

    // A peer that answers no ping for as long is gone.
    private static readonly TimeSpan _silence = TimeSpan.FromSeconds(30);

    private readonly WebSocket _socket;
    private readonly ArrayBufferWriter<byte> _buffer = new(512);

    // Its writer waits when a document is not taken: the limit on one document is the reader's.
    private readonly Pipe _documents = new();

    private GatewayWebSocket(WebSocket socket) => _socket = socket;

    /// <summary>What the client says, document by document.</summary>
    public PipeReader Documents => _documents.Reader;

    /// <summary>True when a request asks to become a websocket.</summary>
    public static bool IsAsked(HttpContext http) =>
        HttpMethods.IsGet(http.Request.Method)
        && http.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true }
        && http.Request.Headers.Upgrade.ToString().Equals("websocket", StringComparison.OrdinalIgnoreCase);

    /// <summary>True when it says what the protocol's version needs.</summary>
    public static bool CanBe(HttpContext http) =>
        http.Request.Headers.SecWebSocketVersion == "13"
        && http.Request.Headers.SecWebSocketKey is { Count: 1 } key
        && key[0] is { Length: 24 } text
        && Convert.TryFromBase64String(text, new byte[18], out int bytes) && bytes == 16;

    /// <summary>Answers 101.</summary>
    public static async Task<GatewayWebSocket> AcceptAsync(HttpContext http)
    {
        TakeToken(http);
        byte[] proof = SHA1.HashData(Encoding.ASCII.GetBytes(http.Request.Headers.SecWebSocketKey + HandshakeGuid));
        http.Response.Headers.Upgrade = "websocket";
        http.Response.Headers.Connection = "Upgrade";
        http.Response.Headers.SecWebSocketAccept = Convert.ToBase64String(proof);
        Stream stream = await http.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
        return new GatewayWebSocket(WebSocket.CreateFromStream(
            stream, new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = _silence, KeepAliveTimeout = _silence }));
    }

    /// <summary>Reads frames until the client closes or goes; never faults.</summary>
    public async Task ReadFramesAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                ValueWebSocketReceiveResult read = await _socket.ReceiveAsync(_documents.Writer.GetMemory(ReadBytes), cancellationToken);
                if (read.MessageType == WebSocketMessageType.Close)
                {
                    break;
                }

                _documents.Writer.Advance(read.Count);
                if (read.EndOfMessage)
                {
                    _documents.Writer.Write("\n"u8);
                }

                if ((await _documents.Writer.FlushAsync(cancellationToken)).IsCompleted)
                {
                    break;
                }
            }
        }
        catch (Exception e) when (e is WebSocketException or IOException or OperationCanceledException)
        {
            // Gone without a word.
        }
        finally
        {
            await _documents.Writer.CompleteAsync();
        }
    }

    /// <inheritdoc/>
    public ValueTask WriteAsync(IMessage message, CancellationToken cancellationToken)
    {
        _buffer.ResetWrittenCount();
        GatewayAnswers.WriteResult(_buffer, message);
        return SendAsync(cancellationToken);
    }

    /// <summary>Says goodbye, after an error when there is one; a client that has gone is not missed.</summary>
    public async Task EndAsync(GrpcException? error)
    {
        using var patience = new CancellationTokenSource(_silence);
        try
        {
            if (error is not null)
            {
                _buffer.ResetWrittenCount();
                GatewayAnswers.WriteStreamError(_buffer, error);
                await SendAsync(patience.Token);
            }

            await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, statusDescription: null, patience.Token);
        }
        catch (Exception e) when (e is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            _socket.Abort();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    // A page can send no header of its own with a websocket, so the token stands after the word Bearer in the list of
    // protocols, as etcd's proxy takes it.
    private static void TakeToken(HttpContext http)
    {
        string[] protocols = http.Request.Headers.GetCommaSeparatedValues("Sec-WebSocket-Protocol");
        if (protocols is not ["Bearer", ..])
        {
            return;
        }

        http.Response.Headers.SecWebSocketProtocol = protocols[0];
        if (protocols.Length == 2 && http.Request.Headers.Authorization.Count == 0)
        {
            http.Request.Headers.Authorization = "Bearer " + protocols[1];
        }
    }

    private async ValueTask SendAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _socket.SendAsync(_buffer.WrittenMemory, WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
        }
        catch (Exception e) when (e is WebSocketException or IOException)
        {
            throw new OperationCanceledException("The caller has gone away.", e);
        }
    }
}
