namespace RaftKv.Service.Vocabulary;

/// <summary>When a write is answered.</summary>
public enum WriteConcern : byte
{
    /// <summary>Once a majority has it on disk and this node has applied it.</summary>
    Majority = 0,

    /// <summary>At once; the outcome is looked up later.</summary>
    Accepted = 1,

    /// <summary>Once every voter has applied it.</summary>
    All = 2,
}
