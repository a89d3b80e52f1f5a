namespace RaftKv.Client;

/// <summary>How a range is walked.</summary>
public sealed record RangeOptions
{
    /// <summary>Pairs in a page, 1 to 10,000; a page is one request. Default 1,000.</summary>
    public int PageSize
    {
        get;
        init => field = value is >= 1 and <= 10_000
            ? value
            : throw new ArgumentOutOfRangeException(nameof(PageSize), value, "A page holds 1 to 10,000 pairs.");
    } = 1_000;

    /// <summary>Leave the values out.</summary>
    public bool KeysOnly { get; init; }

    /// <summary>Largest key first.</summary>
    public bool Descending { get; init; }
}
