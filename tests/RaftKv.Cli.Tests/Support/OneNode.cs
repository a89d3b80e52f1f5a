using RaftKv.Client.Testing;

namespace RaftKv.Cli.Tests.Support;

/// <summary>A fresh cluster of one, so that revisions are known.</summary>
public sealed class OneNode : IAsyncLifetime
{
    private RaftKvTestCluster? _cluster;

    public string Endpoint => _cluster!.Endpoints[0].GetLeftPart(UriPartial.Authority);

    public async Task InitializeAsync() => _cluster = await RaftKvTestCluster.StartAsync();

    public async Task DisposeAsync() => await _cluster!.DisposeAsync();
}
