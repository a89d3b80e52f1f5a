using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace RaftKv.Bench;

/// <summary>
/// watch: W watchers of one prefix, and a few writers at a given rate; each write is delivered W times. Reports how
/// many deliveries a second came, and how long after its write was begun each of them came. With --idle, that many
/// watchers of other keys stand by.
/// </summary>
internal static class WatchCommand
{
    private const string Mark = "\"value\":\"";

    internal static async Task<int> RunAsync(BenchOptions options)
    {
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = int.MaxValue }) { Timeout = Timeout.InfiniteTimeSpan };
        using var end = new CancellationTokenSource();
        double idleBefore = options.Pids.Sum(ProcStat.ResidentMib);
        List<Stream> idle = await OpenAllAsync(http, options, options.Idle, i => $"key=idle/{i}");
        double idleAfter = options.Pids.Sum(ProcStat.ResidentMib);
        List<Stream> open = await OpenAllAsync(http, options, options.Connections, _ => "prefix=fanout/");
        var receivers = new List<Task<Histogram>>();
        long start = Stopwatch.GetTimestamp();
        long measureFrom = start + (long)(options.Warmup.TotalSeconds * Stopwatch.Frequency);
        foreach (Stream stream in open)
        {
            receivers.Add(Task.Run(() => ReceiveAsync(stream, measureFrom, end.Token)));
        }

        long written = await WriteAsync(http, options, start);
        await Task.Delay(TimeSpan.FromSeconds(1));
        await end.CancelAsync();
        var all = new Histogram();
        foreach (Task<Histogram> receiver in receivers)
        {
            all.Add(await receiver);
        }

        Report(options, all, written, idleBefore, idleAfter);
        open.Concat(idle).ToList().ForEach(stream => stream.Dispose());
        return 0;
    }

    private static void Report(BenchOptions options, Histogram all, long written, double idleBefore, double idleAfter)
    {
        string text = string.Create(
            CultureInfo.InvariantCulture,
            $"{options.Connections} watchers, {written / options.Duration.TotalSeconds:0} writes/s: "
            + $"{all.Count / options.Duration.TotalSeconds:0} deliveries/s, expected {written * options.Connections}, came {all.Count}; ms from the write's start: "
            + $"p50 {all.Percentile(0.5) / 1000.0:0.00} p90 {all.Percentile(0.9) / 1000.0:0.00} p99 {all.Percentile(0.99) / 1000.0:0.00} "
            + $"p99.9 {all.Percentile(0.999) / 1000.0:0.00} max {all.Max / 1000.0:0.0}");
        Console.WriteLine(text);
        if (options.Idle > 0 && options.Pids.Count > 0)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{options.Idle} idle watchers: servers {idleBefore:0} -> {idleAfter:0} MiB resident, {(idleAfter - idleBefore) * 1024 / options.Idle:0.0} KiB each, connection included"));
        }
    }

    private static async Task<List<Stream>> OpenAllAsync(HttpClient http, BenchOptions options, int count, Func<int, string> query)
    {
        var streams = new List<Stream>();
        for (int i = 0; i < count; i++)
        {
            Uri endpoint = options.Endpoints[i % options.Endpoints.Count];
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(endpoint, "/api/v1/watch?bookmarkInterval=1h&" + query(i)));
            request.Headers.Add("Accept", "application/x-ndjson");
            HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            if (!response.IsSuccessStatusCode)
            {
                throw new BenchException($"{endpoint} refuses watcher {i}: {await response.Content.ReadAsStringAsync()}");
            }

            streams.Add(await response.Content.ReadAsStreamAsync());
        }

        return streams;
    }

    // Writes at even intervals; one that takes long delays none of the others. Gives how many were in the measured time.
    private static async Task<long> WriteAsync(HttpClient http, BenchOptions options, long start)
    {
        long written = 0;
        var pending = new List<Task>();
        double total = (options.Warmup + options.Duration).TotalSeconds;
        for (long i = 0; i / (double)options.Rate < total; i++)
        {
            double at = i / (double)options.Rate;
            while (Stopwatch.GetElapsedTime(start).TotalSeconds < at)
            {
                await Task.Delay(1);
            }

            pending.Add(PutAsync(http, options, i));
            written += at >= options.Warmup.TotalSeconds ? 1 : 0;
        }

        await Task.WhenAll(pending);
        return written;
    }

    private static async Task PutAsync(HttpClient http, BenchOptions options, long number)
    {
        Uri endpoint = options.Endpoints[(int)(number % options.Endpoints.Count)];
        string value = Stopwatch.GetTimestamp().ToString("D20", CultureInfo.InvariantCulture).PadRight(options.ValueBytes, '.');
        using var content = new ByteArrayContent(Encoding.ASCII.GetBytes(value));
        using HttpResponseMessage answer = await http.PutAsync(new Uri(endpoint, $"/api/v1/kv/fanout/{number % 1000}"), content);
        if (!answer.IsSuccessStatusCode)
        {
            throw new BenchException($"{endpoint} refuses a write: {(int)answer.StatusCode}");
        }
    }

    private static async Task<Histogram> ReceiveAsync(Stream stream, long measureFrom, CancellationToken end)
    {
        var latencies = new Histogram();
        using var reader = new StreamReader(stream, leaveOpen: true);
        try
        {
            while (await reader.ReadLineAsync(end) is { } line)
            {
                for (int at = line.IndexOf(Mark, StringComparison.Ordinal); at >= 0; at = line.IndexOf(Mark, at + 1, StringComparison.Ordinal))
                {
                    long sent = long.Parse(line.AsSpan(at + Mark.Length, 20), CultureInfo.InvariantCulture);
                    if (sent >= measureFrom)
                    {
                        latencies.Record((long)Stopwatch.GetElapsedTime(sent).TotalMicroseconds);
                    }
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The measurement is over.
        }

        return latencies;
    }
}
