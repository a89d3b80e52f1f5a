using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using RaftKv.Client;
using RaftKv.ServiceDiscovery;
using Yarp.ReverseProxy.Configuration;

namespace RaftKv.Yarp;

/// <summary>
/// YARP's configuration, from keys. A change is in force as soon as the watch tells of it; what is wrong is logged and left
/// as it was, and holds up nothing else; while the cluster is away all stays as it was last known.
/// </summary>
/// <remarks>
/// A cluster whose metadata has <c>RaftKv:Service</c> also has the instances of that service as its destinations, which come and go with
/// their leases and their health.
/// </remarks>
internal sealed partial class RaftKvProxyConfigProvider : BackgroundService, IProxyConfigProvider
{
    /// <summary>The metadata of a cluster that names the service of its destinations.</summary>
    internal const string ServiceMetadata = "RaftKv:Service";

    private readonly RaftKvClient _client;
    private readonly IConfigValidator _validator;
    private readonly RaftKvProxyOptions _options;
    private readonly ILogger _logger;
    private readonly Dictionary<string, ServiceWatch> _services = new(StringComparer.Ordinal);

    // One place: a change that comes while another one is taken up is taken up after it, with all that came meanwhile.
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private ProxyConfig _config;

    public RaftKvProxyConfigProvider(
        RaftKvClient client, IConfigValidator validator, IOptions<RaftKvProxyOptions> options, ILogger<RaftKvProxyConfigProvider> logger)
    {
        _client = client;
        _validator = validator;
        _options = options.Value;
        _logger = logger;
        _config = new ProxyConfig(ProxyState.Load(_options.CacheFile), revision: 0);
    }

