namespace RaftKv.Contract;

/// <summary>The words for read levels; docs/consistency.md has their promises.</summary>
public static class ReadLevelNames
{
    public const string Linearizable = "linearizable";
    public const string Eventual = "eventual";
    public const string Lease = "lease";
    public const string Sequential = "sequential";
    public const string Causal = "causal";
    public const string Session = "session";
    public const string ReadYourWrites = "read-your-writes";
    public const string MonotonicReads = "monotonic-reads";
    public const string Bounded = "bounded";
    public const string ConsistentPrefix = "consistent-prefix";
    public const string All = "all";

    /// <summary>Every level.</summary>
    public static IReadOnlyList<string> Every { get; } =
    [
        Linearizable, Eventual, Lease, Sequential, Causal, Session, ReadYourWrites, MonotonicReads, Bounded, ConsistentPrefix, All,
    ];

    /// <summary>Other words that a request may use, and the level that each means.</summary>
    public static IReadOnlyList<(string Alias, string Name)> Aliases { get; } =
    [
        ("strong", Linearizable), ("quorum", Linearizable), ("consistent", Linearizable), ("stale", Eventual), ("one", Eventual),
    ];
}
