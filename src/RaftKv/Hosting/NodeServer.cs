using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using RaftKv.Core.Driver;
using RaftKv.Core.Raft;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Replica;
using RaftKv.Diagnostics;
using RaftKv.Doors;
using RaftKv.Engine;
using RaftKv.Hosting.ClearHttp2;
using RaftKv.Node;
using RaftKv.Service.Calls;
using RaftKv.Service.Metrics;
using RaftKv.Storage;
using RaftKv.Transport;

namespace RaftKv.Hosting;

/// <summary>
/// One node as a process: data directory, replica, peers' port, clients' port, and their end in good order. The order
/// of the start matters: nobody is listened to before the data directory is locked and recovered.
/// </summary>
internal sealed class NodeServer : IAsyncDisposable
{
    private static readonly TimeSpan LastReadsTimeout = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan RequestsTimeout = TimeSpan.FromSeconds(2);

    // Who connects has something to say: a connection that has said nothing yet takes another's place for no longer.
    private static readonly TimeSpan _silencePatience = TimeSpan.FromSeconds(5);

    private readonly NodeOptions _options;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;
    private readonly NodeStorage _storage;
    private readonly RaftNode _node;
    private readonly ServerMetrics _metrics = new();
    private readonly HandoverListenerFactory _http2 = new();
    private readonly WebApplication _app;
    private readonly MemoryReturn? _memoryReturn;
    private readonly DiskWatch _disk;

    private NodeServer(NodeOptions options, ILoggerFactory loggers)
    {
        _loggers = loggers;
        _logger = loggers.CreateLogger("RaftKv");
        Log.MemoryPlanned(
            _logger, ByteSize.Text(options.Budget.TotalBytes), options.BudgetReason, ByteSize.Text(options.Budget.StoreBytes),
            ByteSize.Text(options.Budget.LogBytes));
        _storage = NodeStorage.Open(options, _logger);
        options = options with { Cluster = _storage.Cluster };
        _options = options;
        NodeIdentity identity = _storage.Identity;
        IReadOnlyList<MemberInfo> members = MembersOf(options, identity);
        var transport = new PeerTransport(
            identity, options.AdvertisedClientUrl, PeersOf(options, members), TimeProvider.System, _logger,
            options.Budget.PeerQueueBytes(members.Count - 1));
        _node = new RaftNode(
            new RaftNodeParts
            {
                Identity = identity,
                Members = members,
                Replica = ReplicaOptionsOf(options, identity, members),
                Budget = options.Budget,
                MailboxLimits = MailboxLimits.Of(options.Budget),
                Disk = _storage.Disk,
                Transport = transport,
                Time = SuspendAwareTime.Create(),
                Logger = _logger,
                SyncTook = _metrics.WalSync.Record,
                IsDiskLow = () => _disk?.IsLow ?? false,
                Failed = EndProcess,
            },
            _storage.Recovered);
        _disk = new DiskWatch(
            () => DiskWatch.FreeBytesOf(options.EffectiveDataDirectory), () => _node.View.UsedBytes, options.DiskReserveBytes,
            TimeProvider.System);
        _metrics.Registry.Gauge(
            "raftkv_disk_free_bytes", "Free bytes of the data directory's disk.", sink => sink.Set(_disk.FreeBytes));
        _app = BuildApp(transport);
        _memoryReturn = options.MemoryReturn == "off" ? null : new MemoryReturn(TimeProvider.System, _logger, _metrics.MemoryReturns);
    }

    /// <summary>The node, for tests.</summary>
    internal INode Node => _node;

