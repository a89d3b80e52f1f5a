using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace RaftKv.Bench;

/// <summary>load: writes all keys once, in order, in txns of many puts or as plain puts.</summary>
internal static class LoadCommand
{
    /// <summary>Attempts for one batch; a new cluster may still be choosing its leader.</summary>
    private const int MaxAttempts = 100;

    private static readonly TimeSpan RetryWait = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(30);

    internal static async Task<int> RunAsync(BenchOptions options)
    {
        double cpuBefore = ProcStat.CpuSeconds(options.Pids);
        var watch = Stopwatch.StartNew();
        long retries = await WriteKeysAsync(options);
        double seconds = watch.Elapsed.TotalSeconds;
        double cpu = ProcStat.CpuSeconds(options.Pids) - cpuBefore;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"loaded {options.Keys} keys of {options.ValueBytes} B in {seconds:0.0} s: {options.Keys / seconds:0} keys/s, {retries} retries, server CPU {cpu:0.0} s"));
        foreach (int pid in options.Pids)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"pid {pid}: {ProcStat.ResidentMib(pid):0} MiB resident"));
        }

        return 0;
    }

    /// <summary>
    /// Writes keys 0 to N − 1; gives how many requests had to be repeated. Repeating is safe: the same value goes to
    /// the same key.
    /// </summary>
    internal static async Task<long> WriteKeysAsync(BenchOptions options)
    {
        int next = 0;
        long retries = 0;
        Task[] writers = [.. Enumerable.Range(0, options.Connections).Select(number => Task.Run(async () =>
        {
            Uri endpoint = options.Endpoints[number % options.Endpoints.Count];
            RequestBuilder requests = new(options, endpoint, number);
            using HttpConnection connection = new(endpoint);
            while (true)
            {
                int first = Interlocked.Add(ref next, options.Batch) - options.Batch;
                if (first >= options.Keys)
                {
                    return;
                }

                int count = Math.Min(options.Batch, options.Keys - first);
                ReadOnlyMemory<byte> request = options.Batch == 1 ? requests.Put(first) : requests.Batch(endpoint, first, count);
                Interlocked.Add(ref retries, await SendAsync(connection, request, endpoint));
            }
        }))];
        await Task.WhenAll(writers);
        return retries;
    }

    private static async Task<int> SendAsync(HttpConnection connection, ReadOnlyMemory<byte> request, Uri endpoint)
    {
        for (int attempt = 0; ; attempt++)
        {
            using CancellationTokenSource patience = new(AnswerPatience);
            int status;
            try
            {
                status = await connection.ExchangeAsync(request, patience.Token);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                status = 0;
            }

            if (status is >= 200 and < 300)
            {
                return attempt;
            }

            if (attempt + 1 >= MaxAttempts || status is >= 400 and < 429)
            {
                string body = status == 0 ? "no answer" : System.Text.Encoding.UTF8.GetString(connection.Body);
                throw new BenchException($"{endpoint} does not take the keys: {status} {body}");
            }

            await Task.Delay(RetryWait, CancellationToken.None);
        }
    }
}
