using System.Diagnostics;
using System.Net.Sockets;
using Google.Protobuf;
using RaftKv.Bench.Grpc;
using RaftKv.Bench.Nodes;
using RaftKv.Protocol.Etcd;

namespace RaftKv.Bench.Scale;

/// <summary>
/// Many leases, each kept alive three times in its life by the client that has it, over a stream of that client's own connection.
/// None may be answered as ended, and all are there at the end.
/// </summary>
internal static class LeasesPart
{
    private const int TtlSeconds = 60;
    private const int GrantsAtATime = 64;

    internal static readonly string[] Heading =
    [
        "server", "leases", "clients", "TTL s", "keepalives/s", "answered", "p50 ms", "p99 ms", "max ms", "ended or missing",
        "server CPU µs/keepalive", "MiB of three",
    ];

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    internal static async Task<ScaleResult> RunAsync(ServerCluster cluster, string server, NodesOptions options)
    {
        EtcdEndpoint[] nodes = [.. cluster.Endpoints.Select(static node => new EtcdEndpoint(node))];
        try
        {
            await GrantAsync(nodes, options.Leases);

            // Two lives of each, so that one that was not kept alive is gone at the end.
            TimeSpan duration = TimeSpan.FromSeconds(2 * TtlSeconds);
            LeaseHolder[] holders = [.. Holders(cluster, options)];
            double cpuBefore = ProcStat.CpuSeconds(cluster.ProcessIds);
            long start = Stopwatch.GetTimestamp();
            await Task.WhenAll(holders.Select((holder, i) => holder.RunAsync(start, duration, i / (double)holders.Length)));
            double cpu = ProcStat.CpuSeconds(cluster.ProcessIds) - cpuBefore;
            int there = await CountAsync(nodes[0]);
            Histogram all = new();
            Array.ForEach(holders, holder => all.Add(holder.Latencies));
            long ended = holders.Sum(static holder => holder.EndedCount);
            long missing = options.Leases - there;
            List<string> violations = ended + missing == 0
                ? [] : [$"{ended} keepalives were answered with an ended lease, and {missing} leases are missing at the end"];
            return new ScaleResult(
                [
                    [
                        server, TableText.Text(options.Leases), TableText.Text(options.Clients), TableText.Text(TtlSeconds),
                        TableText.Text(all.Count / duration.TotalSeconds), TableText.Text(all.Count), TableText.Ms(all, 0.5),
                        TableText.Ms(all, 0.99), TableText.Ms(all, 1), TableText.Text(ended + missing),
                        TableText.Text(cpu * 1e6 / Math.Max(1, all.Count), "0.0"), ScaleResult.Resident(cluster),
                    ],
                ],
                violations);
        }
        finally
        {
            Array.ForEach(nodes, static node => node.Dispose());
        }
    }

    private static IEnumerable<LeaseHolder> Holders(ServerCluster cluster, NodesOptions options)
    {
        foreach (int client in Enumerable.Range(0, options.Clients))
        {
            IEnumerable<int> own = Enumerable.Range(1, options.Leases).Where(id => id % options.Clients == client);
            Uri endpoint = cluster.Endpoints[client % cluster.Endpoints.Count];
            yield return new LeaseHolder(endpoint, [.. own.Select(static id => (long)id)], TimeSpan.FromSeconds(TtlSeconds / 3.0));
        }
    }

    // One may be granted by an attempt whose answer was lost; its id is then taken, by us.
    private static async Task GrantAsync(EtcdEndpoint[] nodes, int leases)
    {
        int next = 0;
        await Task.WhenAll(Enumerable.Range(0, GrantsAtATime).Select(async worker =>
        {
            for (int id = Interlocked.Increment(ref next); id <= leases; id = Interlocked.Increment(ref next))
            {
                EtcdAnswer<LeaseGrantResponse> answer = await nodes[worker % nodes.Length].CallAsync<LeaseGrantResponse>(
                    "/etcdserverpb.Lease/LeaseGrant", new LeaseGrantRequest { ID = id, TTL = TtlSeconds }, _patience);
                if (answer.Message is null)
                {
                    throw new BenchException($"Lease {id} was not granted: code {answer.Code}, {answer.Detail}");
                }
            }
        }));
    }

