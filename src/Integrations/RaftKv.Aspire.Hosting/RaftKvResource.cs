using Aspire.Hosting.ApplicationModel;

namespace RaftKv.Aspire.Hosting;

/// <summary>A cluster: what services refer to and wait for. Its nodes are resources of their own.</summary>
public sealed class RaftKvResource : Resource, IResourceWithConnectionString, IResourceWithWaitSupport
{
    private readonly List<RaftKvNode> _nodes = [];

    internal RaftKvResource(string name, RaftKvServer server, int? basePort)
        : base(name)
    {
        Server = server;
        BasePort = basePort;
    }

    /// <summary>What the nodes are run from.</summary>
    public RaftKvServer Server { get; }

    /// <summary>The nodes, in the order of their names.</summary>
    public IReadOnlyList<RaftKvNode> Nodes => _nodes;

    /// <summary>The client addresses of all nodes, with commas.</summary>
    public ReferenceExpression ConnectionStringExpression
    {
        get
        {
            ReferenceExpressionBuilder addresses = new();
            for (int i = 0; i < _nodes.Count; i++)
            {
                addresses.AppendLiteral(i == 0 ? "http://" : ",http://");
                addresses.Append($"{_nodes[i].Client.Property(EndpointProperty.HostAndPort)}");
            }

            return addresses.Build();
        }
    }

    internal int? BasePort { get; }

    /// <summary>Where executables keep their data; null for a directory that is new at each run.</summary>
    internal string? DataDirectory { get; set; }

    internal bool HasDashboard { get; set; }

    internal void Add(RaftKvNode node) => _nodes.Add(node);

    /// <summary>The list of founders, the same for all nodes: <c>--cluster</c>.</summary>
    internal string ClusterList() => string.Join(',', _nodes.Select(static node => $"{node.Name}={node.PeerAddress}"));
}

/// <summary>A node of a cluster.</summary>
/// <param name="Name">Its name in the cluster: <c>n1</c>.</param>
/// <param name="Resource">The container or executable.</param>
/// <param name="PeerAddress">Where the other nodes reach it.</param>
public sealed record RaftKvNode(string Name, IResourceWithEndpoints Resource, string PeerAddress)
{
    internal const string ClientEndpoint = "client";
    internal const string PeerEndpoint = "peer";

    /// <summary>Where clients reach it.</summary>
    public EndpointReference Client { get; } = new(Resource, ClientEndpoint);
}
