using Microsoft.Extensions.Configuration;

namespace RaftKv.Client.Configuration;

/// <summary>Settings from a cached prefix. The cache's thread is the only one that changes them after the start.</summary>
internal sealed class RaftKvConfigurationProvider : ConfigurationProvider, IDisposable
{
    private readonly RaftKvConfigurationOptions _options;
    private readonly RaftKvClient _client;
    private readonly LastKnownValues? _file;
    private readonly Lock _gate = new();
    private PrefixCache? _cache;
    private long _revision;

    internal RaftKvConfigurationProvider(RaftKvConfigurationOptions options)
    {
        _options = options;
        RaftKvClientOptions client = new() { Endpoints = options.Endpoints };
        options.ConfigureClient?.Invoke(client);
        _client = new RaftKvClient(client);
        _file = options.CacheFile is null ? null : new LastKnownValues(options.CacheFile);
    }

    /// <summary>Waits for the first state; after that changes come by themselves.</summary>
    public override void Load()
    {
        if (_cache is not null)
        {
            return;
        }

        PrefixCache cache = new(_client.Core, RaftKvRange.Prefix(_options.Prefix), TimeSpan.FromSeconds(2));
        _cache = cache;
        cache.Changed += Take;

        // Load is synchronous by the framework's contract; the work runs on other threads and needs none of this one's.
        bool isLoaded = WaitAsync(cache).GetAwaiter().GetResult();
        if (isLoaded)
        {
            Take(cache);
        }
        else if (_file?.Read() is { } values)
        {
            lock (_gate)
            {
                Data = _revision == 0 ? values : Data;
            }
        }
        else if (!_options.IsOptional)
        {
            Dispose();
            throw new InvalidOperationException(
                $"No node of the cluster answered within {_options.LoadTimeout}, and there are no last known values"
                + (_file is null ? "; set CacheFile to keep some, or IsOptional to start without." : $" in {_options.CacheFile}."));
        }
    }

    public void Dispose()
    {
        // The watch ends by its token, without a wait: a provider is disposed synchronously.
        _ = _cache?.DisposeAsync().AsTask();
        _client.Dispose();
    }

    private async Task<bool> WaitAsync(PrefixCache cache)
    {
        using CancellationTokenSource timeout = new(_options.LoadTimeout, _client.Options.TimeProvider);
        try
        {
            await cache.WaitUntilLoadedAsync(timeout.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private void Take(PrefixCache cache)
    {
        Dictionary<string, string?> values = new(StringComparer.OrdinalIgnoreCase);
        lock (_gate)
        {
            // The cache's own thread and the loading one may both come; the later state stays.
            long revision = cache.Revision;
            if (revision <= _revision)
            {
                return;
            }

            foreach (KeyValueEntry entry in cache.Entries.Values)
            {
                if (entry.Key.TryGetText(out string? key) && key.Length > _options.Prefix.Length)
                {
                    string name = key[_options.Prefix.Length..].Replace("/", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal);
                    values[name] = entry.GetString();
                }
            }

            _revision = revision;
            Data = values;
            _file?.Write(values);
        }

        OnReload();
    }
}