    private static async Task<int> CountAsync(EtcdEndpoint node)
    {
        EtcdAnswer<LeaseLeasesResponse> answer = await node.CallAsync<LeaseLeasesResponse>(
            "/etcdserverpb.Lease/LeaseLeases", new LeaseLeasesRequest(), _patience);
        return answer.Message?.Leases.Count ?? throw new BenchException($"The leases were not listed: code {answer.Code}, {answer.Detail}");
    }
}

/// <summary>A client and its leases, each of which it keeps alive once in an interval. One loop.</summary>
internal sealed class LeaseHolder : IGrpcAnswers
{
    private const int PrefixBytes = EtcdEndpoint.PrefixBytes;

    private readonly GrpcConnection _connection;
    private readonly long[] _leases;
    private readonly TimeSpan _interval;
    private readonly Dictionary<long, long> _asked = [];
    private readonly List<byte> _rest = [];

    internal LeaseHolder(Uri endpoint, long[] leases, TimeSpan interval)
    {
        _connection = new GrpcConnection(endpoint, "/etcdserverpb.Lease/LeaseKeepAlive", this);
        _leases = leases;
        _interval = interval;
    }

    /// <summary>From when each keepalive was sent, in µs.</summary>
    internal Histogram Latencies { get; } = new();

    /// <summary>Answers that a lease has ended, and keepalives without an answer.</summary>
    internal long EndedCount { get; private set; }

    /// <summary>Keeps them alive for so long, in even slices, the first of which is so far into its second.</summary>
    internal async Task RunAsync(long start, TimeSpan duration, double offset)
    {
        using (_connection)
        {
            try
            {
                await _connection.ConnectAsync(CancellationToken.None);
                int slices = Math.Max(1, (int)_interval.TotalSeconds);
                int stream = 0;
                for (int second = 0; second < duration.TotalSeconds; second++)
                {
                    TimeSpan rest = TimeSpan.FromSeconds(second + offset) - Stopwatch.GetElapsedTime(start);
                    await Task.Delay(rest > TimeSpan.Zero ? rest : TimeSpan.Zero);
                    stream = Ask(stream, _leases.Where((_, i) => i % slices == second % slices));
                    await _connection.FlushAsync(CancellationToken.None);
                    while (_asked.Count > 0)
                    {
                        await _connection.ReceiveAsync(CancellationToken.None);
                    }
                }
            }
            catch (SocketException)
            {
                EndedCount += _asked.Count;
            }
        }
    }

    /// <inheritdoc/>
    public void OnData(int stream, ReadOnlySpan<byte> bytes)
    {
        _rest.AddRange(bytes);
        int at = 0;
        ReadOnlySpan<byte> all = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_rest);
        while (all.Length - at >= PrefixBytes)
        {
            int length = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(all[(at + 1)..]);
            if (all.Length - at < PrefixBytes + length)
            {
                break;
            }

            Take(LeaseKeepAliveResponse.Parser.ParseFrom(all.Slice(at + PrefixBytes, length)));
            at += PrefixBytes + length;
        }

        _rest.RemoveRange(0, at);
    }

    /// <inheritdoc/>
    public void OnEnd(int stream) => throw new SocketException((int)SocketError.ConnectionReset);

    // Returns the stream, which the first message opens.
    private int Ask(int stream, IEnumerable<long> leases)
    {
        foreach (long lease in leases)
        {
            _asked[lease] = Stopwatch.GetTimestamp();
            byte[] message = new LeaseKeepAliveRequest { ID = lease }.ToByteArray();
            if (stream == 0)
            {
                stream = _connection.TryOpen(message, isLast: false);
            }
            else
            {
                _connection.PutMessage(stream, message, isLast: false);
            }
        }

        return stream;
    }

    private void Take(LeaseKeepAliveResponse answer)
    {
        if (!_asked.Remove(answer.ID, out long asked))
        {
            throw new BenchException($"A keepalive was answered that nobody had asked for: {answer}");
        }

        Latencies.Record(Stopwatch.GetElapsedTime(asked).Ticks / TimeSpan.TicksPerMicrosecond);
        EndedCount += answer.TTL > 0 ? 0 : 1;
    }
}
