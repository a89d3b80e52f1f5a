using RaftKv.Client;

namespace RaftKv.BackgroundWork;

/// <summary>Does one shard's work while it is this process' to do: takes its lock, works, and gives it back. One owner.</summary>
internal sealed class ShardRunner
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _unassigned = new();
    private readonly RaftKvClient _client;
    private readonly ShardingOptions _options;
    private readonly int _index;
    private readonly Func<Shard, CancellationToken, Task> _work;
    private readonly Action<int, Exception> _failed;
    private readonly Task _run;

    internal ShardRunner(
        RaftKvClient client, ShardingOptions options, int index, Func<Shard, CancellationToken, Task> work, Action<int, Exception> failed)
    {
        _client = client;
        _options = options;
        _index = index;
        _work = work;
        _failed = failed;
        _run = Task.Run(RunAsync);
    }

    /// <summary>Ends the work by its token, waits for its end, and gives the shard back.</summary>
    internal async Task StopAsync()
    {
        await _unassigned.CancelAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _run.ConfigureAwait(false);
    }

    private async Task RunAsync()
    {
        int failures = 0;
        while (!_unassigned.IsCancellationRequested)
        {
            failures = await WorkOnceAsync().ConfigureAwait(false) ? 0 : failures + 1;
            TimeSpan pause = _options.Pause * Math.Pow(2, Math.Clamp(failures - 1, 0, 10));
            await Task.Delay(pause < LongestPause ? pause : LongestPause, _options.TimeProvider, _unassigned.Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>False when it failed.</summary>
    private async Task<bool> WorkOnceAsync()
    {
        try
        {
            LockOptions asking = new() { Owner = _options.Worker };
            await using LockHandle handle = await _client.Locks
                .AcquireAsync(_options.LockOf(_index), _options.Ttl, asking, _unassigned.Token).ConfigureAwait(false);
            using var lost = CancellationTokenSource.CreateLinkedTokenSource(_unassigned.Token, handle.LostToken);

            // Only after the work has ended the shard is given back, by the end of this block.
            await _work(new Shard(_index, handle.Fence), lost.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            // It left by its token, as it should: not ours any more, or lost.
            return true;
        }
        catch (Exception e)
        {
            // The one place where the work's own faults end: they must not end the host, nor lead to a loop without a pause.
            _failed(_index, e);
            return false;
        }
    }
}
