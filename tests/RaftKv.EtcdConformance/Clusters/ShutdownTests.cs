using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Google.Protobuf;
using RaftKv.EtcdConformance.Clients;
using RaftKv.EtcdConformance.Servers;
using RaftKv.Protocol.Etcd;

namespace RaftKv.EtcdConformance.Clusters;

/// <summary>A node that is told to end: its clients' streams end in order, and they go on elsewhere.</summary>
public sealed class ShutdownTests
{
    private const byte GoAway = 7;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Streams_end_with_a_status_and_connections_with_goaway()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartRaftKvAsync();
        await using var relay = new OpenEndedRelay(server.Client);
        using var grpc = new GrpcClient(relay.Address);
        using GrpcStream<WatchRequest, WatchResponse> watch = await grpc.OpenAsync<WatchRequest, WatchResponse>(
            "/etcdserverpb.Watch/Watch",
            new WatchRequest { CreateRequest = new WatchCreateRequest { Key = ByteString.CopyFromUtf8("a") } });
        using GrpcStream<LeaseKeepAliveRequest, LeaseKeepAliveResponse> keepAlive =
            await grpc.OpenAsync<LeaseKeepAliveRequest, LeaseKeepAliveResponse>(
                "/etcdserverpb.Lease/LeaseKeepAlive", new LeaseKeepAliveRequest { ID = 1 });
        Assert.NotNull(await watch.ReadAsync());
        Assert.NotNull(await keepAlive.ReadAsync());
        Task<bool> goAway = WaitForGoAwayAsync(await ConnectAsync(server.Client));

        server.Terminate();

        Assert.Null(await watch.ReadAsync());
        Assert.Equal((14, "etcdserver: server stopped"), watch.Status);
        Assert.Null(await keepAlive.ReadAsync());
        Assert.Equal((14, "etcdserver: server stopped"), keepAlive.Status);
        Assert.True(await goAway, "the connection ended without GOAWAY");
        Assert.Equal(0, await server.WaitForExitAsync());
    }

    [EtcdTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_etcdctl_watch_goes_on_at_another_node_without_a_gap(bool isLeaderServing)
    {
        ServerUnderTest[] nodes = await ServerUnderTest.StartClusterAsync(3);
        var complaints = new ConcurrentQueue<string?>();

        using Process watch = StartWatch(string.Join(',', nodes.Select(node => node.Client.Authority)), "k", complaints);
        try
        {
            ServerUnderTest serving = await WhoServesTheWatchAsync(nodes, complaints);
            ServerUnderTest other = nodes.First(node => node != serving);
            await MoveLeaderAsync(nodes, isLeaderServing ? serving : other);
            await PutAsync(other, "before");
            Assert.Equal(["PUT", "k", "before"], await ReadLinesAsync(watch, complaints));

            serving.Terminate();
            Assert.Equal(0, await serving.WaitForExitAsync());
            await PutAsync(other, "after");

            string[] next = await ReadLinesAsync(watch, complaints);
            Assert.Equal(["PUT", "k", "after"], next is [_, _, "before"] ? await ReadLinesAsync(watch, complaints) : next);
        }
        finally
        {
            watch.Kill();
            foreach (ServerUnderTest node in nodes)
            {
                await node.DisposeAsync();
            }
        }
    }

    private static async Task<NetworkStream> ConnectAsync(Uri server)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, server.Port);
        var stream = new NetworkStream(socket, ownsSocket: true);
        byte[] emptySettings = [0, 0, 0, 4, 0, 0, 0, 0, 0];
        await stream.WriteAsync((byte[])[.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. emptySettings]);
        return stream;
    }

    // True when a GOAWAY frame comes, false when the connection ends before.
    private static async Task<bool> WaitForGoAwayAsync(NetworkStream stream)
    {
        await using NetworkStream owned = stream;
        using var patience = new CancellationTokenSource(Patience);
        byte[] head = new byte[9];
        while (await stream.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, patience.Token) == head.Length)
        {
            if (head[3] == GoAway)
            {
                return true;
            }

            await stream.ReadExactlyAsync(new byte[(head[0] << 16) | (head[1] << 8) | head[2]], patience.Token);
        }

        return false;
    }

    private static Process StartWatch(string endpoints, string key, ConcurrentQueue<string?> complaints)
    {
        var start = new ProcessStartInfo("etcdctl") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["ETCDCTL_API"] = "3";
        foreach (string argument in (string[])["--endpoints=" + endpoints, "watch", key])
        {
            start.ArgumentList.Add(argument);
        }

        Process process = Process.Start(start)!;
        process.ErrorDataReceived += (_, line) => complaints.Enqueue(line.Data);
        process.BeginErrorReadLine();
        return process;
    }

    private static async Task<ServerUnderTest> WhoServesTheWatchAsync(ServerUnderTest[] nodes, IEnumerable<string?> complaints)
    {
        using var http = new HttpClient();
        long started = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(started) < Patience)
        {
            foreach (ServerUnderTest node in nodes)
            {
                string metrics = await http.GetStringAsync(new Uri(node.Client, "/metrics"));
                if (metrics.Contains("\netcd_debugging_mvcc_watcher_total 1\n", StringComparison.Ordinal))
                {
                    return node;
                }
            }

            await Task.Delay(50);
        }

        throw new InvalidOperationException("no node has the watch; etcdctl: " + string.Join('\n', complaints));
    }

    private static async Task MoveLeaderAsync(ServerUnderTest[] nodes, ServerUnderTest target)
    {
        ulong targetId = (await StatusAsync(target)).Header.MemberId;
        long started = TimeProvider.System.GetTimestamp();
        while ((await StatusAsync(target)).Leader != targetId)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < Patience, "the leadership could not be moved");
            foreach (ServerUnderTest node in nodes)
            {
                // All but the leader refuse, and it too when an election comes in between.
                using var grpc = new GrpcClient(node.Client);
                await grpc.CallAsync<MoveLeaderResponse>(
                    "/etcdserverpb.Maintenance/MoveLeader", new MoveLeaderRequest { TargetID = targetId });
            }
        }
    }

    private static async Task<StatusResponse> StatusAsync(ServerUnderTest node)
    {
        using var grpc = new GrpcClient(node.Client);
        return (StatusResponse)(await grpc.CallAsync<StatusResponse>("/etcdserverpb.Maintenance/Status", new StatusRequest())).Message!;
    }

    private static async Task PutAsync(ServerUnderTest node, string value)
    {
        // Once acknowledged is enough, and one more event of the same value does no harm: an election may come in between.
        using var grpc = new GrpcClient(node.Client);
        long started = TimeProvider.System.GetTimestamp();
        GrpcAnswer answer;
        do
        {
            answer = await grpc.CallAsync<PutResponse>(
                "/etcdserverpb.KV/Put", new PutRequest { Key = ByteString.CopyFromUtf8("k"), Value = ByteString.CopyFromUtf8(value) });
        }
        while (answer.Code != 0 && TimeProvider.System.GetElapsedTime(started) < Patience);

        Assert.Equal(0, answer.Code);
    }

    private static async Task<string[]> ReadLinesAsync(Process watch, ConcurrentQueue<string?> complaints)
    {
        using var patience = new CancellationTokenSource(Patience);
        string[] lines = new string[3];
        for (int i = 0; i < lines.Length; i++)
        {
            string? line = await watch.StandardOutput.ReadLineAsync(patience.Token);
            Assert.True(line is not null, $"etcdctl has ended: {string.Join('\n', complaints)}");
            lines[i] = line;
        }

        return lines;
    }
}
