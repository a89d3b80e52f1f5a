namespace RaftKv.Doors.Http.Terms;

/// <summary>
/// The query parameters that the REST API knows; a handler names the ones that it takes, and any other is refused.
/// </summary>
[Flags]
public enum QueryField
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>A key, for bytes that a path can't carry.</summary>
    Key = 1 << 0,

    /// <summary>How keys in the query are written.</summary>
    KeyEncoding = 1 << 1,

    /// <summary>Read level.</summary>
    Consistency = 1 << 2,

    /// <summary>Revision to read at.</summary>
    Revision = 1 << 3,

    /// <summary>Bytes instead of JSON.</summary>
    Raw = 1 << 4,

    /// <summary>Encoding of the value.</summary>
    Encoding = 1 << 5,

    /// <summary>All kept versions.</summary>
    History = 1 << 6,

    /// <summary>Long poll.</summary>
    Wait = 1 << 7,

    /// <summary>Lease of a put.</summary>
    Lease = 1 << 8,

    /// <summary>Keys that begin so.</summary>
    Prefix = 1 << 9,

    /// <summary>First key, inclusive.</summary>
    Start = 1 << 10,

    /// <summary>End of the keys, exclusive.</summary>
    End = 1 << 11,

    /// <summary>Most pairs.</summary>
    Limit = 1 << 12,

    /// <summary>Where the last page ended.</summary>
    Cursor = 1 << 13,

    /// <summary>No values.</summary>
    KeysOnly = 1 << 14,

    /// <summary>Only how many.</summary>
    CountOnly = 1 << 15,

    /// <summary>asc or desc.</summary>
    Order = 1 << 16,

    /// <summary>Really every key.</summary>
    All = 1 << 17,

    /// <summary>Lines instead of one word, on the health paths.</summary>
    Verbose = 1 << 18,

    /// <summary>First revision that a watch tells of.</summary>
    StartRevision = 1 << 19,

    /// <summary>With each change what was there before.</summary>
    PrevValue = 1 << 20,

    /// <summary>The kind of change to leave in.</summary>
    Filter = 1 << 21,

    /// <summary>How long a watch lasts.</summary>
    Timeout = 1 << 22,

    /// <summary>The state first, then changes.</summary>
    Snapshot = 1 << 23,

    /// <summary>How long a watch is silent at most.</summary>
    BookmarkInterval = 1 << 24,

    /// <summary>Fencing token of a holder.</summary>
    Token = 1 << 25,

    /// <summary>First entry of the log to show.</summary>
    StartIndex = 1 << 26,

    /// <summary>All the same.</summary>
    Force = 1 << 27,
}
