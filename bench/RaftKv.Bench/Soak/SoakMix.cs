using System.Globalization;
using System.Net;
using RaftKv.Client;

namespace RaftKv.Bench.Soak;

/// <summary>
/// Everything that fills a table, at once and each loop as fast as it is answered, until stopped: writes in client
/// sessions that come and go, writes under plain keys, overwrites and deletes of a fixed set of keys, txns of 100 puts,
/// large values, leases that are revoked, kept and left to lapse, watches that come and go, listings.
/// </summary>
internal sealed class SoakMix(SoakOptions options, IReadOnlyList<Uri> endpoints, HttpClient http, SoakCounts counts, CancellationToken stop)
{
    private const int Keys = 1_000;
    private const int TxnKeys = 400;
    private const int TxnPuts = 100;
    private const int LargeKeys = 5;
    private const int LargeBytes = 1_000_000;
    private const int ValueBytes = 128;
    private const int WritesOfASession = 20;

    private static readonly TimeSpan _afterFailure = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan _watchLife = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _slowReader = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan _lapsing = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _keeping = TimeSpan.FromSeconds(20);

    // Clients share the connections: a client that comes and goes is a session that does, not a socket.
    private readonly RaftKvClientOptions _clientOptions = new() { Endpoints = endpoints, HttpClient = http };
    private int _seeds;

    /// <summary>Returns when all loops have ended, soon after the stop.</summary>
    internal async Task RunAsync()
    {
        await using RaftKvClient client = new(_clientOptions);
        List<Task> loops =
        [
            .. Many(8, random => LoopAsync("session write", () => client.PutAsync(Key(random), Value(random), cancellationToken: stop))),
            .. Many(4, random => LoopAsync("overwrite", () => OverwriteAsync(client, random))),
            .. Many(2, random => LoopAsync("txn of 100", () => TxnAsync(client, random))),
            .. Many(2, random => LoopAsync("session that ends", () => ShortSessionAsync(random))),
            .. Many(2, random => LoopAsync("lease revoked or left", () => LeaseAsync(client, random))),
            .. Many(10, _ => LoopAsync("lease kept for 20 s", () => KeepAsync(client))),
            .. Many(20, random => LoopAsync("watch of 30 s", () => WatchAsync(client, random, delay: TimeSpan.Zero))),
            .. Many(2, random => LoopAsync("slow watch of 30 s", () => WatchAsync(client, random, _slowReader))),
            .. Many(1, _ => LoopAsync("listing", () => ListAsync(client))),
        ];
        if (options.LargePerSecond > 0)
        {
            Pace pace = new(options.LargePerSecond);
            loops.AddRange(Many(1, random => LoopAsync("value of 1 MB", () => LargeAsync(client, pace, random))));
        }

        const int PlainLoops = 4;
        if (options.PlainKeysPerSecond > 0)
        {
            loops.AddRange(Many(PlainLoops, random =>
            {
                Pace pace = new((double)options.PlainKeysPerSecond / PlainLoops);
                return LoopAsync("write under a plain key", () => PlainAsync(pace, random));
            }));
        }

        await Task.WhenAll(loops);
    }

    private IEnumerable<Task> Many(int loops, Func<Random, Task> start) =>
        Enumerable.Range(0, loops).Select(_ => start(new Random(_seeds++)));

