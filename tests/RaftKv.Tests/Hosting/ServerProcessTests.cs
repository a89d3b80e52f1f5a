using System.Globalization;
using System.Net;
using System.Net.Sockets;
using RaftKv.JepsenStyle.Cluster;
using RaftKv.Tests.Fuzz;

namespace RaftKv.Tests.Hosting;

/// <summary>The server as a process: how it starts, refuses to start, and ends.</summary>
public sealed class ServerProcessTests : IDisposable
{
    // Three nodes ten apart, and the peers' ports one above each.
    private const int PortsOfDev = 22;

    private readonly string _directory = Directory.CreateTempSubdirectory("raftkv-test-").FullName;
    private readonly int _clientPort = PortPool.Take();
    private readonly int _peerPort = PortPool.Take();

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_node_serves_after_its_start_and_leaves_with_zero_on_a_signal()
    {
        await using ServerProcess server = Serve();
        await server.WaitForOutputAsync("is ready");
        await using (ServerProcess health = ServerProcess.Start("health", "--endpoint", $"http://127.0.0.1:{_clientPort}"))
        {
            Assert.Equal(0, await health.WaitForExitAsync());
        }

        Assert.True(File.Exists(Path.Combine(_directory, "n1", "raftkv.pid")));
        server.Signal(ServerProcess.SigTerm);

        Assert.Equal(0, await server.WaitForExitAsync());
        Assert.Contains("Stopped", server.Output);
        Assert.False(File.Exists(Path.Combine(_directory, "n1", "raftkv.pid")));
        await using ServerProcess gone = ServerProcess.Start("health", "--endpoint", $"http://127.0.0.1:{_clientPort}");
        Assert.Equal(1, await gone.WaitForExitAsync());
    }

    [Theory]
    [InlineData("client")]
    [InlineData("peer")]
    public async Task A_busy_port_is_one_sentence_and_exit_code_2(string which)
    {
        using var other = new TcpListener(IPAddress.Loopback, which == "client" ? _clientPort : _peerPort);
        other.Start();

        await AssertRefusedAsync(Serve(), "address already in use");
    }

    [Fact]
    public async Task Connections_that_say_nothing_do_not_keep_others_out()
    {
        await using ServerProcess server = Serve("--max-connections", "20");
        await server.WaitForOutputAsync("is ready");
        TcpClient[] silent = [.. Enumerable.Range(0, 40).Select(_ => new TcpClient("127.0.0.1", _clientPort))];
        try
        {
            using var http = new HttpClient();
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            while (!await IsServedAsync(http, patience.Token))
            {
                await Task.Delay(100, patience.Token);
            }
        }
        finally
        {
            Array.ForEach(silent, client => client.Dispose());
        }
    }