    /// <summary>
    /// Starts a node and returns once it listens. Throws <see cref="StartRefusedException"/> with a sentence when it
    /// can't.
    /// </summary>
    public static async Task<NodeServer> StartAsync(NodeOptions options, ILoggerFactory loggers)
    {
        var server = new NodeServer(options, loggers);
        try
        {
            server._node.Start(server.WarmUpAsync);
            await server.ListenAsync().ConfigureAwait(false);
            server._storage.WritePidFile();
            return server;
        }
        catch
        {
            await server._node.DisposeAsync().ConfigureAwait(false);
            server._storage.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Leaves in good order: hands leadership over, finishes what is under way, closes. A few seconds at most.
    /// </summary>
    public async Task StopAsync()
    {
        await _node.DrainAsync().ConfigureAwait(false);
        using var patience = new CancellationTokenSource(RequestsTimeout);
        Task stopping = _app.StopAsync(patience.Token);

        // Reads that are under way still need the peers; after this pause, those that are not answered are refused.
        await Task.WhenAny(stopping, Task.Delay(LastReadsTimeout)).ConfigureAwait(false);
        await _node.DisposeAsync().ConfigureAwait(false);
        await stopping.ConfigureAwait(false);
        _storage.RemovePidFile();
        Log.Stopped(_logger);
    }

    /// <summary>Frees what is left after <see cref="StopAsync"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        _memoryReturn?.Dispose();
        _disk.Dispose();
        await _node.DisposeAsync().ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
        _storage.Dispose();
    }

    private static List<MemberInfo> MembersOf(NodeOptions options, NodeIdentity identity)
    {
        if (options.Cluster.Count == 0)
        {
            return [new MemberInfo(identity.Name, identity.Id, options.EffectivePeerUrl.ToString(), options.AdvertisedClientUrl, IsSelf: true)];
        }

        return [.. options.Cluster.Select(member => new MemberInfo(
            member.Name,
            Identities.NodeIdOf(identity.ClusterId, member.Name),
            member.Url.ToString(),
            member.Name == identity.Name ? options.AdvertisedClientUrl : null,
            IsSelf: member.Name == identity.Name))];
    }

    private static List<PeerAddress> PeersOf(NodeOptions options, IReadOnlyList<MemberInfo> members)
    {
        var peers = new List<PeerAddress>();
        foreach (MemberInfo member in members.Where(member => !member.IsSelf))
        {
            ServerUrl url = options.PeerRoutes.FirstOrDefault(route => route.Name == member.Name)?.Url
                ?? options.Cluster.First(entry => entry.Name == member.Name).Url;
            peers.Add(new PeerAddress(member.Name, member.Id, url.Host, url.Port));
        }

        return peers;
    }

    private static ReplicaOptions ReplicaOptionsOf(
        NodeOptions options, NodeIdentity identity, IReadOnlyList<MemberInfo> members) => new ReplicaOptions
        {
            Self = identity.Id,
            InitialMembership = new Membership(members.Select(member => member.Id)),
            Seed = Identities.RandomId(),
            Incarnation = Identities.RandomId(),
            HeartbeatTicks = Math.Max(1, options.HeartbeatMs / TickSource.TickMs),
            ElectionTimeoutTicks = options.ElectionTimeoutMs / TickSource.TickMs,
            SnapshotEntries = options.SnapshotEntries,
            TrailingEntries = options.TrailingEntries,
            QuotaBytes = options.QuotaBytes ?? 0,
            StoreBudgetBytes = options.Budget.StoreBytes,
            AutoCompaction = options.AutoCompaction,
        }.Within(options.Budget, members.Count - 1);

    private WebApplication BuildApp(PeerTransport transport)
    {
        // The empty builder: no files watched, no variables of the framework read, nothing that was not asked for.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "raftkv" });
        builder.Services.AddSingleton(_loggers);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.AddSingleton(transport);
        builder.Services.AddRoutingCore();
        builder.Services.AddRaftKvApi();
        builder.Services.Configure<SocketTransportOptions>(static sockets => sockets.UnsafePreferInlineScheduling = true);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(ConfigureKestrel);
        builder.Services.AddSingleton<IConnectionListenerFactory>(_http2);
        WebApplication app = builder.Build();
        PeerCounters.Register(_metrics.Registry, transport);
        app.MapRaftKvApi(_node, new ApiOptions
        {
            Metrics = _metrics,
            ElectionTimeout = TimeSpan.FromMilliseconds(_options.ElectionTimeoutMs),
        });
        return app;
    }

    private void ConfigureKestrel(KestrelServerOptions kestrel)
    {
        ApiDoors.ConfigureKestrel(kestrel);

        // What comes through a proxy that ended TLS says https in HTTP/2's own scheme, and is served as etcd serves it.
        kestrel.AllowAlternateSchemes = true;
        kestrel.Limits.MaxRequestHeadersTotalSize = 32 * 1024;
        kestrel.Limits.MaxRequestHeaderCount = 100;
        kestrel.Limits.MaxConcurrentConnections = _options.MaxConnections;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromMinutes(10);

        // One client of etcd's multiplexes all it does over one connection, each watch and each waiting lock a stream.
        kestrel.Limits.Http2.MaxStreamsPerConnection = 10_000;

        // A watcher that does not read is cancelled after 30 s by its own stream; the connection, with all other
        // streams, ends only after that has failed too.
        kestrel.Limits.MinResponseDataRate = new MinDataRate(bytesPerSecond: 16, gracePeriod: TimeSpan.FromSeconds(60));
        foreach (ServerUrl url in _options.ClientUrls)
        {
            Listen(kestrel, url, listen => listen.UseBothHttpVersions(_http2, _silencePatience));
        }

        kestrel.ListenForHandedOverHttp2();

        Listen(kestrel, _options.EffectivePeerUrl, static listen => listen.UseConnectionHandler<PeerConnectionHandler>());
    }

    private static void Listen(KestrelServerOptions kestrel, ServerUrl url, Action<ListenOptions> configure)
    {
        if (IPAddress.TryParse(url.Host, out IPAddress? address))
        {
            kestrel.Listen(address, url.Port, configure);
        }
        else if (url.Host == "localhost")
        {
            kestrel.ListenLocalhost(url.Port, configure);
        }
        else
        {
            throw new StartRefusedException(
                $"Can't listen at {url}: \"{url.Host}\" is a name. Give an address of this machine, or http://0.0.0.0:{url.Port} for all of them.");
        }
    }

    private async Task ListenAsync()
    {
        try
        {
            await _app.StartAsync().ConfigureAwait(false);
        }
        catch (IOException failure) when (failure.InnerException is AddressInUseException)
        {
            throw new StartRefusedException(
                $"{failure.Message.TrimEnd('.')}. Stop the process that has the port, or choose another one with --client and --peer.");
        }
        catch (SocketException failure)
        {
            throw new StartRefusedException(
                $"Can't listen at {string.Join(", ", _options.ClientUrls)} and {_options.EffectivePeerUrl}: {failure.Message}.");
        }

        Log.Listening(_logger, string.Join(", ", _options.ClientUrls), _options.EffectivePeerUrl.ToString());
    }

    private Task WarmUpAsync(CancellationToken cancellationToken) => WarmUp.RunAsync(_options.ClientUrls[0], cancellationToken);

    private void EndProcess(NodeFailure failure)
    {
        (int exitCode, string advice) = failure.Kind switch
        {
            NodeFailureKind.Disk => (ExitCode.Disk, "The disk failed; nothing is retried. Check it, then start the node again."),
            NodeFailureKind.Corruption => (ExitCode.Corruption, "The data is corrupt; see docs/operations.md."),
            NodeFailureKind.Version => (ExitCode.Version, "Nothing is lost."),
            _ => (ExitCode.Invariant, "This is a bug; please report it with the log. Restarting is safe: nothing unsynced was acknowledged."),
        };

        // The log is written by a thread of its own; give it a moment, but never wait for it for good.
        Task.Run(_loggers.Dispose).Wait(TimeSpan.FromSeconds(1));
        Console.Error.WriteLine($"raftkv: node {_options.Name} stops: {failure.Exception.Message} {advice}");
        ProcessEnd.Now(exitCode);
    }

    // The process's signals are the command's business, not the host's.
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