    /// <inheritdoc/>
    public IProxyConfig GetConfig() => Volatile.Read(ref _config);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            PrefixCache cache = await _client.CacheAsync(RaftKvRange.Prefix(_options.KeyRoot), stoppingToken).ConfigureAwait(false);
            await using (cache.ConfigureAwait(false))
            {
                cache.Changed += _ => _changes.Writer.TryWrite(true);
                _changes.Writer.TryWrite(true);
                await foreach (bool _ in _changes.Reader.ReadAllAsync(stoppingToken).ConfigureAwait(false))
                {
                    await TakeAsync(cache, stoppingToken).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
        finally
        {
            foreach (ServiceWatch watch in _services.Values)
            {
                await watch.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private async Task TakeAsync(PrefixCache cache, CancellationToken cancellationToken)
    {
        long revision = cache.Revision;
        KeyValueEntry[] entries = [.. cache.Entries.Values];
        ProxyState last = _config.State;
        List<ClusterConfig> clusters = [];
        foreach ((string id, KeyValueEntry entry) in In(entries, "clusters/"))
        {
            ClusterConfig? read = Read<ClusterConfig>(entry);
            ClusterConfig? cluster = await ChooseAsync(
                id, read is null ? null : WithDestinations(ProxyJson.Ease(read) with { ClusterId = id }),
                last.Clusters.FirstOrDefault(old => old.ClusterId == id), _validator.ValidateClusterAsync).ConfigureAwait(false);
            clusters.AddRange(cluster is null ? [] : [cluster]);
        }

        List<RouteConfig> routes = [];
        foreach ((string id, KeyValueEntry entry) in In(entries, "routes/"))
        {
            RouteConfig? read = Read<RouteConfig>(entry);
            RouteConfig? route = await ChooseAsync(
                id, read is null ? null : ProxyJson.Ease(read) with { RouteId = id },
                last.Routes.FirstOrDefault(old => old.RouteId == id), _validator.ValidateRouteAsync).ConfigureAwait(false);
            routes.AddRange(route is null ? [] : [route]);
        }

        await ForgetServicesAsync([.. clusters.Select(ServiceOf).OfType<string>()]).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        await PutInForceAsync(new ProxyState(routes, clusters), revision).ConfigureAwait(false);
    }

    private async Task PutInForceAsync(ProxyState state, long revision)
    {
        Save(state);
        ProxyConfig outdated = _config;
        Volatile.Write(ref _config, new ProxyConfig(state, revision));
        LogInForce(revision, state.Routes.Count, state.Clusters.Count);
        await outdated.TellOutdatedAsync().ConfigureAwait(false);
    }

    /// <summary>The new one when it is right, else the one that was in force; null for none.</summary>
    private async Task<T?> ChooseAsync<T>(string id, T? read, T? last, Func<T, ValueTask<IList<Exception>>> validate)
        where T : class
    {
        if (read is null)
        {
            LogUnreadable(typeof(T).Name, id);
            return last;
        }

        IList<Exception> problems = await validate(read).ConfigureAwait(false);
        if (problems.Count == 0)
        {
            return read;
        }

        LogWrong(typeof(T).Name, id, string.Join(" ", problems.Select(static problem => problem.Message)));
        return last;
    }

    private ClusterConfig WithDestinations(ClusterConfig cluster)
    {
        if (ServiceOf(cluster) is not { } service)
        {
            return cluster;
        }

        Dictionary<string, DestinationConfig> destinations = new(
            cluster.Destinations ?? new Dictionary<string, DestinationConfig>(), StringComparer.OrdinalIgnoreCase);
        foreach (ServiceInstance instance in WatchOf(service).Instances)
        {
            destinations[instance.Instance] = new DestinationConfig { Address = instance.Address.ToString(), Metadata = instance.Metadata };
        }

        return cluster with { Destinations = destinations };
    }

    /// <summary>Watches a service from the first cluster on that names it.</summary>
    private ServiceWatch WatchOf(string service)
    {
        if (!_services.TryGetValue(service, out ServiceWatch? watch))
        {
            watch = new ServiceWatch(_client, service, _options.ServiceKeyRoot);
            _services.Add(service, watch);
            Microsoft.Extensions.Primitives.ChangeToken.OnChange(watch.GetChangeToken, () => _changes.Writer.TryWrite(true));

            // What came before the callback stood is not lost.
            _changes.Writer.TryWrite(true);
        }

        return watch;
    }

    private async Task ForgetServicesAsync(HashSet<string> named)
    {
        foreach (string service in _services.Keys.Where(service => !named.Contains(service)).ToArray())
        {
            _services.Remove(service, out ServiceWatch? watch);
            await watch!.DisposeAsync().ConfigureAwait(false);
        }
    }

    private void Save(ProxyState state)
    {
        if (_options.CacheFile is not { } path)
        {
            return;
        }

        try
        {
            state.Save(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The proxy goes on; only a start without the cluster would find an older state.
            LogNotSaved(path, e);
        }
    }

    private static string? ServiceOf(ClusterConfig cluster) => cluster.Metadata?.GetValueOrDefault(ServiceMetadata);

    private IEnumerable<(string Id, KeyValueEntry Entry)> In(IEnumerable<KeyValueEntry> entries, string folder)
    {
        string start = _options.KeyRoot + folder;
        return entries
            .Where(entry => entry.Key.ToString().StartsWith(start, StringComparison.Ordinal) && entry.Key.ToString().Length > start.Length)
            .Select(entry => (entry.Key.ToString()[start.Length..], entry));
    }

    private static T? Read<T>(KeyValueEntry entry)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(entry.Value.Span, ProxyJson.Options);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            return null;
        }
    }

    [LoggerMessage(
        1, LogLevel.Information, "The proxy's configuration of revision {Revision} is in force: {Routes} routes, {Clusters} clusters.")]
    private partial void LogInForce(long revision, int routes, int clusters);

    [LoggerMessage(2, LogLevel.Error, "{Kind} {Id} is not read: its value is no such JSON. What was in force stays.")]
    private partial void LogUnreadable(string kind, string id);

    [LoggerMessage(3, LogLevel.Error, "{Kind} {Id} is wrong: {Problems} What was in force stays.")]
    private partial void LogWrong(string kind, string id, string problems);

    [LoggerMessage(4, LogLevel.Warning, "The proxy's configuration is not saved to {Path}.")]
    private partial void LogNotSaved(string path, Exception e);
}
