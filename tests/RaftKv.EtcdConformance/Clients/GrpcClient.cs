using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using Google.Protobuf;

namespace RaftKv.EtcdConformance.Clients;

/// <summary>A small gRPC client over HTTP/2, cleartext with prior knowledge or TLS, written against the protocol's text.</summary>
public sealed class GrpcClient : IDisposable
{
    private readonly HttpClient _http;

    /// <param name="tls">Whom it trusts and who it is, for an https address.</param>
    public GrpcClient(Uri address, SslClientAuthenticationOptions? tls = null)
    {
        var handler = new SocketsHttpHandler
        {
            KeepAlivePingDelay = TimeSpan.FromSeconds(1),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(20)
        };
        handler.SslOptions = tls ?? handler.SslOptions;
        _http = new HttpClient(handler)
        {
            BaseAddress = address,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <summary>Calls a method that has one request and one answer.</summary>
    public async Task<GrpcAnswer> CallAsync<TAnswer>(
        string method, IMessage request, TimeSpan? timeout = null, params (string Name, string Value)[] metadata)
        where TAnswer : class, IMessage<TAnswer>, new()
    {
        using HttpRequestMessage call = NewCall(method, new ByteArrayContent(Frame(request)), timeout, metadata);
        using HttpResponseMessage answer = await _http.SendAsync(call, HttpCompletionOption.ResponseContentRead);
        byte[] body = await answer.Content.ReadAsByteArrayAsync();
        (int code, string detail) = StatusOf(answer);
        if (code != 0)
        {
            return new GrpcAnswer(code, detail, null);
        }

        Assert.True(body.Length >= 5 && body[0] == 0, "an ok answer has one message that is not compressed");
        Assert.Equal(body.Length - 5, BinaryPrimitives.ReadInt32BigEndian(body.AsSpan(1)));
        return new GrpcAnswer(0, "", new MessageParser<TAnswer>(static () => new TAnswer()).ParseFrom(body, 5, body.Length - 5));
    }

    /// <summary>Calls a method that has one request and a stream of answers, and merges the answers into one.</summary>
    public async Task<GrpcAnswer> CallMergedAsync<TAnswer>(string method, IMessage request)
        where TAnswer : class, IMessage<TAnswer>, new()
    {
        using HttpRequestMessage call = NewCall(method, new ByteArrayContent(Frame(request)), timeout: null, metadata: []);
        using HttpResponseMessage answer = await _http.SendAsync(call, HttpCompletionOption.ResponseContentRead);
        byte[] body = await answer.Content.ReadAsByteArrayAsync();
        (int code, string detail) = StatusOf(answer);
        var merged = new TAnswer();
        for (int at = 0; at < body.Length;)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(body.AsSpan(at + 1));
            merged.MergeFrom(body.AsSpan(at + 5, length));
            at += 5 + length;
        }

        return new GrpcAnswer(code, detail, code == 0 ? merged : null);
    }

    /// <summary>Opens a call with streams both ways.</summary>
    public async Task<GrpcStream<TRequest, TAnswer>> OpenAsync<TRequest, TAnswer>(
        string method, TRequest first, params (string Name, string Value)[] metadata)
        where TRequest : class, IMessage<TRequest>
        where TAnswer : class, IMessage<TAnswer>, new()
    {
        var requests = new StreamedContent();
        await requests.SendAsync(Frame(first));
        HttpRequestMessage call = NewCall(method, requests, timeout: null, metadata);
        HttpResponseMessage answer = await _http.SendAsync(call, HttpCompletionOption.ResponseHeadersRead);
        return new GrpcStream<TRequest, TAnswer>(requests, answer, await answer.Content.ReadAsStreamAsync());
    }

    /// <summary>Sends a body as it is, with headers as they are; for what no client would send.</summary>
    public Task<HttpResponseMessage> SendRawAsync(string method, byte[] body, params (string Name, string Value)[] headers) =>
        _http.SendAsync(NewCall(method, new ByteArrayContent(body), timeout: null, headers));

    /// <summary>Status of an answer: from its trailers, or from its head when it has nothing else.</summary>
    public static (int Code, string Detail) StatusOf(HttpResponseMessage answer)
    {
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        HttpHeaders at = answer.TrailingHeaders.Contains("grpc-status") ? answer.TrailingHeaders : answer.Headers;
        int code = int.Parse(at.GetValues("grpc-status").Single(), CultureInfo.InvariantCulture);
        string detail = at.TryGetValues("grpc-message", out IEnumerable<string>? text) ? Uri.UnescapeDataString(text.Single()) : "";
        return (code, detail);
    }

    /// <summary>A message with its prefix.</summary>
    public static byte[] Frame(IMessage message)
    {
        byte[] frame = new byte[5 + message.CalculateSize()];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), frame.Length - 5);
        message.ToByteArray().CopyTo(frame, 5);
        return frame;
    }

    public void Dispose() => _http.Dispose();

    private static HttpRequestMessage NewCall(
        string method, HttpContent content, TimeSpan? timeout, (string Name, string Value)[] metadata)
    {
        var call = new HttpRequestMessage(HttpMethod.Post, method)
        {
            Content = content,
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        call.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        call.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        if (timeout is not null)
        {
            call.Headers.Add("grpc-timeout", $"{(long)timeout.Value.TotalMilliseconds}m");
        }

        foreach ((string name, string value) in metadata)
        {
            call.Headers.TryAddWithoutValidation(name, value);
        }

        return call;
    }
}