    [Fact]
    public async Task A_connection_that_says_nothing_is_closed()
    {
        await using ServerProcess server = Serve();
        await server.WaitForOutputAsync("is ready");
        using TcpClient silent = new("127.0.0.1", _clientPort);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));

        Assert.Equal(0, await silent.GetStream().ReadAsync(new byte[1], patience.Token));
    }

    [Fact]
    public async Task Connections_that_have_asked_once_make_room_and_a_watch_stays()
    {
        await using ServerProcess server = Serve("--max-connections", "20");
        await server.WaitForOutputAsync("is ready");
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_clientPort}") };
        using Stream watch = await http.GetStreamAsync("/api/v1/watch?prefix=w");
        using var reader = new StreamReader(watch);
        List<TcpClient> silent = [];
        try
        {
            // Each is served: the one that was silent longest made room for it.
            for (int i = 0; i < 40; i++)
            {
                silent.Add(await AskOnceAsync());
            }

            using HttpResponseMessage put = await http.PutAsync("/api/v1/kv/w1", new StringContent("here"));
            Assert.Equal(HttpStatusCode.Created, put.StatusCode);
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            string? line;
            do
            {
                line = await reader.ReadLineAsync(patience.Token);
            }
            while (line is not null && !line.Contains("w1", StringComparison.Ordinal));

            Assert.NotNull(line);
            // A stranger may have come and gone meanwhile, and taken one's place: not more than 20, and all were let in.
            string metrics = await http.GetStringAsync("/metrics");
            Assert.InRange(ValueOf("raftkv_connections"), 2, 20);
            Assert.InRange(ValueOf("raftkv_connections_closed_idle_total"), 42 - 20, int.MaxValue);
            Assert.Equal(0, ValueOf("raftkv_connections_refused_total"));

            int ValueOf(string name) => int.Parse(
                metrics.Split('\n').Single(line => line.StartsWith(name + " ", StringComparison.Ordinal)).Split(' ')[1],
                CultureInfo.InvariantCulture);
        }
        finally
        {
            silent.ForEach(client => client.Dispose());
        }
    }

    [Fact]
    public async Task One_address_has_no_more_connections_than_it_may_and_another_is_served()
    {
        await using ServerProcess server = Serve("--max-connections-per-address", "3");
        await server.WaitForOutputAsync("is ready");
        var neighbour = IPAddress.Parse("127.0.0.9");
        TcpClient[] kept = [await AskOnceAsync(neighbour), await AskOnceAsync(neighbour), await AskOnceAsync(neighbour)];
        try
        {
            using var more = new TcpClient(new IPEndPoint(neighbour, 0));
            Assert.Equal(0, await ReadAsync(more, _clientPort));
            using TcpClient other = await AskOnceAsync(IPAddress.Loopback);
        }
        finally
        {
            Array.ForEach(kept, static client => client.Dispose());
        }

        static async Task<int> ReadAsync(TcpClient client, int port)
        {
            try
            {
                await client.ConnectAsync(IPAddress.Loopback, port);
                return await client.GetStream().ReadAsync(new byte[64]);
            }
            catch (Exception reset) when (reset is IOException or SocketException)
            {
                // Reset is refused as well.
                return 0;
            }
        }
    }

    private async Task<TcpClient> AskOnceAsync(IPAddress? from = null)
    {
        TcpClient client = new(new IPEndPoint(from ?? IPAddress.Loopback, 0));
        await client.ConnectAsync(IPAddress.Loopback, _clientPort);
        await client.GetStream().WriteAsync("GET /livez HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray());
        byte[] answer = new byte[4096];
        int length = await client.GetStream().ReadAsync(answer);
        Assert.StartsWith("HTTP/1.1 200", System.Text.Encoding.ASCII.GetString(answer, 0, length), StringComparison.Ordinal);
        return client;
    }

    [Fact]
    public async Task A_call_that_came_through_an_end_of_tls_is_served()
    {
        await using ServerProcess server = Serve();
        await server.WaitForOutputAsync("is ready");

        string answer = await RawSocket.ExchangeAsync(
            _clientPort, Http2Request.Of("/etcdserverpb.Maintenance/Status", [], scheme: "https"), text => text.Contains("grpc-status"),
            isAnswered: true);

        Assert.Contains("grpc-status", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_directory_in_use_is_refused_with_exit_code_2()
    {
        await using ServerProcess first = Serve();
        await first.WaitForOutputAsync("is ready");

        await AssertRefusedAsync(
            ServerProcess.Start("serve", "--data-dir", Path.Combine(_directory, "n1"), "--client", $"http://127.0.0.1:{PortPool.Take()}",
                "--peer", $"http://127.0.0.1:{PortPool.Take()}"),
            "is in use by another process");
    }

    [Fact]
    public async Task Once_founded_another_list_is_ignored_with_a_notice_and_another_name_is_refused()
    {
        string list = $"n1=http://127.0.0.1:{_peerPort}";
        await using (ServerProcess first = Serve("--cluster", list))
        {
            await first.WaitForOutputAsync("is ready");
            first.Signal(ServerProcess.SigTerm);
            Assert.Equal(0, await first.WaitForExitAsync());
        }

        await using (ServerProcess second = Serve("--cluster", list + $",n2=http://127.0.0.1:{PortPool.Take()}"))
        {
            await second.WaitForOutputAsync("is ready");
            Assert.Contains("--cluster is ignored", second.Output);
            second.Signal(ServerProcess.SigTerm);
            await second.WaitForExitAsync();
        }

        await AssertRefusedAsync(Serve("--name", "n2"), "holds data of node n1");
    }

    [Fact]
    public async Task A_damaged_log_stops_the_start_with_exit_code_4_file_and_offset()
    {
        await using (ServerProcess first = Serve())
        {
            await first.WaitForOutputAsync("is ready");
            first.Signal(ServerProcess.SigTerm);
            await first.WaitForExitAsync();
        }

        string segment = Directory.GetFiles(Path.Combine(_directory, "n1", "raft"), "wal-*.log").Order().First();
        byte[] bytes = await File.ReadAllBytesAsync(segment);
        bytes[200] ^= 0x10;
        await File.WriteAllBytesAsync(segment, bytes);
        await using ServerProcess second = Serve();

        Assert.Equal(4, await second.WaitForExitAsync());
        Assert.Contains($"{Path.GetFileName(segment)} at offset", second.Output);
        Assert.DoesNotContain("   at ", second.Output);
    }

    [Fact]
    public async Task A_node_without_a_list_starts_again_as_what_it_was()
    {
        for (int start = 0; start < 2; start++)
        {
            await using ServerProcess server = Serve();
            await server.WaitForOutputAsync("is ready");
            server.Signal(ServerProcess.SigKill);
            await server.WaitForExitAsync();
        }
    }

    [Fact]
    public async Task Settings_that_do_not_fit_are_refused_with_exit_code_2()
    {
        await AssertRefusedAsync(Serve("--heartbeat-ms", "soon"), "\"soon\" is no whole number");
        await AssertRefusedAsync(ServerProcess.Start("serve", "--nmae", "n1"), "--nmae is no option here");
        await AssertRefusedAsync(ServerProcess.Start("sevre"), "is no command");
    }

    [Fact]
    public async Task A_node_of_dev_ends_with_its_parent_even_when_that_is_killed()
    {
        int basePort = PortPool.TakeRow(PortsOfDev);
        await using ServerProcess dev = ServerProcess.Start("dev", "--nodes", "1", "--base-port", $"{basePort}", "--data-dir", _directory);
        await dev.WaitForOutputAsync("RaftKv is ready");
        int child = int.Parse(await File.ReadAllTextAsync(Path.Combine(_directory, "n1", "raftkv.pid")));

        dev.Signal(ServerProcess.SigKill);

        using var process = System.Diagnostics.Process.GetProcessById(child);
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await process.WaitForExitAsync(timeout.Token);
    }

    [Fact]
    public async Task Dev_reports_a_killed_node_and_its_serve_line_and_stops_all_on_a_signal()
    {
        await using ServerProcess dev = ServerProcess.Start(
            "dev", "--nodes", "3", "--base-port", $"{PortPool.TakeRow(PortsOfDev)}", "--data-dir", _directory);
        await dev.WaitForOutputAsync("RaftKv is ready");
        int[] children = [.. Enumerable.Range(1, 3).Select(i => int.Parse(File.ReadAllText(Path.Combine(_directory, $"n{i}", "raftkv.pid"))))];

        ServerProcess.Signal(children[1], ServerProcess.SigKill);
        await dev.WaitForOutputAsync("n2 has ended with exit code 137. To start it again: ");
        dev.Signal(ServerProcess.SigTerm);

        Assert.Equal(0, await dev.WaitForExitAsync());
        Assert.Throws<ArgumentException>(() => System.Diagnostics.Process.GetProcessById(children[0]));
        Assert.Throws<ArgumentException>(() => System.Diagnostics.Process.GetProcessById(children[2]));
    }

    [Fact]
    public async Task Dev_starts_no_node_when_one_of_them_cannot_start()
    {
        string relative = Path.GetRelativePath(Environment.CurrentDirectory, _directory);
        int basePort = PortPool.TakeRow(PortsOfDev);
        string[] arguments = ["dev", "--nodes", "3", "--base-port", $"{basePort}", "--data-dir", relative];
        await using (ServerProcess dev = ServerProcess.Start(arguments))
        {
            await dev.WaitForOutputAsync($"--data-dir {Path.Combine(_directory, "n3")} ");
            await AssertRefusedAsync(ServerProcess.Start(arguments), $"port {basePort + 1}, which n1 needs, is in use");
            dev.Signal(ServerProcess.SigTerm);
            Assert.Equal(0, await dev.WaitForExitAsync());
        }

        Directory.Delete(Path.Combine(_directory, "n2"), recursive: true);
        await AssertRefusedAsync(ServerProcess.Start(arguments), "holds data of n1, n3 but none of n2");
        Assert.False(Directory.Exists(Path.Combine(_directory, "n2")));
    }

    // False: the node has closed the connection, since it has as many as it takes.
    private async Task<bool> IsServedAsync(HttpClient http, CancellationToken cancellationToken)
    {
        try
        {
            HttpResponseMessage answer = await http.GetAsync(new Uri($"http://127.0.0.1:{_clientPort}/api/v1/status"), cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception closed) when (closed is HttpRequestException or SocketException)
        {
            return false;
        }
    }

    private static async Task AssertRefusedAsync(ServerProcess server, string sentence)
    {
        await using (server)
        {
            Assert.Equal(2, await server.WaitForExitAsync());
            Assert.Contains(sentence, server.Output);
            Assert.DoesNotContain("   at ", server.Output);
        }
    }

    private ServerProcess Serve(params string[] more) => ServerProcess.Start(
    [
        "serve", "--data-dir", Path.Combine(_directory, "n1"), "--client", $"http://127.0.0.1:{_clientPort}",
        "--peer", $"http://127.0.0.1:{_peerPort}", .. more,
    ]);
}
