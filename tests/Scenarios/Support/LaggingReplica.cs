using RaftKv.Client;
using RaftKv.JepsenStyle.Cluster;

namespace RaftKv.Scenarios.Support;

/// <summary>A follower whose links are held, and the two nodes that go on without it.</summary>
public sealed class LaggingReplica : IAsyncDisposable
{
    private readonly ThreeNodes _cluster;
    private readonly EdgeProxy[] _edges;
    private bool _isHealed;

    internal LaggingReplica(ThreeNodes cluster, EdgeProxy[] edges, Node leader, Node behind, Node other)
    {
        _cluster = cluster;
        _edges = edges;
        Ahead = leader;
        Behind = behind;
        Other = other;
    }

    /// <summary>The leader when the links were cut.</summary>
    public Node Ahead { get; }

    /// <summary>The follower that stands still.</summary>
    public Node Behind { get; }

    /// <summary>The third node; with <see cref="Ahead"/> it is the majority.</summary>
    public Node Other { get; }

    /// <summary>A new user of the two nodes that go on: somebody who never meets the one that lags.</summary>
    public RaftKvClient NewUserOfMajority() => _cluster.NewUser(Ahead, Other);

    /// <summary>Lets the links go and returns when the follower has caught up with all that is acknowledged.</summary>
    public async Task HealAsync()
    {
        if (!_isHealed)
        {
            _isHealed = true;
            Array.ForEach(_edges, static edge => edge.Heal());
            await _cluster.NewUser(Behind).TryGetAsync("any", ThreeNodes.At(Behind, ReadLevel.Linearizable));
        }
    }

    public async ValueTask DisposeAsync() => await HealAsync();
}
