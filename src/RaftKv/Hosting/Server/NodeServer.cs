using System.Diagnostics;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using RaftKv.Audit;
using RaftKv.Core;
using RaftKv.Core.Disk.Device;
using RaftKv.Core.Driver;
using RaftKv.Core.Identity;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Replica;
using RaftKv.Diagnostics;
using RaftKv.Diagnostics.Metrics;
using RaftKv.Doors;
using RaftKv.Engine;
using RaftKv.Engine.DotNext;
using RaftKv.Hosting.ClearHttp2;
using RaftKv.Hosting.Formation;
using RaftKv.Node;
using RaftKv.Security.Jwt;
using RaftKv.Service.Calls;
using RaftKv.Service.Metrics;
using RaftKv.Service.Vocabulary;
using RaftKv.Storage;
using RaftKv.Transport;
using RaftKv.Transport.Connections;

namespace RaftKv.Hosting.Server;

/// <summary>
/// One node as a process: data directory, replica, peers' port, clients' port, and their end in good order. The order
/// of the start matters: nobody is listened to before the data directory is locked and recovered.
/// </summary>
internal sealed class NodeServer : IAsyncDisposable
{
    private static readonly TimeSpan LastAnswersTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan TellingTimeout = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LeavingTimeout = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan RequestsTimeout = TimeSpan.FromSeconds(2);

    // Who connects has something to say: a connection that has said nothing yet takes another's place for no longer.
    private static readonly TimeSpan _silencePatience = TimeSpan.FromSeconds(5);

    // A peer has one connection here, or two while it dials anew; the rest is for those whose handshake is awaited.
    private const int MostPeerConnections = 256;

    // Who has fallen behind is sent all that may be under way in one round of the loop, whose thread encodes it: so much takes a few
    // milliseconds, during which nobody else is served, and still fills a line of 50 ms there and back with 80 MB a second.
    private const long MostInflightBytes = 4L << 20;

    // Told by raftkv dev --lab to its nodes; a node of serve has no link that could be held.
    internal const string LabVariable = "RAFTKV_LAB";

    private readonly NodeOptions _options;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;
    private readonly NodeStorage _storage;
    private readonly NodeTls _tls;
    private readonly RaftNode _node;
    private readonly DotNextGuide? _guide;
    private readonly ServerMetrics _metrics = new();
    private readonly AuditLog? _audit;
    private readonly JwtJudge? _jwt;
    private readonly HandoverListenerFactory _http2 = new();
    private readonly ClientListeners _listeners;
    private readonly ConnectionRoom _clients;
    private readonly AddressShares _shares;
    private readonly ConnectionRoom _peers = new(MostPeerConnections, TimeProvider.System);
    private readonly WebApplication _app;
    private readonly MemoryReturn? _memoryReturn;
    private readonly DiskWatch _disk;
    private readonly NodeBackups? _backups;
    private readonly SeatNotice _seat;
    private readonly RegistryMeter _meter;
    private readonly OtlpExport? _otlp;
    private int _isLeaving;

