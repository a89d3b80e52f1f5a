using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using RaftKv.Core;
using RaftKv.Core.Driver;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Replica;
using RaftKv.Core.Replica.Proposals;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Engine;
using RaftKv.Hosting;
using RaftKv.Node;

namespace RaftKv.Tests.Node;

/// <summary>A cluster in this process: real loops, real threads and real files; a network of memory.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly string _directory = Directory.CreateTempSubdirectory("raftkv-test-").FullName;
    private readonly MemoryNetwork _network = new();
    private readonly RaftNode?[] _nodes;
    private readonly List<NamedUrl> _list;
    private readonly ulong _clusterId;
    private readonly int _snapshotEntries;
    private readonly MailboxLimits _limits;
    private readonly List<NodeFailure> _failures = [];
    private readonly Dictionary<int, NodeStorage> _storages = [];

    /// <param name="snapshotEntries">Entries between two snapshots, of which a tenth is kept in the log after one.</param>
    public TestCluster(int nodes, MailboxLimits? limits = null, int snapshotEntries = 10_000)
    {
        _snapshotEntries = snapshotEntries;
        _nodes = new RaftNode?[nodes];
        _limits = limits ?? new MailboxLimits();
        _list = [.. Enumerable.Range(1, nodes).Select(i => new NamedUrl($"n{i}", ServerUrl.Parse($"http://127.0.0.1:{i}", "", out _)!))];
        _clusterId = Identities.ClusterIdOf(_list);
    }

    public MemoryNetwork Network => _network;

    public RaftNode this[int index] => _nodes[index]!;

    public IEnumerable<RaftNode> Running => _nodes.OfType<RaftNode>();

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
        var identity = new NodeIdentity(_list[index].Name, Identities.NodeIdOf(_clusterId, _list[index].Name), _clusterId);
        MemberInfo[] members = [.. _list.Select(member => new MemberInfo(
            member.Name, Identities.NodeIdOf(_clusterId, member.Name), member.Url.ToString(), null, member.Name == identity.Name))];
        var options = new NodeOptions
        {
            Name = identity.Name,
            DataDirectory = Path.Combine(_directory, identity.Name),
            Cluster = _list,
        };
        NodeStorage storage = NodeStorage.Open(options, NullLogger.Instance);
        var node = new RaftNode(
            new RaftNodeParts
            {
                Identity = identity,
                Members = members,
                Replica = new ReplicaOptions
                {
                    Self = identity.Id,
                    InitialMembership = new Membership(members.Select(member => member.Id)),
                    Seed = Identities.RandomId(),
                    Incarnation = Identities.RandomId(),
                    HeartbeatTicks = 3,
                    ElectionTimeoutTicks = 30,
                    SnapshotEntries = _snapshotEntries,
                    TrailingEntries = Math.Max(1, _snapshotEntries / 10),
                },
                Disk = storage.Disk,
                Transport = _network.Join(identity.Id),
                Time = TimeProvider.System,
                Logger = NullLogger.Instance,
                MailboxLimits = _limits,
                Failed = failure =>
                {
                    lock (_failures)
                    {
                        _failures.Add(failure);
                    }
                },
            },
            storage.Recovered);
        _nodes[index] = node;
        _storages[index] = storage;
        node.Start();
    }

    public async Task StopAsync(int index)
    {
        await this[index].DisposeAsync();
        _storages.Remove(index, out NodeStorage? storage);
        storage!.Dispose();
        _nodes[index] = null;
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
