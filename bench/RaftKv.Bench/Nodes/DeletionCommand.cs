using System.Diagnostics;
using System.Globalization;
using System.Text;
using Google.Protobuf;
using RaftKv.Bench.Grpc;
using RaftKv.Protocol.Etcd;

namespace RaftKv.Bench.Nodes;

/// <summary>deletion: many keys deleted in one revision, and when each of three watchers, one at each node, has all of it.</summary>
internal static class DeletionCommand
{
    private const int KeysOfATxn = 100;
    private const double MostSeconds = 5;
    private const string Prefix = "deletion/";

    private const string Heading =
        "| server | keys | acknowledged s | watcher 1 s | watcher 2 s | watcher 3 s |\n|---|---:|---:|---:|---:|---:|\n";

    private static readonly TimeSpan _timeout = TimeSpan.FromMinutes(2);
    private static readonly ByteString _start = ByteString.CopyFromUtf8(Prefix);
    private static readonly ByteString _end = ByteString.CopyFromUtf8("deletion0");

    internal static async Task<int> RunAsync(string[] args)
    {
        NodesOptions options = NodesOptions.Parse(args);
        StringBuilder table = new(Heading);
        bool isInTime = true;
        foreach (string server in options.Servers)
        {
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{server}: {options.Keys} keys"));
            using ServerCluster cluster = await ServerCluster.StartAsync(server, options);
            double[] seconds = await MeasureAsync(cluster, options);
            isInTime &= server != "raftkv" || seconds.Max() <= MostSeconds;
            table.AppendLine(CultureInfo.InvariantCulture, $"| {server} | {options.Keys} | {string.Join(" | ", seconds.Select(Text))} |");
        }

        Console.Write(table);
        if (options.Out is { } file)
        {
            await File.WriteAllTextAsync(file, table.ToString());
        }

        return isInTime ? 0 : 1;
    }

    // The acknowledgment's time first, then the watchers'.
    private static async Task<double[]> MeasureAsync(ServerCluster cluster, NodesOptions options)
    {
        EtcdEndpoint[] nodes = [.. cluster.Endpoints.Select(static node => new EtcdEndpoint(node))];
        try
        {
            long loaded = await LoadAsync(nodes[0], options);
            List<EtcdWatch> watches = [];
            foreach (EtcdEndpoint node in nodes)
            {
                watches.Add(await OpenAsync(node, loaded + 1));
            }

            long start = Stopwatch.GetTimestamp();
            Task<double>[] told = [.. watches.Select(watch => TellAsync(watch, options.Keys, start))];
            EtcdAnswer<DeleteRangeResponse> answer = await nodes[0].CallAsync<DeleteRangeResponse>(
                "/etcdserverpb.KV/DeleteRange", new DeleteRangeRequest { Key = _start, RangeEnd = _end }, _timeout);
            double acknowledged = Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (answer.Message?.Deleted != options.Keys)
            {
                throw new BenchException($"The deletion was not done: code {answer.Code} {answer.Detail} {answer.Message}");
            }

            double[] seconds = [acknowledged, .. await Task.WhenAll(told)];
            watches.ForEach(static watch => watch.Dispose());
            return seconds;
        }
        finally
        {
            Array.ForEach(nodes, static node => node.Dispose());
        }
    }

    private static async Task<long> LoadAsync(EtcdEndpoint node, NodesOptions options)
    {
        long revision = 0;
        ByteString value = ByteString.CopyFrom(new byte[options.ValueBytes]);
        foreach (int[] numbers in Enumerable.Range(0, options.Keys).Chunk(KeysOfATxn))
        {
            TxnRequest txn = new();
            foreach (int number in numbers)
            {
                ByteString key = ByteString.CopyFromUtf8(string.Create(CultureInfo.InvariantCulture, $"{Prefix}{number:0000000}"));
                PutRequest put = new() { Key = key, Value = value };
                txn.Success.Add(new RequestOp { RequestPut = put });
            }

            EtcdAnswer<TxnResponse> answer = await node.CallAsync<TxnResponse>("/etcdserverpb.KV/Txn", txn, _timeout);
            revision = answer.Message?.Header.Revision ?? throw new BenchException($"Loading failed: code {answer.Code}, {answer.Detail}");
        }

        return revision;
    }

    private static async Task<EtcdWatch> OpenAsync(EtcdEndpoint node, long from)
    {
        WatchCreateRequest create = new() { Key = _start, RangeEnd = _end, StartRevision = from };
        using CancellationTokenSource patience = new(_timeout);
        EtcdWatch watch = await node.WatchAsync(new WatchRequest { CreateRequest = create }, patience.Token);
        WatchResponse? created = await watch.ReadAsync(patience.Token);
        return created is { Created: true, Canceled: false } ? watch : throw new BenchException($"The watch was not created: {created}");
    }

    private static async Task<double> TellAsync(EtcdWatch watch, int keys, long start)
    {
        await Task.Yield();
        using CancellationTokenSource patience = new(_timeout);
        HashSet<ByteString> deleted = [];
        while (deleted.Count < keys)
        {
            WatchResponse answer = await watch.ReadAsync(patience.Token) ?? throw new BenchException("The watch has ended.");
            foreach (Event change in answer.Events)
            {
                if (change.Type != Event.Types.EventType.Delete || !deleted.Add(change.Kv.Key))
                {
                    throw new BenchException($"The watch told what it should not: {change}");
                }
            }
        }

        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static string Text(double seconds) => seconds.ToString("0.00", CultureInfo.InvariantCulture);
}
