using System.Buffers.Binary;
using System.Net;
using Google.Protobuf;
using RaftKv.EtcdConformance.Clients;
using RaftKv.Protocol.Etcd;

namespace RaftKv.Tests.Etcd;

/// <summary>A stream of etcd's watches over gRPC, read at the test's own pace. One reader.</summary>
internal sealed class WatchStreamClient : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly HttpClient _http;
    private readonly StreamedContent _requests = new() { Headers = { { "Content-Type", "application/grpc" } } };
    private readonly byte[] _prefix = new byte[5];
    private readonly Queue<WatchResponse> _early = new();
    private HttpResponseMessage? _answer;
    private Stream? _body;

    private WatchStreamClient(HttpClient http) => _http = http;

    /// <summary>Opens a stream with its first request.</summary>
    /// <param name="windowBytes">How much the server may send before it is read.</param>
    public static async Task<WatchStreamClient> OpenAsync(Uri server, WatchRequest first, int windowBytes = 4 * 1024 * 1024)
    {
        SocketsHttpHandler sockets = new() { InitialHttp2StreamWindowSize = windowBytes };
        var client = new WatchStreamClient(new HttpClient(sockets) { BaseAddress = server });
        client.Send(first);
        var call = new HttpRequestMessage(HttpMethod.Post, "/etcdserverpb.Watch/Watch")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = client._requests,
        };
        call.Headers.Add("TE", "trailers");
        client._answer = await client._http.SendAsync(call, HttpCompletionOption.ResponseHeadersRead).WaitAsync(Patience);
        client._body = await client._answer.Content.ReadAsStreamAsync();
        return client;
    }

    /// <summary>Opens a stream with so many watches of the same keys, ids from 1 on.</summary>
    public static async Task<WatchStreamClient> OpenAsync(
        Uri server, int count, Func<int, WatchCreateRequest> watch, int windowBytes = 4 * 1024 * 1024)
    {
        WatchStreamClient client = await OpenAsync(server, Create(1), windowBytes);
        for (int id = 2; id <= count; id++)
        {
            client.Send(Create(id));
        }

        for (int id = 1; id <= count;)
        {
            // Those before it may have something to tell already.
            WatchResponse message = await client.ReadNextAsync();
            if (!message.Created)
            {
                client._early.Enqueue(message);
                continue;
            }

            Assert.Equal((id, false), (message.WatchId, message.Canceled));
            id++;
        }

        return client;

        WatchRequest Create(int id)
        {
            WatchCreateRequest create = watch(id);
            create.WatchId = id;
            return new WatchRequest { CreateRequest = create };
        }
    }

    public void Send(WatchRequest request)
    {
        byte[] body = request.ToByteArray();
        byte[] frame = new byte[5 + body.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), body.Length);
        body.CopyTo(frame, 5);
        Assert.True(_requests.TrySend(frame));
    }

    /// <summary>The next message; fails when none comes for long, and at the end.</summary>
    public async Task<WatchResponse> ReadAsync() => _early.TryDequeue(out WatchResponse? early) ? early : await ReadNextAsync();

    public void Dispose()
    {
        _requests.Complete();
        _answer?.Dispose();
        _http.Dispose();
    }

    private async Task<WatchResponse> ReadNextAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        await _body!.ReadExactlyAsync(_prefix, patience.Token);
        byte[] message = new byte[BinaryPrimitives.ReadInt32BigEndian(_prefix.AsSpan(1))];
        await _body.ReadExactlyAsync(message, patience.Token);
        return WatchResponse.Parser.ParseFrom(message);
    }
}
