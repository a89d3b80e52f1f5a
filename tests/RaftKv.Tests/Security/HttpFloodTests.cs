using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using RaftKv.Tests.Hosting;

namespace RaftKv.Tests.Security;

/// <summary>Who floods a node by the means of HTTP gets hung up on, or nothing, and others are served meanwhile.</summary>
public sealed class HttpFloodTests(OneServer server) : IClassFixture<OneServer>
{
    private const byte Headers = 1;
    private const byte ResetStream = 3;
    private const byte Settings = 4;
    private const byte Continuation = 9;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly int _port = server.Port;

    [Fact]
    public async Task Streams_that_are_reset_as_soon_as_they_begin_take_no_others_place()
    {
        using Socket socket = await DialAsync();
        int streams = 0;
        bool isOpen = true;
        while (isOpen && streams < 30_000)
        {
            var bytes = new MemoryStream();
            for (int i = 0; i < 500; i++, streams++)
            {
                int stream = (2 * streams) + 1;
                bytes.Write(Frame(Headers, 0x5, stream, Head()));
                bytes.Write(Frame(ResetStream, 0, stream, [0, 0, 0, 8]));
            }

            isOpen = await TrySendAsync(socket, bytes.ToArray());
            if (streams % 5_000 == 0)
            {
                await AssertServedAsync();
            }
        }

        await AssertServedAsync();
    }

    [Fact]
    public async Task Headers_without_end_are_hung_up_on()
    {
        using Socket socket = await DialAsync();
        await TrySendAsync(socket, Frame(Headers, 0x1, 1, Head()));
        byte[] headers = [.. Enumerable.Range(0, 15).SelectMany(static i => Literal($"x-{i}", new string('a', 100)))];
        byte[] more = Frame(Continuation, 0, 1, headers);
        int sent = 0;
        while (sent < 100_000_000 && await TrySendAsync(socket, more))
        {
            sent += more.Length;
        }

        Assert.InRange(sent, 0, 99_999_999);
        await AssertServedAsync();
    }

