namespace RaftKv.Dashboard.Tests.Browser;

/// <summary>The tests that share a browser and three real nodes, one after the other.</summary>
[CollectionDefinition("Browser")]
public sealed class BrowserCollection : ICollectionFixture<DashboardFixture>;
