using System.Collections.Immutable;
using RaftKv.Client.Calls;
using RaftKv.Client.Http;
using RaftKv.Client.Watch;

namespace RaftKv.Client;

/// <summary>
/// The keys of a range in memory, kept up to date by a watch: reads cost nothing, and go on while the cluster is away.
/// Safe from any thread.
/// </summary>
/// <remarks>
/// What it shows is a state that the range had, never a mixture, and never goes back. How old it can be is
/// <see cref="SinceHeard"/>: time since a node said that nothing was missing. A node that is cut off from its cluster
/// keeps saying so about what it knows; who must not be misled by that reads with <see cref="ReadLevel.Bounded"/> instead.
/// <code>
/// await using PrefixCache flags = await client.CacheAsync(RaftKvRange.Prefix("flags/"));
/// bool isOn = flags["flags/new-ui"]?.GetString() == "on";
/// </code>
/// </remarks>
public sealed class PrefixCache : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _run;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CacheState _state = CacheState.Empty;
    private long? _heardAt;
    private bool _isConnected;

    internal PrefixCache(CallCore core, RaftKvRange range, TimeSpan bookmarkInterval)
    {
        ArgumentNullException.ThrowIfNull(range);
        _time = core.Options.TimeProvider;
        WatchOptions options = new()
        {
            OnCompacted = WatchCompaction.Snapshot,
            WithBookmarks = true,
            BookmarkInterval = bookmarkInterval,
            Connected = _ => SetConnected(true),
            Disconnected = _ => SetConnected(false),
        };

        // The watch belongs to the cache, not to the trace or the causal context of whoever made it.
        using (ExecutionContext.SuppressFlow())
        {
            _run = Task.Run(() => RunAsync(Watcher.BatchesAsync(core, Watcher.ScopeOf(range), options, _stop.Token)));
        }
    }

    /// <summary>Told after each change of the state, one at a time, on a thread of the cache. Should be short.</summary>
    public event Action<PrefixCache>? Changed;

    /// <summary>The pairs at one revision, in key order; this object itself never changes.</summary>
    public IReadOnlyDictionary<RaftKvKey, KeyValueEntry> Entries => Volatile.Read(ref _state).Entries;

    /// <summary>The revision of the state; 0 before the first one.</summary>
    public long Revision => Volatile.Read(ref _state).Revision;

    /// <summary>True once there is a state.</summary>
    public bool IsLoaded => _loaded.Task.IsCompletedSuccessfully;

    /// <summary>True while a node streams changes to it.</summary>
    public bool IsConnected
    {
        get
        {
            lock (_gate)
            {
                return _isConnected;
            }
        }
    }

    /// <summary>Time since a node last said that the state is all there is; null before the first time.</summary>
    public TimeSpan? SinceHeard
    {
        get
        {
            lock (_gate)
            {
                return _heardAt is { } at ? _time.GetElapsedTime(at) : null;
            }
        }
    }

    /// <summary>A pair of the present state; null when it is missing.</summary>
    public KeyValueEntry? this[RaftKvKey key] => Volatile.Read(ref _state).Entries.GetValueOrDefault(key);

    /// <summary>Waits for the first state.</summary>
    /// <exception cref="RaftKvException">The watch was refused. A cluster that is away is waited for.</exception>
    public Task WaitUntilLoadedAsync(CancellationToken cancellationToken = default) => _loaded.Task.WaitAsync(cancellationToken);

    /// <summary>Waits until the state is at this revision or a later one, e.g. that of a write of one's own.</summary>
    /// <exception cref="RaftKvException">The watch was refused.</exception>
    public async Task WaitForRevisionAsync(long revision, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_state.Revision >= revision)
                {
                    return;
                }

                changed = _changed.Task;
            }

            if (_run.IsFaulted)
            {
                await _run.ConfigureAwait(false);
            }

            await Task.WhenAny(changed, _run).WaitAsync(cancellationToken).ConfigureAwait(false);
            ObjectDisposedException.ThrowIf(_run.IsCompletedSuccessfully, this);
        }
    }

    /// <summary>Ends the watch; the last state stays readable.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        SetConnected(false);
        _loaded.TrySetCanceled();
    }

    private async Task RunAsync(IAsyncEnumerable<WatchBatch> batches)
    {
        try
        {
            await foreach (WatchBatch batch in batches.ConfigureAwait(false))
            {
                Take(batch);
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
        catch (Exception e)
        {
            // The watch was refused for good: whoever waits is told why.
            _loaded.TrySetException(e);
            SetConnected(false);
            throw;
        }
    }

    private void Take(WatchBatch batch)
    {
        CacheState state = _state.With(batch);
        TaskCompletionSource changed;
        lock (_gate)
        {
            _heardAt = _time.GetTimestamp();
            Volatile.Write(ref _state, state);
            changed = _changed;
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        _loaded.TrySetResult();
        changed.SetResult();
        if (batch is not WatchBookmark)
        {
            Tell();
        }
    }

    private void Tell()
    {
        try
        {
            Changed?.Invoke(this);
        }
        catch (Exception)
        {
            // A listener's fault must not end the watch for the others.
            ClientMetrics.CacheListenerFaults.Add(1);
        }
    }

    private void SetConnected(bool isConnected)
    {
        lock (_gate)
        {
            _isConnected = isConnected;
        }
    }

    /// <summary>A state that never changes.</summary>
    private sealed record CacheState(ImmutableSortedDictionary<RaftKvKey, KeyValueEntry> Entries, long Revision)
    {
        internal static CacheState Empty { get; } =
            new(ImmutableSortedDictionary.Create<RaftKvKey, KeyValueEntry>(RaftKvKeyOrder.Instance), 0);

        internal CacheState With(WatchBatch batch)
        {
            ImmutableSortedDictionary<RaftKvKey, KeyValueEntry>.Builder entries = Entries.ToBuilder();
            batch.ApplyTo(entries);
            return new(entries.ToImmutable(), batch is WatchBookmark ? Math.Max(Revision, batch.Revision) : batch.Revision);
        }
    }
}
