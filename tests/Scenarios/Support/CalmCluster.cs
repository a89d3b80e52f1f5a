namespace RaftKv.Scenarios.Support;

/// <summary>Scenarios that need no fault share one cluster, so that it is started once.</summary>
[CollectionDefinition(Name)]
public sealed class CalmCluster : ICollectionFixture<ThreeNodes>
{
    public const string Name = "calm cluster";
}
