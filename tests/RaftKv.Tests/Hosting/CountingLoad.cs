using RaftKv.Client;

namespace RaftKv.Tests.Hosting;

/// <summary>
/// Some clients that add to a counter and read it back, without a pause, until they are stopped. Any failure that a client
/// sees, a sum that is not that of all additions, and a read that is behind the client's own last sum are errors.
/// </summary>
internal sealed class CountingLoad : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly RaftKvClient _client;
    private readonly Task[] _clients;
    private long _added;

    public CountingLoad(RaftKvClient client, int clients)
    {
        _client = client;
        _clients = [.. Enumerable.Range(0, clients).Select(i => Task.Run(() => RunAsync($"load/{i % 2}")))];
    }

    /// <summary>Additions that were acknowledged.</summary>
    public long Added => Interlocked.Read(ref _added);

    /// <summary>Waits until so many more additions are acknowledged: the load is alive.</summary>
    public async Task MoreAsync(int count)
    {
        long until = Added + count;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (Added < until && !Array.Exists(_clients, static client => client.IsFaulted))
        {
            await Task.Delay(20, patience.Token);
        }
    }

    /// <summary>Stops, throws what a client saw, and compares the sum.</summary>
    public async Task EndAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_clients);
        long sum = 0;
        foreach (string key in (string[])["load/0", "load/1"])
        {
            sum += long.Parse((await _client.GetAsync(key))!.GetString());
        }

        Assert.Equal(Added, sum);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_clients).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _client.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync(string key)
    {
        while (!_stop.IsCancellationRequested)
        {
            long value = (await _client.IncrementAsync(key, 1)).Value;
            Interlocked.Increment(ref _added);
            KeyValueEntry? read = await _client.GetAsync(key);
            Assert.True(read is not null && long.Parse(read.GetString()) >= value, $"read {read?.GetString()} after {value}");
        }
    }
}
