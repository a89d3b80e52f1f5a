namespace RaftKv.Doors.Rest.Bodies;

/// <summary>Body of POST /kv/range.</summary>
internal sealed record RangeBody
{
    public RangeSpec[]? Ranges { get; init; }

    /// <summary>Revision to read all ranges at; null means the newest.</summary>
    public long? Revision { get; init; }

    /// <summary>Encoding of values in the answer: auto or base64.</summary>
    public string? Encoding { get; init; }
}

/// <summary>One range of keys to read.</summary>
internal sealed record RangeSpec
{
    public string? Key { get; init; }

    public string? Prefix { get; init; }

    public string? Start { get; init; }

    public string? End { get; init; }

    public string? KeyEncoding { get; init; }

    public int? Limit { get; init; }

    public bool KeysOnly { get; init; }

    public bool CountOnly { get; init; }

    public string? Order { get; init; }
}
