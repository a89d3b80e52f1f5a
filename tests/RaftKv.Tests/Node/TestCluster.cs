using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RaftKv.Core;
using RaftKv.Core.Disk;
using RaftKv.Core.Disk.Log;
using RaftKv.Core.Driver;
using RaftKv.Core.Identity;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Replica;
using RaftKv.Core.Replica.Proposals;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Engine;
using RaftKv.Engine.DotNext;
using RaftKv.Hosting;
using RaftKv.Node;
using RaftKv.Storage;
using RaftKv.Transport;

namespace RaftKv.Tests.Node;

/// <summary>A cluster in this process: real loops, real threads and real files; a network of memory.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _directory = Directory.CreateTempSubdirectory("raftkv-test-").FullName;
    private readonly MemoryNetwork _network = new();
    private readonly RaftNode?[] _nodes;
    private readonly List<NamedUrl> _list;
    private readonly ulong _clusterId;
    private readonly FoundingRoll _roll;
    private readonly int _snapshotEntries;
    private readonly MailboxLimits _limits;
    private readonly List<NodeFailure> _failures = [];
    private readonly Dictionary<int, NodeStorage> _storages = [];
    private readonly PowerCutDisks? _disks;
    private readonly bool _isDotNext;

    /// <param name="disks">Disks in memory, in place of files.</param>
    /// <param name="snapshotEntries">Entries between two snapshots, of which a tenth is kept in the log after one.</param>
    /// <param name="isDotNext">DotNext's Raft decides, over HTTP on this machine; null for what RAFTKV_ENGINE says.</param>
    public TestCluster(
        int nodes, MailboxLimits? limits = null, int snapshotEntries = 10_000, PowerCutDisks? disks = null, bool? isDotNext = null)
    {
        _isDotNext = isDotNext ?? Environment.GetEnvironmentVariable("RAFTKV_ENGINE") == EngineNames.DotNext;
        _disks = disks;
        _snapshotEntries = snapshotEntries;
        _nodes = new RaftNode?[nodes];
        _limits = limits ?? new MailboxLimits();
        _list = [.. Enumerable.Range(1, nodes).Select(i => new NamedUrl(
            $"n{i}", ServerUrl.Parse($"http://127.0.0.1:{(_isDotNext ? FreePort() : i)}", "", out _)!))];
        _roll = new FoundingRoll(_list.Select(static (member, i) => new FoundingSeat(member.Name, new NodeId(0x100 + (ulong)i))));
        _clusterId = Identities.ClusterIdOf(_roll);
    }

    public MemoryNetwork Network => _network;

    /// <summary>The nodes' clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>Happens between the making of a node and its start.</summary>
    public Action BeforeStart { get; init; } = static () => { };

    public RaftNode this[int index] => _nodes[index]!;

    public IEnumerable<RaftNode> Running => _nodes.OfType<RaftNode>();

    /// <summary>Where DotNext's peer port is, or would be.</summary>
    public int PortOf(int index) => _list[index].Url.Port;

    /// <summary>Where DotNext's own log makes its files.</summary>
    public string ScratchOf(int index) => ScratchOf(_list[index].Name);

    public static byte[] Put(string key, string value) => KvCommandCodec.Encode(
        new MutateCommand(new PutOp(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(value))), CommandEnvelope.HeaderBytes);

    public static string? Get(StoreView? view, string key) =>
        view?.Get(Encoding.UTF8.GetBytes(key)) is { } pair ? Encoding.UTF8.GetString(pair.Value.Span) : null;

    public void StartAll()
    {
        for (int i = 0; i < _nodes.Length; i++)
        {
            Start(i);
        }
    }

    public void Start(int index)
    {
        var identity = new NodeIdentity(_list[index].Name, _roll.InstanceOf(_list[index].Name), _clusterId);
        var options = new NodeOptions
        {
            Name = identity.Name,
            DataDirectory = Path.Combine(_directory, identity.Name),
            Cluster = _list,
        };
        (ReplicaDisk disk, RecoveredState recovered) = _disks is null
            ? OpenFiles(index, options, identity)
            : ReplicaDisk.Open(_disks[index], new WalOptions { SegmentBytes = 64 * 1024 }, _clusterId, identity.Id);
        var node = new RaftNode(
            new RaftNodeParts
            {
                Identity = identity,
                Guide = _isDotNext ? MakeGuide(identity) : null,
                Replica = new ReplicaOptions
                {
                    IsGuided = _isDotNext,
                    Self = identity.Id,
                    InitialMembership = new Membership(
                        _roll.Seats.Select(static seat => seat.Instance),
                        details: _list.Select(member => new Member(_roll.InstanceOf(member.Name), member.Name, member.Url.ToString()))),
                    Seed = Identities.RandomId(),
                    Incarnation = Identities.RandomId(),
                    HeartbeatTicks = 3,
                    ElectionTimeoutTicks = 30,
                    SnapshotEntries = _snapshotEntries,
                    TrailingEntries = Math.Max(1, _snapshotEntries / 10),
                },
                Disk = disk,
                Transport = _network.Join(identity.Id),
                Time = Time,
                Logger = Logger,
                MailboxLimits = _limits,
                Failed = failure =>
                {
                    lock (_failures)
                    {
                        _failures.Add(failure);
                    }
                },
            },
            recovered);
        _nodes[index] = node;
        _network.Nodes[node.Identity.Id] = node;
        BeforeStart();
        node.Start();
    }

    private DotNextGuide MakeGuide(NodeIdentity self)
    {
        ServerUrl own = _list.First(member => member.Name == self.Name).Url;
        return new DotNextGuide(new DotNextParts
        {
            Self = self,
            Members = [.. _list.Select(member => new DotNextMember(
                _roll.InstanceOf(member.Name), member.Name, new Uri(member.Url.ToString()), new Uri(member.Url.ToString())))],
            Listen = (kestrel, configure) => kestrel.Listen(own, configure),
            Dial = (member, token) => PeerDialer.Plain.OpenAsync(
                new PeerAddress(member.Name, member.Id, member.Route.Host, member.Route.Port), token),
            ScratchDirectory = ScratchOf(self.Name),
            HeartbeatMs = 100,
            ElectionTimeoutMs = 1000,
            Loggers = NullLoggerFactory.Instance,
            IsReachable = peer => !_network.IsCut(self.Id, peer),
        });
    }

    private string ScratchOf(string name) => Path.Combine(_directory, name, "scratch");

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }

    private (ReplicaDisk Disk, RecoveredState Recovered) OpenFiles(int index, NodeOptions options, NodeIdentity identity)
    {
        NodeStorage storage = NodeStorage.Recover(options, OpenDirectory(options, identity), NullLogger.Instance);
        _storages[index] = storage;
        return (storage.Disk, storage.Recovered);
    }

    // Founded by decree: there is no port on which the nodes could ask each other.
    private DataDirectory OpenDirectory(NodeOptions options, NodeIdentity identity)
    {
        string[] list = [.. _list.Select(static member => $"{member.Name}={member.Url}")];
        DataDirectory directory = DataDirectory.Open(
            options.EffectiveDataDirectory, DirectoryIdentity.New(identity.Name, identity.Id, list), nonce: 1);
        directory.Become(directory.Identity with { Stage = FoundingStage.Founded, Roll = _roll, ClusterId = _clusterId });
        return directory;
    }

    public async Task StopAsync(int index)
    {
        await this[index].DisposeAsync();
        if (_storages.Remove(index, out NodeStorage? storage))
        {
            storage.Dispose();
        }

        _nodes[index] = null;
    }

    /// <summary>
    /// Ends a node as a loss of power does. It is cut off first: what it would still tell the others is not on the disk that
    /// it comes back with.
    /// </summary>
    public async Task CutPowerAsync(int index)
    {
        NodeId node = this[index].Identity.Id;
        _network.CutOff(node);
        _disks!.Cut(index);
        await StopAsync(index);
        _network.Heal(node);
    }

    /// <summary>The running node that leads, once all of them that are not cut off agree on one.</summary>
    public async Task<int> LeaderAsync()
    {
        using var timeout = new CancellationTokenSource(Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (true)
        {
            AssertNoFailure();
            for (int i = 0; i < _nodes.Length; i++)
            {
                if (_nodes[i] is { } node && node.Status.Role == Role.Leader
                    && (await node.ReadBarrierAsync(TimeSpan.FromSeconds(1), timeout.Token)).IsGranted)
                {
                    return i;
                }
            }

            await timer.WaitForNextTickAsync(timeout.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        for (int i = 0; i < _nodes.Length; i++)
        {
            if (_nodes[i] is not null)
            {
                await StopAsync(i);
            }
        }

        Directory.Delete(_directory, recursive: true);
        AssertNoFailure();
    }

    private void AssertNoFailure()
    {
        lock (_failures)
        {
            Assert.True(_failures.Count == 0, string.Join('\n', _failures));
        }
    }
}