    private NodeServer(NodeOptions options, ILoggerFactory loggers, ILogger logger, NodeStorage storage, NodeTls tls)
    {
        _tls = tls;
        _loggers = loggers;
        _logger = logger;
        _storage = storage;
        options = options with { Cluster = _storage.Cluster };
        _options = options;
        _audit = AuditSettings.Open(options);
        _audit?.Register(_metrics.Registry);
        _jwt = JwtSettings.JudgeOf(options, logger);
        _listeners = new ClientListeners(options.ClientUrls.Select(static url => url.Port));
        _clients = new ConnectionRoom(options.MaxConnections, TimeProvider.System);
        _shares = new AddressShares(options.MaxConnectionsPerAddress);
        NodeIdentity identity = _storage.Identity;
        Membership founding = FoundingMembership.Of(_storage.Roll, options.Cluster, options.AdvertisedPeerUrl);
        PeerTransport transport = new(
            identity, options.AdvertisedClientUrl, PeersOf(options, identity, founding), TimeProvider.System, _logger,
            options.Budget.PeerQueueBytes(Math.Max(1, founding.Voters.Count - 1)), _storage.Standing, EndForGood, options.AdvertisedPeerUrl,
            tls.Dialer);
        TimeProvider time = SuspendAwareTime.Create();
        transport.Clock = new MonotonicClock(time);
        _guide = DotNextEngine.MakeGuide(options, identity, founding, transport, _peers, _storage, tls, loggers);
        _node = new RaftNode(
            new RaftNodeParts
            {
                Identity = identity,
                Guide = _guide,
                ClientUrl = options.AdvertisedClientUrl,
                SeeClientsOff = SeeClientsOffAsync,
                MembersChanged = (members, isCommitted) =>
                {
                    bool isFinal = isCommitted && !members.IsJoint;
                    transport.Book.Become(PeersOf(options, identity, members), members.Removed, isFinal);
                    if (isFinal)
                    {
                        _storage.NoteMembers(members);
                    }
                },
                Replica = ReplicaOptionsOf(options, identity, founding),
                Budget = options.Budget,
                MailboxLimits = MailboxLimits.Of(options.Budget),
                Disk = _storage.Disk,
                Transport = transport,
                Time = time,
                Logger = _logger,
                SyncTook = _metrics.WalSync.Record,
                RoundTook = _metrics.Round.Record,
                IsDiskLow = () => _disk?.Use.IsLow ?? false,
                DiskUse = () => _disk?.Use ?? default,
                Failed = EndProcess,
            },
            _storage.Recovered);
        _disk = WatchDisk(options);
        if (storage.IsHealed)
        {
            _metrics.SelfHeals.Add();
        }

        transport.Book.Become(PeersOf(options, identity, _node.Membership), [], isFinal: false);
        transport.Join = new JoinDoor(_node, _storage).AnswerAsync;
        transport.Members = _node.AnswerAsync;
        _backups = BackupSettings.PlanOf(options) is { } plan ? new NodeBackups(_node, plan, _logger, _metrics.Registry) : null;
        _seat = new SeatNotice(_node, options, _logger);
        _app = BuildApp(transport);
        _meter = new RegistryMeter(_metrics.Registry, Product.Version);
        _otlp = OtlpExport.Start(options, identity);
        _memoryReturn = options.MemoryReturn == "off" ? null : new MemoryReturn(TimeProvider.System, _logger, _metrics.MemoryReturns);
    }

    /// <summary>The node, for tests.</summary>
    internal INode Node => _node;

