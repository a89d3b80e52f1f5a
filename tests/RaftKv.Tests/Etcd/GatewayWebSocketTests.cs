using System.Net.WebSockets;
using System.Text;
using RaftKv.Tests.Api;
using RaftKv.Tests.Support;

namespace RaftKv.Tests.Etcd;

/// <summary>Streams of the JSON gateway over a websocket: a frame for each document.</summary>
public sealed class GatewayWebSocketTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_watch_tells_a_frame_for_each_answer_and_ends_with_the_socket()
    {
        using ClientWebSocket socket = await ConnectAsync("/v3/watch");
        await SendAsync(socket, """{"create_request":{"key":"YQ==","range_end":"Yg=="}}""");
        Assert.Contains("\"created\":true", await NextAsync(socket), StringComparison.Ordinal);

        await _host.PostAsync("/v3/kv/put", """{"key":"YWdz","value":"MQ=="}""");

        string change = await NextAsync(socket);
        Assert.StartsWith("""{"result":{"header":""", change, StringComparison.Ordinal);
        Assert.Contains("\"key\":\"YWdz\"", change, StringComparison.Ordinal);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, new CancellationTokenSource(Patience).Token);
        await Eventually.TrueAsync(() => _host.Node.Watches.OpenCount == 0);
    }

    [Fact]
    public async Task A_client_that_goes_without_a_word_leaves_no_watch()
    {
        using ClientWebSocket socket = await ConnectAsync("/v3/watch");
        await SendAsync(socket, """{"create_request":{"key":"YQ=="}}""");
        await NextAsync(socket);

        socket.Abort();

        await Eventually.TrueAsync(() => _host.Node.Watches.OpenCount == 0);
    }

    [Fact]
    public async Task What_is_no_json_is_told_in_a_frame_before_the_end()
    {
        using ClientWebSocket socket = await ConnectAsync("/v3/watch");

        await SendAsync(socket, "nonsense");

        Assert.Contains("\"grpc_code\":3", await NextAsync(socket), StringComparison.Ordinal);
        Assert.Equal("", await NextAsync(socket));
        Assert.Equal(WebSocketCloseStatus.NormalClosure, socket.CloseStatus);
    }

    [Fact]
    public async Task A_call_with_one_answer_is_no_websocket()
    {
        await Assert.ThrowsAsync<WebSocketException>(() => ConnectAsync("/v3/kv/range"));
    }

    [Fact]
    public async Task A_document_over_the_limit_ends_the_stream_with_a_word()
    {
        using ClientWebSocket socket = await ConnectAsync("/v3/watch");

        await SendAsync(socket, "{\"create_request\":{\"key\":\"" + new string('A', 2_200_000) + "\"}}");

        Assert.Contains("etcdserver: request is too large", await NextAsync(socket), StringComparison.Ordinal);
        Assert.Equal("", await NextAsync(socket));
    }

    [Fact]
    public async Task A_server_that_stops_says_so_in_a_frame()
    {
        using ClientWebSocket socket = await ConnectAsync("/v3/lease/keepalive");
        await SendAsync(socket, "{\"ID\":\"1\"}");
        Assert.Contains("\"result\"", await NextAsync(socket), StringComparison.Ordinal);

        Task stopping = _host.StopAsync();

        Assert.Contains("etcdserver: server stopped", await NextAsync(socket), StringComparison.Ordinal);
        Assert.Equal("", await NextAsync(socket));
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, new CancellationTokenSource(Patience).Token);
        await stopping;
    }

    [Theory]
    [InlineData("Sec-WebSocket-Version: 12\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")]
    [InlineData("Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short")]
    [InlineData("Sec-WebSocket-Version: 13")]
    public async Task A_handshake_that_is_none_is_refused(string headers)
    {
        string answer = await _host.SendRawAsync(
            $"GET /v3/watch HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n{headers}\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_may_stand_among_the_protocols()
    {
        using ClientWebSocket socket = await ConnectAsync("/v3/watch", "Bearer", "secret");

        Assert.Equal("Bearer", socket.SubProtocol);
        await SendAsync(socket, """{"create_request":{"key":"YQ=="}}""");
        Assert.Contains("\"created\":true", await NextAsync(socket), StringComparison.Ordinal);
    }

    private async Task<ClientWebSocket> ConnectAsync(string path, params string[] protocols)
    {
        var socket = new ClientWebSocket();
        foreach (string protocol in protocols)
        {
            socket.Options.AddSubProtocol(protocol);
        }

        await socket.ConnectAsync(new Uri($"ws://{_host.Address.Authority}{path}"), new CancellationTokenSource(Patience).Token);
        return socket;
    }

    private static Task SendAsync(ClientWebSocket socket, string text) => socket.SendAsync(
        Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, new CancellationTokenSource(Patience).Token);

    private static async Task<string> NextAsync(ClientWebSocket socket)
    {
        byte[] buffer = new byte[16 * 1024];
        WebSocketReceiveResult read = await socket.ReceiveAsync(buffer, new CancellationTokenSource(Patience).Token);
        return Encoding.UTF8.GetString(buffer, 0, read.Count);
    }
}
