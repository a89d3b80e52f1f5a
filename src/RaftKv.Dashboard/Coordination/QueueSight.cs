namespace RaftKv.Dashboard.Coordination;

/// <summary>A lock, semaphore or election as the page lists it.</summary>
/// <param name="Kind">lock, semaphore or election.</param>
/// <param name="Holders">Who has it; of an election, its leader.</param>
/// <param name="Queue">Who waits, in order.</param>
/// <param name="Waiting">How many wait.</param>
public sealed record QueueSight(
    string Kind, string Name, long? Limit, IReadOnlyList<HolderBody> Holders, IReadOnlyList<HolderBody> Queue, long Waiting);

/// <summary>A lease as the page lists it.</summary>
/// <param name="RemainingMs">How long it lives unless it is kept alive; null when no leader says so.</param>
/// <param name="Keys">The keys that hang on it.</param>
public sealed record LeaseSight(string Id, long TtlMs, long? RemainingMs, IReadOnlyList<LeaseKey> Keys);
