using Microsoft.Extensions.Primitives;
using Yarp.ReverseProxy.Configuration;

namespace RaftKv.Yarp;

/// <summary>A configuration that does not change; its token fires when there is a newer one.</summary>
internal sealed class ProxyConfig : IProxyConfig
{
    private readonly CancellationTokenSource _outdated = new();

    internal ProxyConfig(ProxyState state, long revision)
    {
        State = state;
        RevisionId = revision.ToString(System.Globalization.CultureInfo.InvariantCulture);
        ChangeToken = new CancellationChangeToken(_outdated.Token);
    }

    /// <inheritdoc/>
    public string RevisionId { get; }

    /// <inheritdoc/>
    public IReadOnlyList<RouteConfig> Routes => State.Routes;

    /// <inheritdoc/>
    public IReadOnlyList<ClusterConfig> Clusters => State.Clusters;

    /// <inheritdoc/>
    public IChangeToken ChangeToken { get; }

    internal ProxyState State { get; }

    internal Task TellOutdatedAsync() => _outdated.CancelAsync();
}
