using System.Buffers.Binary;
using System.Diagnostics;
using Google.Protobuf;
using RaftKv.Bench.Grpc;
using RaftKv.Bench.Nodes;
using RaftKv.Protocol.Etcd;

namespace RaftKv.Bench.Scale;

/// <summary>
/// Many watchers of one key, a hundred to a stream, at all nodes alike, and a few puts a second that each of them is told. What is
/// measured comes after as many puts again that warm the servers up.
/// </summary>
internal static class WatchersPart
{
    private const int WatchersOfAStream = 100;
    private const int PutsPerSecond = 5;
    private const int ValueBytes = 128;

    internal static readonly string[] Heading =
    [
        "server", "watchers", "puts/s", "deliveries", "missing", "p50 ms", "p99 ms", "max ms", "server CPU µs/delivery",
        "MiB of three before", "with watchers",
    ];

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private static readonly ByteString _key = ByteString.CopyFromUtf8("watched by many");

    internal static async Task<ScaleResult> RunAsync(ServerCluster cluster, string server, NodesOptions options)
    {
        EtcdEndpoint[] nodes = [.. cluster.Endpoints.Select(static node => new EtcdEndpoint(node))];
        using CancellationTokenSource end = new();
        try
        {
            string before = ScaleResult.Resident(cluster);
            List<WatchStream> streams = [];
            for (int left = options.Watchers; left > 0; left -= WatchersOfAStream)
            {
                streams.Add(await WatchStream.OpenAsync(nodes[streams.Count % nodes.Length], Math.Min(left, WatchersOfAStream)));
            }

            string with = ScaleResult.Resident(cluster);
            Task[] reading = [.. streams.Select(stream => stream.ReadAsync(end.Token))];
            await TellAsync(nodes, streams, options);
            streams.ForEach(static stream => stream.Forget());
            double cpuBefore = ProcStat.CpuSeconds(cluster.ProcessIds);
            long expected = await TellAsync(nodes, streams, options);
            double cpu = ProcStat.CpuSeconds(cluster.ProcessIds) - cpuBefore;
            await end.CancelAsync();
            await Task.WhenAll(reading);
            Histogram all = new();
            streams.ForEach(stream => all.Add(stream.Latencies));
            streams.ForEach(static stream => stream.Dispose());
            List<string> violations = all.Count == expected ? [] : [$"{expected} deliveries were due, and {all.Count} came"];
            return new ScaleResult(
                [
                    [
                        server, TableText.Text(options.Watchers), TableText.Text(PutsPerSecond), TableText.Text(all.Count),
                        TableText.Text(expected - all.Count), TableText.Ms(all, 0.5), TableText.Ms(all, 0.99),
                        TableText.Ms(all, 1),
                        TableText.Text(cpu * 1e6 / Math.Max(1, all.Count), "0.0"), before, with,
                    ],
                ],
                violations);
        }
        finally
        {
            Array.ForEach(nodes, static node => node.Dispose());
        }
    }

    // How many deliveries were due; waits for them.
    private static async Task<long> TellAsync(EtcdEndpoint[] nodes, List<WatchStream> streams, NodesOptions options)
    {
        long expected = await PutAsync(nodes, options.StepTime) * options.Watchers;
        long start = Stopwatch.GetTimestamp();
        while (streams.Sum(static stream => stream.Told) < expected && Stopwatch.GetElapsedTime(start) < _patience)
        {
            await Task.Delay(100);
        }

        return expected;
    }

    private static async Task<long> PutAsync(EtcdEndpoint[] nodes, TimeSpan duration)
    {
        long start = Stopwatch.GetTimestamp();
        long puts = 0;
        for (; puts < duration.TotalSeconds * PutsPerSecond; puts++)
        {
            TimeSpan rest = TimeSpan.FromSeconds(puts / (double)PutsPerSecond) - Stopwatch.GetElapsedTime(start);
            await Task.Delay(rest > TimeSpan.Zero ? rest : TimeSpan.Zero);
            byte[] value = new byte[ValueBytes];
            BinaryPrimitives.WriteInt64LittleEndian(value, Stopwatch.GetTimestamp());
            EtcdAnswer<PutResponse> answer = await nodes[puts % nodes.Length].CallAsync<PutResponse>(
                "/etcdserverpb.KV/Put", new PutRequest { Key = _key, Value = ByteString.CopyFrom(value) }, _patience);
            if (answer.Message is null)
            {
                throw new BenchException($"A put was not answered: code {answer.Code}, {answer.Detail}");
            }
        }

        return puts;
    }

    /// <summary>One stream with its watchers. Its reader's task counts.</summary>
    private sealed class WatchStream(EtcdWatch watch) : IDisposable
    {
        private long _told;

        internal long Told => Volatile.Read(ref _told);

        internal Histogram Latencies { get; private set; } = new();

        /// <summary>What comes from now on counts. For moments in which nothing comes.</summary>
        internal void Forget()
        {
            Volatile.Write(ref _told, 0);
            Latencies = new Histogram();
        }

        internal static async Task<WatchStream> OpenAsync(EtcdEndpoint node, int watchers)
        {
            using CancellationTokenSource patience = new(_patience);
            WatchRequest create = new() { CreateRequest = new WatchCreateRequest { Key = _key } };
            EtcdWatch watch = await node.WatchAsync(create, patience.Token);
            for (int i = 1; i < watchers; i++)
            {
                watch.Send(create);
            }

            for (int i = 0; i < watchers; i++)
            {
                WatchResponse? created = await watch.ReadAsync(patience.Token);
                if (created is not { Created: true, Canceled: false })
                {
                    throw new BenchException($"A watch was not created: {created}");
                }
            }

            return new WatchStream(watch);
        }

        internal async Task ReadAsync(CancellationToken end)
        {
            try
            {
                while (await watch.ReadAsync(end) is { } answer)
                {
                    foreach (Event change in answer.Events)
                    {
                        long put = BinaryPrimitives.ReadInt64LittleEndian(change.Kv.Value.Span);
                        Latencies.Record(Stopwatch.GetElapsedTime(put).Ticks / TimeSpan.TicksPerMicrosecond);
                        Volatile.Write(ref _told, _told + 1);
                    }
                }
            }
            catch (OperationCanceledException)
            {
                // The run is over.
            }
        }

        public void Dispose() => watch.Dispose();
    }
}
