namespace RaftKv.Client;

/// <summary>When a write is answered.</summary>
public enum WriteConcern
{
    /// <summary>Once a majority has it durably and it is applied.</summary>
    Majority = 0,

    /// <summary>
    /// Once every voter has applied it; otherwise <see cref="RaftKvWriteConcernUnmetException"/>, and the write stands.
    /// </summary>
    All = 1,
}
