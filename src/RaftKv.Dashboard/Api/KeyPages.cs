namespace RaftKv.Dashboard.Api;

/// <summary>A page of a listing. Set, not init: what an answer leaves out keeps its default here.</summary>
public sealed record KeyPage
{
    public long Revision { get; set; }

    public long Count { get; set; }

    /// <summary>Of a count: what the keys take now; null at an older revision.</summary>
    public long? Bytes { get; set; }

    public List<KeyVersion> Items { get; set; } = [];

    public bool HasMore { get; set; }

    public string? Cursor { get; set; }
}

/// <summary>What a key was, newest first.</summary>
public sealed record KeyHistory
{
    public long Revision { get; set; }

    public long CompactedRevision { get; set; }

    public List<KeyVersion> Versions { get; set; } = [];

    public bool HasMore { get; set; }
}

/// <summary>One message of a watch.</summary>
public sealed record ChangeMessage
{
    public long Revision { get; set; }

    /// <summary>Of its end: why, in words.</summary>
    public string? Detail { get; set; }

    public List<KeyVersion> Events { get; set; } = [];
}
