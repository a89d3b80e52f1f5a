using System.Globalization;
using RaftKv.JepsenStyle.Checkers;
using RaftKv.JepsenStyle.Cluster;
using RaftKv.JepsenStyle.History;

namespace RaftKv.JepsenStyle.Workloads;

/// <summary>
/// Some clients put, delete and run transactions on a few keys; the others watch, two at each node. What they were told
/// is held against a full watch from the first revision on, read at the end.
/// </summary>
internal sealed class WatchWorkload : IWorkload
{
    private const string KeyPrefix = "watch/";
    private const int WriterCount = 4;
    private const int WatcherCount = 6;
    private const int KeyCount = 12;

    private long _next;

    public string Name => "watch";

    public string? Prefix => KeyPrefix;

    public int ClientCount => WriterCount + WatcherCount;

    public async Task RunClientAsync(int number, WorkloadClient client, Random random, CancellationToken cancellationToken)
    {
        if (number > WriterCount)
        {
            await client.WatchAsync($"w{number - WriterCount}", number, KeyPrefix, cancellationToken);
            return;
        }

        while (!cancellationToken.IsCancellationRequested)
        {
            long value = Interlocked.Increment(ref _next);
            switch (random.Next(4))
            {
                case 0:
                    await client.TryAsync("DELETE", "/api/v1/kv/" + Key(random));
                    break;
                case 1:
                    await client.TryAsync("POST", "/api/v1/txn", body: Txn(random.Next(KeyCount), value));
                    break;
                default:
                    Operation done = await client.WriteAsync(Key(random), value);
                    await WorkloadPause.AfterAsync(done, random);
                    break;
            }
        }
    }

    public IEnumerable<Verdict> Check(IReadOnlyList<HistoryLine> history, RunHeader header) => [WatchHistoryChecker.Check(history)];

    /// <summary>Reads everything that happened, from the first node that tells it in full.</summary>
    public async Task FinishAsync(LocalCluster cluster, HistoryRecorder history)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(60) };
        string target = $"http://127.0.0.1:{cluster.Nodes[0].ClientPort}/api/v1/watch?prefix={KeyPrefix}&startRevision=1&timeout=3s";
        using var request = new HttpRequestMessage(HttpMethod.Get, target);
        request.Headers.Add("Accept", "application/x-ndjson");
        using HttpResponseMessage response = await http.SendAsync(request);
        string text = await response.Content.ReadAsStringAsync();
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            history.Add(new FinalWatch(line));
        }
    }

    private static string Key(Random random) => string.Create(CultureInfo.InvariantCulture, $"watch/{random.Next(KeyCount):D2}");

    private static string Txn(int key, long value) => string.Create(
        CultureInfo.InvariantCulture,
        $$$"""{"then":[{"put":{"key":"watch/{{{(key + 1) % KeyCount:D2}}}","value":"{{{value}}}"}},{"put":{"key":"watch/{{{key:D2}}}","value":"{{{value}}}"}}]}""");
}
