namespace RaftKv.Dashboard.Playground;

/// <summary>A read level as the playground shows it: from the strongest to the weakest.</summary>
/// <param name="Name">As the header takes it.</param>
/// <param name="Promise">In a line.</param>
/// <param name="UsesToken">Looks at the session token.</param>
public sealed record ReadLevelInfo(string Name, string Promise, bool UsesToken = false)
{
    public static readonly IReadOnlyList<ReadLevelInfo> All =
    [
        new(ReadLevelNames.All, "Linearizable, and every voter has applied it."),
        new(ReadLevelNames.Linearizable, "Sees every write acknowledged before it began."),
        new(ReadLevelNames.Lease, "The same, as long as clocks drift little; no quorum round."),
        new(ReadLevelNames.Bounded, "At most so old, proven, or refused."),
        new(ReadLevelNames.Sequential, "One order for all; your own order kept.", UsesToken: true),
        new(ReadLevelNames.Session, "Your own writes, and never backwards.", UsesToken: true),
        new(ReadLevelNames.Causal, "All your token has seen, with its causes.", UsesToken: true),
        new(ReadLevelNames.ReadYourWrites, "What you wrote yourself.", UsesToken: true),
        new(ReadLevelNames.MonotonicReads, "Never older than what you have read.", UsesToken: true),
        new(ReadLevelNames.ConsistentPrefix, "A prefix of the one order; may be old."),
        new(ReadLevelNames.Eventual, "What this node has now; may be old."),
    ];
}
