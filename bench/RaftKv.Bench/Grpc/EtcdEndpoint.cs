using System.Buffers.Binary;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net;
using Google.Protobuf;
using RaftKv.EtcdConformance.Clients;
using RaftKv.Protocol.Etcd;

namespace RaftKv.Bench.Grpc;

/// <summary>etcd's gRPC API at one node, over connections of its own. Any number of callers at a time.</summary>
internal sealed class EtcdEndpoint : IDisposable
{
    internal const int DeadlineExceeded = 4;
    internal const int Unavailable = 14;

    /// <summary>Bytes before each message: whether it is compressed, and its length.</summary>
    internal const int PrefixBytes = 5;

    private readonly HttpClient _http;

    internal EtcdEndpoint(Uri address)
    {
        Address = address;
        SocketsHttpHandler sockets = new() { EnableMultipleHttp2Connections = true, InitialHttp2StreamWindowSize = 4 * 1024 * 1024 };
        _http = new HttpClient(sockets)
        {
            BaseAddress = address,
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    internal Uri Address { get; }

    /// <summary>Calls a method that has one request and one answer; a broken connection is UNAVAILABLE.</summary>
    internal async Task<EtcdAnswer<TAnswer>> CallAsync<TAnswer>(string method, IMessage request, TimeSpan timeout)
        where TAnswer : class, IMessage<TAnswer>, new()
    {
        using CancellationTokenSource patience = new(timeout + TimeSpan.FromSeconds(1));
        try
        {
            using HttpRequestMessage call = NewCall(method, new ByteArrayContent(Frame(request)));
            call.Headers.Add("grpc-timeout", string.Create(CultureInfo.InvariantCulture, $"{(long)timeout.TotalMilliseconds}m"));
            using HttpResponseMessage answer = await _http.SendAsync(call, HttpCompletionOption.ResponseContentRead, patience.Token);
            byte[] body = await answer.Content.ReadAsByteArrayAsync(patience.Token);
            (int code, string detail) = StatusOf(answer);
            if (code != 0 || body.Length < PrefixBytes)
            {
                return new EtcdAnswer<TAnswer>(code == 0 ? Unavailable : code, detail, null);
            }

            TAnswer message = new();
            message.MergeFrom(body.AsSpan(PrefixBytes));
            return new EtcdAnswer<TAnswer>(0, "", message);
        }
        catch (OperationCanceledException)
        {
            return new EtcdAnswer<TAnswer>(DeadlineExceeded, "no answer in time", null);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return new EtcdAnswer<TAnswer>(Unavailable, e.Message, null);
        }
    }

    /// <summary>Opens a stream of watches with its first request.</summary>
    /// <exception cref="HttpRequestException">The node cannot be reached.</exception>
    internal async Task<EtcdWatch> WatchAsync(WatchRequest first, CancellationToken cancellationToken)
    {
        StreamedContent requests = new();
        requests.TrySend(Frame(first));
        HttpRequestMessage call = NewCall("/etcdserverpb.Watch/Watch", requests);
        call.Headers.Add("hasleader", "true");
        HttpResponseMessage answer = await _http.SendAsync(call, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        return new EtcdWatch(requests, answer, await answer.Content.ReadAsStreamAsync(cancellationToken));
    }

    /// <summary>A message with its prefix.</summary>
    internal static byte[] Frame(IMessage message)
    {
        int length = message.CalculateSize();
        byte[] frame = new byte[PrefixBytes + length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), length);
        message.WriteTo(frame.AsSpan(PrefixBytes));
        return frame;
    }

    public void Dispose() => _http.Dispose();

    private static HttpRequestMessage NewCall(string method, HttpContent content)
    {
        HttpRequestMessage call = new(HttpMethod.Post, method)
        {
            Content = content,
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        call.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        return call;
    }

    // In the trailers, or in the head of an answer that has nothing else.
    private static (int Code, string Detail) StatusOf(HttpResponseMessage answer)
    {
        HttpHeaders at = answer.TrailingHeaders.Contains("grpc-status") ? answer.TrailingHeaders : answer.Headers;
        string code = at.TryGetValues("grpc-status", out IEnumerable<string>? codes) ? codes.First() : "14";
        string detail = at.TryGetValues("grpc-message", out IEnumerable<string>? texts) ? Uri.UnescapeDataString(texts.First()) : "";
        return (int.Parse(code, CultureInfo.InvariantCulture), detail);
    }
}