    /// <summary>
    /// Starts a node and returns once it listens; before that its cluster is founded, for which it waits as long as it
    /// takes. Throws <see cref="StartRefusedException"/> with a sentence when it can't.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait for the founding.</param>
    public static async Task<NodeServer> StartAsync(
        NodeOptions options, ILoggerFactory loggers, CancellationToken cancellationToken = default)
    {
        ILogger logger = loggers.CreateLogger("RaftKv");
        Log.MemoryPlanned(
            logger, ByteSize.Text(options.Budget.TotalBytes), options.BudgetReason, ByteSize.Text(options.Budget.StoreBytes),
            ByteSize.Text(options.Budget.LogBytes));
        NodeTls tls = NodeTls.Open(options, TimeProvider.System, logger);
        NodeStorage? storage = null;
        NodeServer server;
        try
        {
            storage = await OpenStorageAsync(options, tls, logger, cancellationToken).ConfigureAwait(false);
            server = new NodeServer(options, loggers, logger, storage, tls);
        }
        catch
        {
            storage?.Dispose();
            tls.Dispose();
            throw;
        }

        try
        {
            server._node.Start(server.WarmUpAsync);
            await Listening.ListenAsync(server._guide?.Started ?? Task.CompletedTask, server._options).ConfigureAwait(false);
            await Listening.ListenAsync(server._app.StartAsync(), server._options).ConfigureAwait(false);
            Log.Listening(server._logger, string.Join(", ", options.ClientUrls), options.EffectivePeerUrl.ToString());
            server._storage.WritePidFile();
            server._backups?.Start();
            server._seat.Start();
            return server;
        }
        catch
        {
            await server._node.DisposeAsync().ConfigureAwait(false);
            server._storage.Dispose();
            tls.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Leaves in good order: hands leadership over, finishes what is under way, closes. A few seconds at most.
    /// </summary>
    public async Task StopAsync()
    {
        await _seat.StopAsync().ConfigureAwait(false);
        if (_backups is not null)
        {
            await _backups.DisposeAsync().ConfigureAwait(false);
        }

        // What is under way still needs the peers, and its writes are taken. What is not answered after this is refused.
        await _node.BeginDrainAsync().ConfigureAwait(false);
        await SeeClientsOffAsync().ConfigureAwait(false);
        await _node.DrainAsync().ConfigureAwait(false);
        using var patience = new CancellationTokenSource(RequestsTimeout);
        Task stopping = _app.StopAsync(patience.Token);
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
        if (_backups is not null)
        {
            await _backups.DisposeAsync().ConfigureAwait(false);
        }

        await _node.DisposeAsync().ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
        if (_audit is not null)
        {
            await _audit.DisposeAsync().ConfigureAwait(false);
        }

        _otlp?.Dispose();
        _jwt?.Dispose();
        _meter.Dispose();
        _tls.Dispose();
        _storage.Dispose();
    }

    private static async Task<NodeStorage> OpenStorageAsync(
        NodeOptions options, NodeTls tls, ILogger logger, CancellationToken cancellationToken)
    {
        DataDirectory directory = NodeStorage.OpenDirectory(options, logger);
        try
        {
            if (directory.Identity.Stage != FoundingStage.Founded)
            {
                if (options.Join is not null && directory.Identity.Restored is not null)
                {
                    throw new StartRefusedException(
                        $"{directory.Path} was restored from a backup, and a node that joins a cluster gets its data from there. Start it"
                        + " without --join to found a cluster with what was restored, or join with an empty directory.");
                }

                await (options.Join is null
                    ? FormationPhase.RunAsync(options, directory, tls, logger, cancellationToken)
                    : JoinPhase.RunAsync(options, directory, tls, logger, cancellationToken)).ConfigureAwait(false);
            }

            try
            {
                return NodeStorage.Recover(options, directory, logger);
            }
            catch (StorageCorruptException damage) when (options.HealsItself)
            {
                await HealPhase.RunAsync(options, directory, damage, tls, logger, cancellationToken).ConfigureAwait(false);
                return NodeStorage.Recover(options, directory, logger, isHealed: true);
            }
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    private static List<PeerAddress> PeersOf(NodeOptions options, NodeIdentity identity, Membership members)
    {
        var peers = new List<PeerAddress>();
        foreach (NodeId id in members.Members().Where(id => id != identity.Id))
        {
            Member member = members.DetailOf(id);
            string url = options.PeerRoutes.FirstOrDefault(route => route.Name == member.Name)?.Url.ToString() ?? member.PeerUrl;
            if (PeerAddress.Parse(member.Name, id, url) is { } peer)
            {
                peers.Add(peer);
            }
        }

        return peers;
    }

    private static ReplicaOptions ReplicaOptionsOf(NodeOptions options, NodeIdentity identity, Membership founding)
    {
        ReplicaOptions given = new ReplicaOptions
        {
            Self = identity.Id,
            InitialMembership = founding,
            Seed = Identities.RandomId(),
            Incarnation = Identities.RandomId(),
            HeartbeatTicks = Math.Max(1, options.HeartbeatMs / TickSource.TickMs),
            ElectionTimeoutTicks = options.ElectionTimeoutMs / TickSource.TickMs,
            SnapshotEntries = options.SnapshotEntries,
            TrailingEntries = options.TrailingEntries,
            QuotaBytes = options.QuotaBytes ?? 0,
            StoreBudgetBytes = options.Budget.StoreBytes,
            AutoCompaction = options.AutoCompaction,
            EndsWhenDiverged = options.HealsItself,
            IsGuided = options.Engine != EngineNames.Native,
        }.Within(options.Budget, Math.Max(1, founding.Voters.Count - 1));
        return given with { MaxInflightBytes = Math.Min(given.MaxInflightBytes, MostInflightBytes) };
    }

    private WebApplication BuildApp(PeerTransport transport)
    {
        // The empty builder: no files watched, no variables of the framework read, nothing that was not asked for.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "raftkv" });
        builder.Services.AddSingleton(_loggers);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.AddSingleton(transport);
        builder.Services.AddSingleton(_tls.Outgoing);
        builder.Services.AddRoutingCore();
        builder.Services.AddRaftKvApi();
        builder.Services.Configure<SocketTransportOptions>(static sockets => sockets.UnsafePreferInlineScheduling = true);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => ConfigureKestrel(kestrel, transport));
        builder.Services.AddSingleton<IConnectionListenerFactory>(_http2);
        builder.Services.AddSingleton<IConnectionListenerFactory>(_listeners.Over);
        WebApplication app = builder.Build();
        PeerCounters.Register(_metrics.Registry, transport, _node.Identity.Id);
        _tls.Show(_metrics.Registry);
        ShowConnections(_metrics.Registry);

        // Before the doors: what runs on a connection keeps it open.
        app.Use(static next => http => ConnectionRoom.CountAsync(http, next));
        app.MapRaftKvApi(_node, new ApiOptions
        {
            Metrics = _metrics,
            Backups = _backups?.Desk,
            ElectionTimeout = TimeSpan.FromMilliseconds(_options.ElectionTimeoutMs),
            MaxLearners = _options.MaxLearners,
            IsDashboardEnabled = _options.Dashboard != "off",
            IsDashboardReadOnly = _options.Dashboard == "read-only",
            LabUrl = Uri.TryCreate(Environment.GetEnvironmentVariable(LabVariable), UriKind.Absolute, out Uri? lab) ? lab : null,
            Observers = _audit is null ? [] : [_audit],
            AllowedOrigins = _options.AllowedOrigins,
            Shares = ShareSettings.Of(_options),
            Jwt = _jwt,
            Certificates = () => _tls.Facts,
        });
        return app;
    }

    private void ShowConnections(MetricRegistry registry)
    {
        registry.Gauge("raftkv_connections", "Open connections of clients.", sink => sink.Set(_clients.OpenCount));
        registry.AskedCounter(
            "raftkv_connections_closed_idle_total", "Connections of clients that were closed because others needed their places.",
            sink => sink.Set(_clients.ClosedIdleCount));
        registry.AskedCounter(
            "raftkv_connections_refused_total", "Connections of clients that found no place.",
            sink => sink.Set(_clients.RefusedCount + _shares.RefusedCount));
    }

    private void ConfigureKestrel(KestrelServerOptions kestrel, PeerTransport transport)
    {
        ApiDoors.ConfigureKestrel(kestrel);

        // What comes through a proxy that ended TLS says https in HTTP/2's own scheme, and is served as etcd serves it.
        kestrel.AllowAlternateSchemes = true;
        ClientLimits.Set(kestrel.Limits);
        foreach (ServerUrl url in _options.ClientUrls)
        {
            kestrel.Listen(url, listen =>
            {
                listen.Use(next => connection => _shares.ServeAsync(connection, next));
                listen.Use(next => connection => _clients.ServeAsync(connection, next));
                if (url.IsTls)
                {
                    _tls.ListenForClients(listen, _silencePatience);
                }
                else
                {
                    listen.UseBothHttpVersions(_http2, _silencePatience);
                }
            });
        }

        kestrel.ListenForHandedOverHttp2();

        if (_guide is null)
        {
            kestrel.Listen(_options.EffectivePeerUrl, listen =>
            {
                listen.Use(next => connection => _peers.ServeAsync(connection, next));
                _tls.ListenForPeers(listen, new PeerConnectionHandler(transport));
            });
        }
    }

    private DiskWatch WatchDisk(NodeOptions options)
    {
        var disk = new DiskWatch(
            options.EffectiveDataDirectory, DiskWatch.FreeBytesOf, () => _node.View.UsedBytes, options.DiskReserveBytes,
            TimeProvider.System);
        _metrics.Registry.Gauge(
            "raftkv_disk_free_bytes", "Free bytes of the data directory's disk.", sink => sink.Set(disk.Use.FreeBytes));
        _metrics.Registry.Gauge(
            "raftkv_data_directory_bytes", "Bytes of the data directory's files.", sink => sink.Set(disk.Use.UsedBytes));
        _metrics.Registry.Gauge(
            "raftkv_data_directory_bound_bytes", "What they are at most, by the memory budget.",
            sink => sink.Set(options.Budget.DirectoryBytes));
        return disk;
    }

    // Nobody new, and nobody in the middle of a call: a client meets a port that is closed, and asks another node, with nothing in
    // doubt.
    private async Task SeeClientsOffAsync()
    {
        await _listeners.CloseAsync().ConfigureAwait(false);
        await _clients.SeeOffAsync(TellingTimeout, LastAnswersTimeout).ConfigureAwait(false);
    }

    private Task WarmUpAsync(CancellationToken cancellationToken) => WarmUp.RunAsync(_options.ClientUrls[0], _tls.Outgoing, cancellationToken);

    private void EndProcess(NodeFailure failure)
    {
        if (failure.Kind != NodeFailureKind.Removed)
        {
            EndNow(failure);
            return;
        }

        // It is told more than once: by its own leave, by the log, and by each peer that refuses it from now on.
        if (Interlocked.Exchange(ref _isLeaving, 1) == 0)
        {
            // Whoever still waits for an answer, such as to the order that removed this very node, gets it first.
            _ = Task.Run(async () =>
            {
                await Task.WhenAny(StopAsync(), Task.Delay(LeavingTimeout)).ConfigureAwait(false);
                EndNow(failure);
            });
        }
    }

    private void EndNow(NodeFailure failure)
    {
        (int exitCode, string advice) = failure.Kind switch
        {
            NodeFailureKind.Disk => (ExitCode.Disk, "The disk failed; nothing is retried. Check it, then start the node again."),
            NodeFailureKind.Corruption => (ExitCode.Corruption, AfterDamage),
            NodeFailureKind.Diverged => (ExitCode.Corruption, AfterDamage),
            NodeFailureKind.Version => (ExitCode.Version, "Nothing is lost."),
            NodeFailureKind.Member => (ExitCode.Member, ""),
            NodeFailureKind.Removed => (ExitCode.Removed, ""),
            _ => (ExitCode.Invariant, "This is a bug; please report it with the log. Restarting is safe: nothing unsynced was acknowledged."),
        };

        if (failure.Kind == NodeFailureKind.Diverged)
        {
            _storage.MarkDiverged(failure.Exception.Message);
        }

        // The log is written by a thread of its own; give it a moment, but never wait for it for good.
        Task.Run(_loggers.Dispose).Wait(TimeSpan.FromSeconds(1));
        Console.Error.WriteLine($"raftkv: node {_options.Name} stops: {failure.Exception.Message} {advice}");
        ProcessEnd.Now(exitCode);
    }

    private string AfterDamage => _options.HealsItself
        ? "Start it again: it sets the damaged data aside, and comes back as a new member."
        : "See docs/operations.md, \"Damaged data\".";

    private void EndForGood(string refusal, bool isRemoved) => EndProcess(new NodeFailure(
        isRemoved ? NodeFailureKind.Removed : NodeFailureKind.Member, "peers", new MemberRefusedException(refusal)));
}
