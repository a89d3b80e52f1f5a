namespace RaftKv.Client.Testing;

/// <summary>How a test cluster is started.</summary>
public sealed record TestClusterOptions
{
    /// <summary>How many nodes, 1 to 7. Default 1: quick, and enough for most tests; 3 for those about failures.</summary>
    public int Nodes { get; init; } = 1;

    /// <summary>
    /// The server: <c>raftkv.dll</c>, run with <c>dotnet</c>, or an executable. Null looks at the variable
    /// <c>RAFTKV_SERVER</c>, then for <c>raftkv.dll</c> beside the tests, then for <c>raftkv</c> in the search path.
    /// </summary>
    public string? ServerPath { get; init; }

    /// <summary>How long the cluster may take until every node is ready. Default 60 s.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// The links between the nodes can be held, delayed and cut: <see cref="RaftKvTestCluster.HoldAsync"/> and its like.
    /// Default false.
    /// </summary>
    public bool HasLinks { get; init; }

    /// <summary>Further arguments of <c>raftkv serve</c> for every node.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];
}
