namespace RaftKv.Core.Store.Commands;

/// <summary>A read of keys from one view.</summary>
public sealed record RangeRequest
{
    /// <summary>Which keys.</summary>
    public required KeyRange Keys { get; init; }

    /// <summary>The revision to read at; <see cref="Core.Revision.Zero"/> means the view's own.</summary>
    public Revision Revision { get; init; }

    /// <summary>Most pairs to return; 0 means no limit.</summary>
    public int Limit { get; init; }

    /// <summary>Leave the values out.</summary>
    public bool IsKeysOnly { get; init; }

    /// <summary>Return only the count.</summary>
    public bool IsCountOnly { get; init; }

    /// <summary>What to sort by; by key costs nothing extra.</summary>
    public SortTarget SortBy { get; init; }

    /// <summary>Largest first.</summary>
    public bool IsDescending { get; init; }

    /// <summary>Keep pairs last written at or after this; 0 means all.</summary>
    public Revision MinModRevision { get; init; }

    /// <summary>Keep pairs last written at or before this; 0 means all.</summary>
    public Revision MaxModRevision { get; init; }

    /// <summary>Keep pairs created at or after this; 0 means all.</summary>
    public Revision MinCreateRevision { get; init; }

    /// <summary>Keep pairs created at or before this; 0 means all.</summary>
    public Revision MaxCreateRevision { get; init; }
}

/// <summary>What a range is sorted by. The values are in the log.</summary>
public enum SortTarget : byte
{
    /// <summary>Byte order of the key.</summary>
    Key = 0,

    /// <summary>Writes since creation.</summary>
    Version = 1,

    /// <summary>Revision of creation.</summary>
    CreateRevision = 2,

    /// <summary>Revision of the last write.</summary>
    ModRevision = 3,

    /// <summary>Byte order of the value.</summary>
    Value = 4,
}

/// <summary>Whether a read at a revision could be answered.</summary>
public enum ReadStatus : byte
{
    /// <summary>Answered.</summary>
    Ok = 0,

    /// <summary>The revision is older than the last compaction.</summary>
    Compacted = 1,

    /// <summary>The revision has not happened yet in this view.</summary>
    FutureRevision = 2,
}
