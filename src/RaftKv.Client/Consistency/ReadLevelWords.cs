using RaftKv.Contract;

namespace RaftKv.Client.Consistency;

/// <summary>The contract's words for the levels.</summary>
internal static class ReadLevelWords
{
    internal static string ToName(ReadLevel level) => level switch
    {
        ReadLevel.Linearizable => ReadLevelNames.Linearizable,
        ReadLevel.Lease => ReadLevelNames.Lease,
        ReadLevel.Sequential => ReadLevelNames.Sequential,
        ReadLevel.Causal => ReadLevelNames.Causal,
        ReadLevel.Session => ReadLevelNames.Session,
        ReadLevel.ReadYourWrites => ReadLevelNames.ReadYourWrites,
        ReadLevel.MonotonicReads => ReadLevelNames.MonotonicReads,
        ReadLevel.Bounded => ReadLevelNames.Bounded,
        ReadLevel.ConsistentPrefix => ReadLevelNames.ConsistentPrefix,
        ReadLevel.Eventual => ReadLevelNames.Eventual,
        ReadLevel.All => ReadLevelNames.All,
        _ => throw new ArgumentOutOfRangeException(nameof(level), level, "No such read level."),
    };

    /// <summary>Null for a word that this client does not know; a newer server may say one.</summary>
    internal static ReadLevel? FromName(string? name) => name switch
    {
        ReadLevelNames.Linearizable => ReadLevel.Linearizable,
        ReadLevelNames.Lease => ReadLevel.Lease,
        ReadLevelNames.Sequential => ReadLevel.Sequential,
        ReadLevelNames.Causal => ReadLevel.Causal,
        ReadLevelNames.Session => ReadLevel.Session,
        ReadLevelNames.ReadYourWrites => ReadLevel.ReadYourWrites,
        ReadLevelNames.MonotonicReads => ReadLevel.MonotonicReads,
        ReadLevelNames.Bounded => ReadLevel.Bounded,
        ReadLevelNames.ConsistentPrefix => ReadLevel.ConsistentPrefix,
        ReadLevelNames.Eventual => ReadLevel.Eventual,
        ReadLevelNames.All => ReadLevel.All,
        _ => null,
    };

    /// <summary>True when the level is defined by what the session has seen, so that its token must be sent.</summary>
    internal static bool UsesSession(ReadLevel level) => level is ReadLevel.Sequential or ReadLevel.Causal or ReadLevel.Session
        or ReadLevel.ReadYourWrites or ReadLevel.MonotonicReads;
}