    private async Task LoopAsync(string kind, Func<Task> step)
    {
        // Off the caller's thread from the first step on.
        await Task.Yield();
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await step();
                counts.CountDone(kind);
            }
            catch (Exception e) when (e is RaftKvException or HttpRequestException or BenchException or OperationCanceledException)
            {
                if (!stop.IsCancellationRequested)
                {
                    counts.CountFailed(kind, e is RaftKvException known ? known.Code : e is BenchException ? e.Message : e.GetType().Name);
                    await Task.Delay(_afterFailure, CancellationToken.None);
                }
            }
        }
    }

    private async Task OverwriteAsync(RaftKvClient client, Random random)
    {
        WriteOptions plain = new() { IsIdempotent = false };
        if (random.Next(20) == 0)
        {
            await client.DeleteAsync(Key(random), plain, stop);
            return;
        }

        await client.PutAsync(Key(random), Value(random), plain, stop);
    }

    private async Task TxnAsync(RaftKvClient client, Random random)
    {
        int first = random.Next(TxnKeys);
        TxnOp[] puts = [.. Enumerable.Range(0, TxnPuts).Select(i => Op.Put(Name("soak/t/", (first + i) % TxnKeys), Value(random)))];
        await client.Txn().Then(puts).CommitAsync(stop);
    }

    private async Task ShortSessionAsync(Random random)
    {
        await using RaftKvClient client = new(_clientOptions);
        for (int i = 0; i < WritesOfASession; i++)
        {
            await client.PutAsync(Key(random), Value(random), cancellationToken: stop);
        }
    }

    private async Task LargeAsync(RaftKvClient client, Pace pace, Random random)
    {
        await pace.WaitAsync(stop);
        byte[] value = new byte[LargeBytes];
        random.NextBytes(value);
        await client.PutAsync(Name("soak/large/", random.Next(LargeKeys)), value, cancellationToken: stop);
    }

    // Half are revoked with their key, half end by themselves.
    private async Task LeaseAsync(RaftKvClient client, Random random)
    {
        LeaseGrant lease = await client.Leases.GrantAsync(_lapsing, cancellationToken: stop);
        await client.PutAsync(Name("soak/l/", random.Next(Keys)), Value(random), new WriteOptions { Lease = lease.Id }, stop);
        await client.Leases.KeepAliveAsync(lease.Id, stop);
        if (random.Next(2) == 0)
        {
            await client.Leases.RevokeAsync(lease.Id, stop);
        }
    }

    private async Task KeepAsync(RaftKvClient client)
    {
        await using LeaseKeeper lease = await client.Leases.KeepAsync(_lapsing, stop);
        await Task.Delay(_keeping, stop);
        if (!lease.IsAlive)
        {
            throw new BenchException("lost");
        }
    }

    private async Task WatchAsync(RaftKvClient client, Random random, TimeSpan delay)
    {
        string prefix = Name("soak/k/", random.Next(10))[..^2];
        using CancellationTokenSource life = CancellationTokenSource.CreateLinkedTokenSource(stop);
        life.CancelAfter(_watchLife);
        long last = 0;
        try
        {
            WatchOptions watch = new() { OnCompacted = WatchCompaction.Snapshot };
            await foreach (WatchBatch batch in client.WatchBatchesAsync(RaftKvRange.Prefix(prefix), watch, life.Token))
            {
                last = batch.Revision >= last ? batch.Revision : throw new BenchException("went back");
                await Task.Delay(delay, life.Token);
            }
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested && life.IsCancellationRequested)
        {
            // It has lived as long as it should.
        }
    }

    private async Task ListAsync(RaftKvClient client)
    {
        int count = 0;
        await foreach (KeyValueEntry entry in client.RangeAsync(RaftKvRange.Prefix("soak/"), cancellationToken: stop))
        {
            count += entry.Version > 0 ? 1 : 0;
        }

        await Task.Delay(TimeSpan.FromMilliseconds(count > 0 ? 500 : 50), stop);
    }

    // More than the table of plain keys holds for its window: it fills, and refuses what is beyond. Every twentieth is sent
    // again, and must be told the first answer.
    private async Task PlainAsync(Pace pace, Random random)
    {
        await pace.WaitAsync(stop);
        string key = Guid.NewGuid().ToString("N");
        string target = Name("soak/k/", random.Next(Keys));
        byte[] value = Value(random);
        switch (await PutAsync(key, target, value, random))
        {
            case PlainEnd.Full:
                counts.CountRefused();
                return;
            case PlainEnd.Repeat:
                throw new BenchException("a first write was called a repeat");
            case PlainEnd.Done when random.Next(20) == 0 && await PutAsync(key, target, value, random) != PlainEnd.Repeat:
                throw new BenchException("a repeat was applied again, or refused");
        }
    }

    private async Task<PlainEnd> PutAsync(string idempotencyKey, string key, byte[] value, Random random)
    {
        Uri endpoint = endpoints[random.Next(endpoints.Count)];
        using HttpRequestMessage request = new(HttpMethod.Put, new Uri(endpoint, "/api/v1/kv/" + key));
        request.Content = new ByteArrayContent(value);
        request.Headers.Add("Idempotency-Key", idempotencyKey);
        using HttpResponseMessage answer = await http.SendAsync(request, stop);
        bool isRepeat = answer.Headers.Contains("RaftKv-Replayed");
        return answer.IsSuccessStatusCode ? (isRepeat ? PlainEnd.Repeat : PlainEnd.Done)
            : answer.StatusCode == HttpStatusCode.TooManyRequests && answer.Headers.RetryAfter?.Delta > TimeSpan.Zero ? PlainEnd.Full
            : throw new BenchException(string.Create(CultureInfo.InvariantCulture, $"status {(int)answer.StatusCode}"));
    }

    private enum PlainEnd
    {
        Done,
        Repeat,
        Full,
    }

    private static RaftKvKey Key(Random random) => Name("soak/k/", random.Next(Keys));

    private static string Name(string prefix, int number) => string.Create(CultureInfo.InvariantCulture, $"{prefix}{number:000}");

    private static byte[] Value(Random random)
    {
        byte[] value = new byte[ValueBytes];
        random.NextBytes(value);
        return value;
    }
}