    [Fact]
    public async Task Too_many_headers_too_long_ones_and_half_a_head_are_refused()
    {
        string many = string.Concat(Enumerable.Range(0, 200).Select(static i => $"x-{i}: a\r\n"));
        Assert.StartsWith("HTTP/1.1 431", await AskAsync($"GET /livez HTTP/1.1\r\nHost: a\r\n{many}\r\n"), StringComparison.Ordinal);
        string tooLong = $"GET /livez HTTP/1.1\r\nHost: a\r\nx: {new string('a', 40_000)}\r\n\r\n";
        Assert.StartsWith("HTTP/1.1 431", await AskAsync(tooLong), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 408", await AskAsync("GET /livez HTTP/1.1\r\nHost: a\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_comes_too_slowly_is_given_up()
    {
        string answer = await AskAsync("PUT /api/v1/kv/slow HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nx");

        Assert.True(answer.Length == 0 || answer.StartsWith("HTTP/1.1 408", StringComparison.Ordinal), answer);
        using var http = new HttpClient();
        using HttpResponseMessage read = await http.GetAsync(new Uri($"http://127.0.0.1:{_port}/api/v1/kv/slow"));
        Assert.Equal(HttpStatusCode.NotFound, read.StatusCode);
    }

    [Theory]
    [InlineData("OPTIONS", "/api/v1/kv/a")]
    [InlineData("GET", "/api/v1/status")]
    [InlineData("GET", "/v3/maintenance/status")]
    [InlineData("GET", "/metrics")]
    [InlineData("GET", "/openapi/v1.json")]
    public async Task A_page_of_elsewhere_is_allowed_to_read_nothing(string method, string path)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(new HttpMethod(method), $"http://127.0.0.1:{_port}{path}");
        request.Headers.Add("Origin", "https://elsewhere.example");
        request.Headers.Add("Access-Control-Request-Method", "PUT");
        using HttpResponseMessage answer = await http.SendAsync(request);

        Assert.DoesNotContain(
            answer.Headers, static header => header.Key.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("POST", "/v3/kv/put", false, HttpStatusCode.Forbidden)]
    [InlineData("POST", "/api/v1/txn", false, HttpStatusCode.Forbidden)]
    [InlineData("PUT", "/api/v1/kv/page", false, HttpStatusCode.Forbidden)]
    [InlineData("GET", "/v3/watch", true, HttpStatusCode.Forbidden)]
    [InlineData("GET", "/livez", false, HttpStatusCode.OK)]
    public async Task A_page_of_elsewhere_changes_nothing(string method, string path, bool isSocket, HttpStatusCode status)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(new HttpMethod(method), $"http://127.0.0.1:{_port}{path}");
        request.Headers.Add("Origin", "https://elsewhere.example");
        request.Content = method == "GET" ? null : new StringContent("{}");
        if (isSocket)
        {
            request.Headers.Add("Connection", "Upgrade");
            request.Headers.Add("Upgrade", "websocket");
        }

        using HttpResponseMessage answer = await http.SendAsync(request);
        Assert.Equal(status, answer.StatusCode);
    }

    [Fact]
    public async Task A_page_of_this_node_may_do_what_its_visitor_may()
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Put, $"http://127.0.0.1:{_port}/api/v1/kv/own");
        request.Headers.Add("Origin", $"http://127.0.0.1:{_port}");
        request.Content = new StringContent("v");
        using HttpResponseMessage answer = await http.SendAsync(request);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
    }

    private async Task AssertServedAsync()
    {
        using var http = new HttpClient { Timeout = _patience };
        var other = new Uri($"http://127.0.0.1:{_port}/api/v1/kv/other");
        using HttpResponseMessage answer = await http.PutAsync(other, new StringContent("v"));
        Assert.True(answer.IsSuccessStatusCode, $"{answer.StatusCode}");
    }

    private async Task<Socket> DialAsync()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, _port);
        await socket.SendAsync((byte[])[.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. Frame(Settings, 0, 0, [])]);
        _ = DrainAsync(socket);
        return socket;
    }

    // What it answers is of no interest; its buffer must not be what holds the sender up.
    private static async Task DrainAsync(Socket socket)
    {
        byte[] buffer = new byte[64 * 1024];
        try
        {
            while (await socket.ReceiveAsync(buffer) > 0)
            {
            }
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException)
        {
            // The test is over, or the node hung up.
        }
    }

    private static async Task<bool> TrySendAsync(Socket socket, byte[] bytes)
    {
        using var patience = new CancellationTokenSource(_patience);
        try
        {
            await socket.SendAsync(bytes, patience.Token);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private async Task<string> AskAsync(string request)
    {
        using var patience = new CancellationTokenSource(_patience);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request), patience.Token);
        byte[] answer = new byte[4096];
        try
        {
            int length = await client.GetStream().ReadAsync(answer, patience.Token);
            return Encoding.ASCII.GetString(answer, 0, length);
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static byte[] Head() =>
    [
        .. Literal(":method", "GET"), .. Literal(":scheme", "http"), .. Literal(":path", "/api/v1/status"), .. Literal(":authority", "a"),
    ];

    private static byte[] Literal(string name, string value) =>
        [0, (byte)name.Length, .. Encoding.ASCII.GetBytes(name), (byte)value.Length, .. Encoding.ASCII.GetBytes(value)];

    private static byte[] Frame(byte type, byte flags, int stream, byte[] payload)
    {
        byte[] frame = new byte[9 + payload.Length];
        frame[0] = (byte)(payload.Length >> 16);
        frame[1] = (byte)(payload.Length >> 8);
        frame[2] = (byte)payload.Length;
        frame[3] = type;
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame.AsSpan(9));
        return frame;
    }
}
