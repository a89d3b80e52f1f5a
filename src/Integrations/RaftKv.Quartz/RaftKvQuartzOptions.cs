namespace RaftKv.Quartz;

/// <summary>How schedulers agree through the cluster.</summary>
public sealed record RaftKvQuartzOptions
{
    /// <summary>What keys and lock names begin with; the same in all schedulers that agree. Default <c>quartz/</c>.</summary>
    public string Prefix { get; init; } = "quartz/";

    /// <summary>
    /// How long a claim of a firing is kept, one minute or more. A node that comes to the same firing later than that would
    /// run it again, so it must be longer than misfires may be late and clocks may differ. Default 1 hour.
    /// </summary>
    public TimeSpan ClaimLife
    {
        get;
        init => field = value >= TimeSpan.FromMinutes(1)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(ClaimLife), value, "At least one minute.");
    } = TimeSpan.FromHours(1);

    /// <summary>How long a scheduler that died keeps the store's lock from others, 1 s or more. Default 30 s.</summary>
    public TimeSpan LockTtl
    {
        get;
        init => field = value >= TimeSpan.FromSeconds(1)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(LockTtl), value, "At least one second.");
    } = TimeSpan.FromSeconds(30);
}
