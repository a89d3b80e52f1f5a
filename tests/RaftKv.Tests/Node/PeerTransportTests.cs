using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RaftKv.Core;
using RaftKv.Core.Messages;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Messages;
using RaftKv.Core.Replica.Messages;
using RaftKv.Engine;
using RaftKv.JepsenStyle.Cluster;
using RaftKv.Node;
using RaftKv.Protocol.Peer;
using RaftKv.Transport;

namespace RaftKv.Tests.Node;

/// <summary>Two transports over real sockets, and strangers at the door.</summary>
public sealed class PeerTransportTests : IAsyncLifetime
{
    private const ulong Cluster = 0xC1;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly List<Endpoint> _endpoints = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (Endpoint endpoint in _endpoints)
        {
            await endpoint.DisposeAsync();
        }
    }

    [Fact]
    public async Task Messages_arrive_in_order_both_ways()
    {
        (Endpoint a, Endpoint b) = await PairAsync();

        for (long round = 1; round <= 1000; round++)
        {
            a.Transport.Send([Beat(a, b, round)]);
            b.Transport.Send([Beat(b, a, round)]);
        }

        Assert.Equal(Enumerable.Range(1, 1000).Select(i => (long)i), await TakeRoundsAsync(b, 1000));
        Assert.Equal(Enumerable.Range(1, 1000).Select(i => (long)i), await TakeRoundsAsync(a, 1000));
    }

    [Fact]
    public async Task Large_entries_cross_whole_even_when_the_socket_is_full()
    {
        (Endpoint a, Endpoint b) = await PairAsync();
        byte[] payload = new byte[1_500_000];
        new Random(1).NextBytes(payload);

        for (int i = 1; i <= 20; i++)
        {
            var entry = new LogEntry(new EntryId(new Term(1), new LogIndex(i)), EntryKind.Command, payload);
            var previous = new EntryId(new Term(1), new LogIndex(i - 1));
            a.Transport.Send([new AppendRequest(a.Id, b.Id, new Term(1), previous, [entry], LogIndex.Zero)]);
        }

        for (int i = 1; i <= 20; i++)
        {
            var append = Assert.IsType<AppendRequest>(await b.NextAsync());
            Assert.Equal(i, append.Entries[0].Index.Value);
            Assert.True(append.Entries[0].Payload.Span.SequenceEqual(payload));
        }
    }

    [Fact]
    public async Task A_peer_that_comes_back_is_connected_again_without_help()
    {
        (Endpoint a, Endpoint b) = await PairAsync();
        a.Transport.Send([Beat(a, b, 1)]);
        Assert.Equal([1L], await TakeRoundsAsync(b, 1));

        await b.DisposeAsync();
        Endpoint again = await StartAsync("b", b.Port, Cluster, [("a", a.Port)]);
        Message heard = await SendUntilHeardAsync(a, again);

        Assert.IsType<Heartbeat>(heard);
    }

    [Fact]
    public async Task Peers_learn_where_the_other_serves_clients()
    {
        (Endpoint a, Endpoint b) = await PairAsync();
        a.Transport.Send([Beat(a, b, 1)]);
        await TakeRoundsAsync(b, 1);

        Assert.Equal("http://client.of.a:1", b.Transport.ClientUrlOf(a.Id));
        Assert.Equal("http://client.of.b:1", a.Transport.ClientUrlOf(b.Id));
    }

    [Theory]
    [InlineData("cluster", "belongs to cluster 00000000000000c1, not 00000000000000c2")]
    [InlineData("version", "speaks peer protocol 1, not 9")]
    [InlineData("receiver", "This is node a")]
    [InlineData("sender", "is no member of the cluster of node a")]
    public async Task A_hello_that_does_not_fit_is_refused_with_a_sentence(string wrong, string sentence)
    {
        Endpoint a = await StartAsync("a", PortPool.Take(), Cluster, [("b", PortPool.Take())]);
        var hello = new Hello
        {
            ProtocolVersion = wrong == "version" ? 9u : 1u,
            ClusterId = wrong == "cluster" ? 0xC2 : Cluster,
            FromNodeId = wrong == "sender" ? 77 : IdOf("b").Value,
            ToNodeId = wrong == "receiver" ? 78 : a.Id.Value,
        };

        using TcpClient stranger = await DialAsync(a.Port);
        await stranger.GetStream().WriteAsync(Frame(hello.ToByteArray()));
        byte[] answer = await ReadToEndAsync(stranger);

        Assert.Equal(FrameStatus.Complete, PeerFrame.TryRead(new ReadOnlySequence<byte>(answer), 4096, out var payload));
        Assert.Contains(sentence, HelloReply.Parser.ParseFrom(payload).Refusal);
    }

    [Fact]
    public async Task Two_clusters_that_dial_each_other_refuse_and_log_it_once()
    {
        int portA = PortPool.Take();
        int portB = PortPool.Take();
        Endpoint a = await StartAsync("a", portA, 0xC1, [("b", portB)]);
        Endpoint b = await StartAsync("b", portB, 0xC2, [("a", portA)]);

        string refusal = await a.Logs.WaitForAsync("refuses this node", Patience);
        await b.Logs.WaitForAsync("refuses this node", Patience);

        Assert.Contains("belongs to cluster 00000000000000c2, not 00000000000000c1", refusal);
        Assert.Equal(1, a.Logs.Count("refuses this node"));
    }

    [Fact]
    public async Task A_peer_that_is_in_no_cluster_yet_is_asked_again_without_a_word_in_the_log()
    {
        int portB = PortPool.Take();
        Endpoint a = await StartAsync("a", PortPool.Take(), Cluster, [("b", portB)]);
        using (var young = new TcpListener(IPAddress.Loopback, portB))
        {
            young.Start();
            using TcpClient dialled = await young.AcceptTcpClientAsync().WaitAsync(Patience);
            var word = new Core.Identity.FoundingWord("b", IdOf("b"), 1, Core.Identity.FoundingStage.Open, null);
            await dialled.GetStream().WriteAsync(FoundingWire.NotYet(word));
            await ReadToEndAsync(dialled);
        }

        await StartAsync("b", portB, Cluster, [("a", a.Port)]);
        await a.Logs.WaitForAsync("Connected to peer b", Patience);
        Assert.Equal(0, a.Logs.Count("refuses this node"));
    }

    [Fact]
    public async Task Garbage_on_the_peer_port_closes_that_connection_and_nothing_else()
    {
        (Endpoint a, Endpoint b) = await PairAsync();
        var random = new Random(7);
        for (int round = 0; round < 60; round++)
        {
            byte[] garbage = new byte[random.Next(PeerFrame.HeaderBytes, 300)];
            random.NextBytes(garbage);
            using TcpClient stranger = await DialAsync(a.Port);
            NetworkStream stream = stranger.GetStream();
            await stream.WriteAsync(round % 3 == 0 ? Frame(garbage) : garbage);
            if (round % 2 == 0)
            {
                await ReadToEndAsync(stream);
            }
        }

        b.Transport.Send([Beat(b, a, 5)]);
        Assert.Equal([5L], await TakeRoundsAsync(a, 1));
    }

    [Theory]
    [InlineData("checksum")]
    [InlineData("length")]
    [InlineData("message")]
    [InlineData("forged")]
    public async Task A_bad_frame_after_the_handshake_closes_the_connection(string fault)
    {
        Endpoint a = await StartAsync("a", PortPool.Take(), Cluster, [("b", PortPool.Take())]);
        using TcpClient peer = await DialAsync(a.Port);
        var hello = new Hello { ProtocolVersion = 1, ClusterId = Cluster, FromNodeId = IdOf("b").Value, ToNodeId = a.Id.Value };
        await peer.GetStream().WriteAsync(Frame(hello.ToByteArray()));
        NodeId from = fault == "forged" ? IdOf("c") : IdOf("b");
        byte[] message = new byte[MessageCodec.HeaderBytes];
        MessageCodec.Encode(new TimeoutNow(from, a.Id, new Term(1)), message);
        byte[] frame = fault == "message" ? Frame([1, 2, 3]) : Frame(message);
        frame[fault == "length" ? 3 : 4] ^= (byte)(fault is "checksum" or "length" ? 0xFF : 0);

        await peer.GetStream().WriteAsync(frame);
        await ReadToEndAsync(peer);

        await a.Logs.WaitForAsync("Closed the peer connection", Patience);
        Assert.False(a.HasMessage);
    }

    [Fact]
    public async Task What_a_dead_peer_does_not_take_is_dropped_and_counted()
    {
        Endpoint a = await StartAsync("a", PortPool.Take(), Cluster, [("b", PortPool.Take())]);
        var entry = new LogEntry(new EntryId(new Term(1), new LogIndex(1)), EntryKind.Command, new byte[100_000]);
        for (int i = 0; i < 100; i++)
        {
            a.Transport.Send([new AppendRequest(a.Id, IdOf("b"), new Term(1), EntryId.Zero, [entry], LogIndex.Zero)]);
        }

        Assert.InRange(a.Transport.Links[0].DroppedCount, 90, 99);
    }

    [Fact]
    public async Task A_small_queue_takes_its_bytes_or_one_message_however_large_and_has_room_for_control()
    {
        (Endpoint a, Endpoint b) = await PairAsync(queueBytes: 200_000);
        PeerLink link = a.Transport.Links[0];
        AppendRequest Append(int index, int bytes)
        {
            var entry = new LogEntry(new EntryId(new Term(1), new LogIndex(index)), EntryKind.Command, new byte[bytes]);
            return new AppendRequest(a.Id, b.Id, new Term(1), new EntryId(new Term(1), new LogIndex(index - 1)), [entry], LogIndex.Zero);
        }

        for (int i = 1; i <= 5; i++)
        {
            link.Queue(Append(i, 40_000));
        }

        link.Queue(Beat(a, b, 7));
        Assert.Equal(3, link.DroppedCount);
        link.Flush();
        Assert.Equal(1, await IndexAsync(b));
        Assert.Equal(2, await IndexAsync(b));
        Assert.IsType<Heartbeat>(await b.NextAsync());

        link.Queue(Append(9, 1_000_000));
        link.Flush();
        Assert.Equal((9, 3), (await IndexAsync(b), link.DroppedCount));

        static async Task<long> IndexAsync(Endpoint at) => Assert.IsType<AppendRequest>(await at.NextAsync()).Entries[0].Index.Value;
    }

    private static NodeId IdOf(string name) => new((ulong)name[0]);

    private static Heartbeat Beat(Endpoint from, Endpoint to, long round) =>
        new(from.Id, to.Id, new Term(1), LogIndex.Zero, round);

    private static byte[] Frame(byte[] payload)
    {
        byte[] frame = [.. new byte[PeerFrame.HeaderBytes], .. payload];
        PeerFrame.Seal(frame);
        return frame;
    }

    private static async Task<TcpClient> DialAsync(int port)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        return client;
    }

    private static Task<byte[]> ReadToEndAsync(TcpClient client) => ReadToEndAsync(client.GetStream());

    private static async Task<byte[]> ReadToEndAsync(NetworkStream stream)
    {
        using var all = new MemoryStream();
        try
        {
            await stream.CopyToAsync(all).WaitAsync(Patience);
        }
        catch (IOException)
        {
            // Reset instead of closed: closed all the same.
        }

        return all.ToArray();
    }

    private static async Task<List<long>> TakeRoundsAsync(Endpoint endpoint, int count)
    {
        var rounds = new List<long>();
        while (rounds.Count < count)
        {
            rounds.Add(((Heartbeat)await endpoint.NextAsync()).ReadRound);
        }

        return rounds;
    }

    // A message sent before the link is up again is lost, as Raft allows; the leader's heartbeats come every 100 ms, so
    // here too.
    private static async Task<Message> SendUntilHeardAsync(Endpoint from, Endpoint to)
    {
        Task<Message> heard = to.NextAsync();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        for (int i = 0; i < 100 && !heard.IsCompleted; i++)
        {
            from.Transport.Send([Beat(from, to, i)]);
            await timer.WaitForNextTickAsync();
        }

        return await heard;
    }

    private async Task<(Endpoint A, Endpoint B)> PairAsync(long queueBytes = PeerLink.UsualQueueBytes)
    {
        int portA = PortPool.Take();
        int portB = PortPool.Take();
        Endpoint a = await StartAsync("a", portA, Cluster, [("b", portB)], queueBytes);
        Endpoint b = await StartAsync("b", portB, Cluster, [("a", portA)]);
        await a.Logs.WaitForAsync("Connected to peer b", Patience);
        await b.Logs.WaitForAsync("Connected to peer a", Patience);
        return (a, b);
    }

    private async Task<Endpoint> StartAsync(
        string name, int port, ulong cluster, (string Name, int Port)[] peers, long queueBytes = PeerLink.UsualQueueBytes)
    {
        PeerAddress[] addresses = [.. peers.Select(p => new PeerAddress(p.Name, IdOf(p.Name), "127.0.0.1", p.Port))];
        var endpoint = new Endpoint(name, port, cluster, addresses, queueBytes);
        _endpoints.Add(endpoint);
        await endpoint.StartAsync();
        return endpoint;
    }

    private sealed class Endpoint : IAsyncDisposable
    {
        private readonly Channel<Message> _received = Channel.CreateUnbounded<Message>();
        private readonly WebApplication _app;
        private int _isDisposed;

        public Endpoint(string name, int port, ulong cluster, IReadOnlyList<PeerAddress> peers, long queueBytes)
        {
            Port = port;
            Id = IdOf(name);
            Transport = new PeerTransport(
                new NodeIdentity(name, Id, cluster), $"http://client.of.{name}:1", peers, TimeProvider.System, Logs, queueBytes);
            WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
            builder.Services.AddSingleton(Transport);
            builder.WebHost.UseKestrelCore().ConfigureKestrel(
                kestrel => kestrel.Listen(IPAddress.Loopback, port, listen => listen.UseConnectionHandler<PeerConnectionHandler>()));
            _app = builder.Build();
        }

        public int Port { get; }

        public NodeId Id { get; }

        public MemoryLogger Logs { get; } = new();

        public PeerTransport Transport { get; }

        public bool HasMessage => _received.Reader.TryPeek(out _);

        public async Task StartAsync()
        {
            Transport.Start((messages, _) =>
            {
                foreach (Message message in messages)
                {
                    _received.Writer.TryWrite(message);
                }
            });
            await _app.StartAsync();
        }

        public Task<Message> NextAsync() => _received.Reader.ReadAsync().AsTask().WaitAsync(Patience);

        public async ValueTask DisposeAsync()
        {
            if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
            {
                await Transport.DisposeAsync();
                await _app.DisposeAsync();
            }
        }
    }
}
