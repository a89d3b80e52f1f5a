using RaftKv.Dashboard.Api;
using RaftKv.Dashboard.Cluster;

namespace RaftKv.Dashboard.Hosting;

/// <summary>
/// The connections to nodes, which all pages share. What is asked in nobody's name is asked once for all; who has signed in asks
/// for himself, so that nobody sees what another one may. Any thread.
/// </summary>
internal sealed class SharedNodes(DashboardSettings settings, TimeProvider time) : IDisposable
{
    private readonly TimeProvider _time = time;
    private readonly ClusterFeed _feed = new(new NodeClient(settings.NodeUrl, settings.Configure, time), time);

    /// <summary>Asks in nobody's name.</summary>
    public NodeClient Anonymous => _feed.Client;

    /// <summary>Asks in a visitor's name.</summary>
    public NodeClient ClientOf(Visitor visitor) => visitor.Authorization is { } said ? Anonymous.As(said) : Anonymous;

    /// <summary>The picture of the cluster that a visitor may see.</summary>
    public ClusterFeed FeedOf(Visitor visitor, NodeClient client) =>
        visitor.Authorization is null ? _feed : new ClusterFeed(client, _time);

    /// <inheritdoc/>
    public void Dispose() => Anonymous.Close();
}
