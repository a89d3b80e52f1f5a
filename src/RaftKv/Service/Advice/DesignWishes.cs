namespace RaftKv.Service.Advice;

/// <summary>The answers to the questions of a design review; null is not known.</summary>
/// <param name="MustNeverBeStale">A read must see every write that was acknowledged before it began.</param>
/// <param name="OwnWritesVisible">A client must see what it has written itself.</param>
/// <param name="CauseBeforeEffect">An effect must never be seen without its cause, across clients.</param>
/// <param name="AvailableInPartition">Reads must be answered on the side of a partition that has no majority.</param>
/// <param name="MaxStalenessMs">How old an answer may be at most.</param>
/// <param name="ReadShare">Reads among all requests, 0 to 1.</param>
/// <param name="GlobalDistribution">Nodes and clients are in regions far from each other.</param>
internal sealed record DesignWishes(
    bool? MustNeverBeStale = null,
    bool? OwnWritesVisible = null,
    bool? CauseBeforeEffect = null,
    bool? AvailableInPartition = null,
    long? MaxStalenessMs = null,
    double? ReadShare = null,
    bool? GlobalDistribution = null);
