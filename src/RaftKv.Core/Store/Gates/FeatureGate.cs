namespace RaftKv.Core.Store.Gates;

/// <summary>
/// A rule of apply, or a format, that came after version 1; a closed set. Apply asks for each
/// (<see cref="SystemRecords.ClusterRecords.IsOn"/>), and the encoder says which a command needs. The numbers are for
/// people and never change their meaning.
/// </summary>
public enum FeatureGate : byte
{
    /// <summary>What compaction has made obsolete goes at the pace of what commands change.</summary>
    CompactionByWork = 1,

    /// <summary>Client sessions, and limits of what is kept for repeats.</summary>
    ClientSessions = 2,

    /// <summary>The quota of the store and of prefixes, members' budgets, and alarms.</summary>
    StoreQuota = 3,

    /// <summary>Users, roles and rights, asked for at apply.</summary>
    AccessControl = 4,
}

/// <summary>What there is to know about a gate.</summary>
/// <param name="Name">For people, in lower case with dashes.</param>
/// <param name="Since">The cluster version from which on it is open.</param>
/// <param name="Meaning">One line.</param>
public sealed record GateInfo(FeatureGate Gate, string Name, ClusterVersion Since, string Meaning)
{
    /// <summary>The gate's number.</summary>
    public int Number => (int)Gate;
}
