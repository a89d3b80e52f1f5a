namespace RaftKv.EtcdConformance.Servers;

/// <summary>Tests that share one of it.</summary>
[CollectionDefinition(Name)]
public sealed class SecuredServerCollection : ICollectionFixture<SecuredServer>
{
    public const string Name = "secured server";
}
