namespace RaftKv.Dashboard.Playground;

/// <summary>An everyday case, as answers to the questions of the advice.</summary>
public sealed record AdvicePreset(string Name, string About, AdviceBody Wishes)
{
    public static readonly IReadOnlyList<AdvicePreset> All =
    [
        new("Balance", "Money, stock, a seat: old is wrong.", new AdviceBody { MustNeverBeStale = true }),
        new("My settings", "I change something and look again.", new AdviceBody { MustNeverBeStale = false, OwnWritesVisible = true }),
        new("Comments", "No reply without its post.", new AdviceBody { MustNeverBeStale = false, CauseBeforeEffect = true }),
        new("Feature flags", "Half a second of age is fine.", new AdviceBody { MustNeverBeStale = false, MaxStalenessMs = 500 }),
        new("Service discovery", "An old address beats none.", new AdviceBody { MustNeverBeStale = false, AvailableInPartition = true }),
        new("Wish for all", "Never stale, and always there.", new AdviceBody { MustNeverBeStale = true, AvailableInPartition = true }),
    ];
}
