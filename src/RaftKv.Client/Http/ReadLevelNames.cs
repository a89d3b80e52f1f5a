namespace RaftKv.Client.Http;

/// <summary>The contract's words for the levels.</summary>
internal static class ReadLevelNames
{
    internal static string ToName(ReadLevel level) => level switch
    {
        ReadLevel.Linearizable => "linearizable",
        ReadLevel.Lease => "lease",
        ReadLevel.Sequential => "sequential",
        ReadLevel.Causal => "causal",
        ReadLevel.Session => "session",
        ReadLevel.ReadYourWrites => "read-your-writes",
        ReadLevel.MonotonicReads => "monotonic-reads",
        ReadLevel.Bounded => "bounded",
        ReadLevel.ConsistentPrefix => "consistent-prefix",
        ReadLevel.Eventual => "eventual",
        ReadLevel.All => "all",
        _ => throw new ArgumentOutOfRangeException(nameof(level), level, "No such read level."),
    };

    /// <summary>Null for a word that this client does not know; a newer server may say one.</summary>
    internal static ReadLevel? FromName(string? name) => name switch
    {
        "linearizable" => ReadLevel.Linearizable,
        "lease" => ReadLevel.Lease,
        "sequential" => ReadLevel.Sequential,
        "causal" => ReadLevel.Causal,
        "session" => ReadLevel.Session,
        "read-your-writes" => ReadLevel.ReadYourWrites,
        "monotonic-reads" => ReadLevel.MonotonicReads,
        "bounded" => ReadLevel.Bounded,
        "consistent-prefix" => ReadLevel.ConsistentPrefix,
        "eventual" => ReadLevel.Eventual,
        "all" => ReadLevel.All,
        _ => null,
    };

    /// <summary>True when the level is defined by what the session has seen, so that its token must be sent.</summary>
    internal static bool UsesSession(ReadLevel level) => level is ReadLevel.Sequential or ReadLevel.Causal or ReadLevel.Session
        or ReadLevel.ReadYourWrites or ReadLevel.MonotonicReads;
}
