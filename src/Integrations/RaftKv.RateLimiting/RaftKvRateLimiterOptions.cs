namespace RaftKv.RateLimiting;

/// <summary>How much is allowed.</summary>
public sealed record RaftKvRateLimiterOptions
{
    /// <summary>Most permits in a window, all processes together; 1 or more.</summary>
    public required int PermitLimit
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(PermitLimit), value, "1 or more.");
    }

    /// <summary>
    /// The window's length, 100 ms to 1 day. It begins with the first permit, and ends by the cluster's own count: never
    /// early, and a little late after a change of leader.
    /// </summary>
    public required TimeSpan Window
    {
        get;
        init => field = value >= TimeSpan.FromMilliseconds(100) && value <= TimeSpan.FromDays(1)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(Window), value, "From 100 ms to one day.");
    }

    /// <summary>
    /// How many permits this process takes from the cluster at once, 1 or more. 1, the default, is exact: every permit is a
    /// write. More are given out here without a call; what of them is not used by the end of the window is lost, so that
    /// all together may get fewer than the limit, and never more.
    /// </summary>
    public int ChunkPermits
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(ChunkPermits), value, "1 or more.");
    } = 1;

    /// <summary>Most permits that may be waited for here at a time; the rest is refused at once. Default 0: nobody waits.</summary>
    public int QueueLimit
    {
        get;
        init => field = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(QueueLimit), value, "0 or more.");
    }

    /// <summary>What the keys begin with. Default <c>rate-limits/</c>.</summary>
    public string Prefix { get; init; } = "rate-limits/";

    /// <summary>True gives permits while no node answers; false, the default, refuses them.</summary>
    public bool AllowsWhenAway { get; init; }

    /// <summary>The clock by which chunks end.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
