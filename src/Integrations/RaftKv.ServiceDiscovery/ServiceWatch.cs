using Microsoft.Extensions.Primitives;
using RaftKv.Client;

namespace RaftKv.ServiceDiscovery;

/// <summary>
/// The places where one service is, kept up to date by a watch. While the cluster is away they stay as they were last
/// known. Safe from any thread.
/// </summary>
public sealed class ServiceWatch : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly string _service;
    private readonly Task<PrefixCache> _loading;
    private CancellationTokenSource _changed = new();
    private IReadOnlyList<ServiceInstance> _instances = [];

    // No revision is so large: it ends when the watch does.
    private Task? _following;

    /// <summary>Begins to watch.</summary>
    /// <param name="keyRoot">What the services' keys begin with.</param>
    public ServiceWatch(RaftKvClient client, string service, string keyRoot = ServiceCatalogOptions.DefaultKeyRoot)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentException.ThrowIfNullOrEmpty(service);
        ArgumentException.ThrowIfNullOrEmpty(keyRoot);
        _service = service;
        _loading = LoadAsync(client, RaftKvRange.Prefix(ServiceInstance.FolderOf(keyRoot, service)));
    }

    /// <summary>The instances, in the order of their names; empty before the first state is there.</summary>
    public IReadOnlyList<ServiceInstance> Instances => Volatile.Read(ref _instances);

    /// <summary>Fires once, at the next change. Take it before you look at the instances, and you miss none.</summary>
    public IChangeToken GetChangeToken() => new CancellationChangeToken(Volatile.Read(ref _changed).Token);

    /// <summary>Waits for the first state.</summary>
    /// <exception cref="RaftKvException">The watch was refused. A cluster that is away is waited for.</exception>
    public async Task WaitUntilLoadedAsync(CancellationToken cancellationToken = default) =>
        await _loading.WaitAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>Ends the watch; what was last known stays.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await ((Task)_loading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_loading.IsCompletedSuccessfully)
        {
            await (await _loading.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Whether it was refused for good, so that nothing more will be told.</summary>
    internal bool IsRefused => _loading.IsFaulted || Volatile.Read(ref _following) is { IsFaulted: true };

    /// <summary>Ends the watch as <see cref="DisposeAsync"/> does, and waits for nothing.</summary>
    internal void Stop() => _stop.Cancel();

    private async Task<PrefixCache> LoadAsync(RaftKvClient client, RaftKvRange range)
    {
        PrefixCache cache = await client.CacheAsync(range, _stop.Token).ConfigureAwait(false);
        cache.Changed += Take;
        Take(cache);
        Volatile.Write(ref _following, cache.WaitForRevisionAsync(long.MaxValue, _stop.Token));
        return cache;
    }

    private void Take(PrefixCache cache)
    {
        // Two threads may come here at the start; whoever comes later sees the later state.
        CancellationTokenSource told;
        lock (_gate)
        {
            ServiceInstance[] instances = [.. cache.Entries.Values
                .Select(entry => ServiceInstance.TryRead(_service, entry))
                .OfType<ServiceInstance>()];
            Volatile.Write(ref _instances, instances);
            told = _changed;
            Volatile.Write(ref _changed, new CancellationTokenSource());
        }

        // Callbacks run elsewhere; what they throw is theirs, and must not end the watch.
        _ = told.CancelAsync();
    }
}
