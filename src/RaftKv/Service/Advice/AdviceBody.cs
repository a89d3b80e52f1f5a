namespace RaftKv.Service.Advice;

/// <summary>Body of POST /consistency/advice: the questions of a design review. What is left out is not known.</summary>
internal sealed record AdviceBody
{
    /// <summary>Must a read see every write that was acknowledged before it began?</summary>
    public bool? MustNeverBeStale { get; init; }

    /// <summary>Must a client see what it has written itself?</summary>
    public bool? OwnWritesVisible { get; init; }

    /// <summary>Must an effect never be seen without its cause, across clients?</summary>
    public bool? CauseBeforeEffect { get; init; }

    /// <summary>Must reads be answered on the side of a partition that has no majority?</summary>
    public bool? AvailableInPartition { get; init; }

    /// <summary>How old an answer may be at most.</summary>
    public long? MaxStalenessMs { get; init; }

    /// <summary>Reads among all requests, 0 to 1.</summary>
    public double? ReadShare { get; init; }
}
