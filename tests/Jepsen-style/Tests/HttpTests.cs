using System.Net;
using System.Net.Sockets;
using System.Text;
using RaftKv.JepsenStyle.Cluster;
using RaftKv.JepsenStyle.History;
using RaftKv.JepsenStyle.Http;

namespace RaftKv.JepsenStyle.Tests;

/// <summary>The suite's own HTTP: what it takes for sent, for refused and for unknown.</summary>
public sealed class HttpTests
{
    [Theory]
    [InlineData(200, "", "Ok")]
    [InlineData(201, "", "Ok")]
    [InlineData(503, """{"applied":"no"}""", "Fail")]
    [InlineData(429, """{"applied":"no"}""", "Fail")]
    [InlineData(412, """{"applied":"no"}""", "Fail")]
    [InlineData(503, """{"applied":"unknown"}""", "Info")]
    [InlineData(503, """{}""", "Info")]
    [InlineData(503, "not json", "Info")]
    [InlineData(500, """{"applied":"no"}""", "Info")]
    [InlineData(504, """{"applied":"no"}""", "Info")]
    [InlineData(302, "", "Info")]
    public void An_answer_proves_only_what_it_says(int status, string body, string expected)
    {
        var answer = new HttpAnswer(status, new Dictionary<string, string>(), Encoding.UTF8.GetBytes(body));

        Assert.Equal(expected, OutcomeMapping.OfChange(answer).ToString());
    }

    [Fact]
    public async Task A_request_to_a_closed_port_was_not_sent()
    {
        using var session = new NodeSession("n1", PortPool.Take(), TimeSpan.FromSeconds(5));

        var failure = await Assert.ThrowsAsync<HttpFailureException>(() => session.GetAsync("/"));
        Assert.Equal(Outcome.Fail, OutcomeMapping.OfChange(failure));
    }

    [Fact]
    public async Task A_connection_that_breaks_after_the_request_leaves_it_unknown()
    {
        using var server = new ScriptedServer([]);
        using var session = new NodeSession("n1", server.Port, TimeSpan.FromSeconds(5));

        var failure = await Assert.ThrowsAsync<HttpFailureException>(() => session.GetAsync("/"));
        Assert.Equal(Outcome.Info, OutcomeMapping.OfChange(failure));
    }

    [Fact]
    public async Task Answers_with_a_length_and_in_chunks_are_read_whole()
    {
        using var server = new ScriptedServer(
        [
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: \"7\"\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\na\r\n0123456789\r\n0\r\n\r\n",
            "HTTP/1.1 204 No Content\r\n\r\n",
        ]);
        using var session = new NodeSession("n1", server.Port, TimeSpan.FromSeconds(5));

        HttpAnswer first = await session.GetAsync("/");
        Assert.Equal("hello", first.Text);
        Assert.Equal(7, first.Number("etag"));
        Assert.Equal("abc0123456789", (await session.GetAsync("/")).Text);
        Assert.Equal(204, (await session.GetAsync("/")).Status);
    }

    [Fact]
    public async Task A_cut_edge_holds_what_is_sent_and_a_healed_one_passes_it()
    {
        // The held request may use up an answer once the edge heals, hence the third.
        using var server = new ScriptedServer(Enumerable.Repeat("HTTP/1.1 204 No Content\r\n\r\n", 3));
        using var edge = new EdgeProxy("n1", "n2", PortPool.Take(), server.Port);
        using var session = new NodeSession("n2", edge.Port, TimeSpan.FromSeconds(30));

        Assert.Equal(204, (await session.GetAsync("/")).Status);
        edge.Cut();
        using (var impatient = new NodeSession("n2", edge.Port, TimeSpan.FromSeconds(3)))
        {
            Assert.True((await Assert.ThrowsAsync<HttpFailureException>(() => impatient.GetAsync("/"))).WasSent);
        }

        Assert.True(edge.HeldCount > 0);
        edge.Heal();
        Assert.Equal(204, (await session.GetAsync("/")).Status);
    }

    /// <summary>Answers requests on any connection with the given texts in turn, then closes.</summary>
    private sealed class ScriptedServer : IDisposable
    {
        private readonly TcpListener _listener;
        private readonly Queue<string> _answers;

        public ScriptedServer(IEnumerable<string> answers)
        {
            Port = PortPool.Take();
            _answers = new Queue<string>(answers);
            _listener = new TcpListener(IPAddress.Loopback, Port);
            _listener.Start();
            _ = ServeAsync();
        }

        public int Port { get; }

        public void Dispose() => _listener.Dispose();

        private async Task ServeAsync()
        {
            try
            {
                while (true)
                {
                    _ = ServeAsync(await _listener.AcceptSocketAsync());
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // Disposed: the end of the test.
            }
        }

        private async Task ServeAsync(Socket socket)
        {
            using Socket _ = socket;
            try
            {
                byte[] buffer = new byte[4096];
                while (await socket.ReceiveAsync(buffer) > 0 && _answers.TryDequeue(out string? answer))
                {
                    await socket.SendAsync(Encoding.ASCII.GetBytes(answer));
                }
            }
            catch (SocketException)
            {
                // The other side hung up.
            }
        }
    }
}
