using RaftKv.Client;

namespace RaftKv.Caching;

/// <summary>How the cache keeps its entries.</summary>
public sealed record RaftKvCacheOptions
{
    /// <summary>What the keys of all entries begin with. Not empty. Default <c>cache/</c>.</summary>
    public string Prefix
    {
        get;
        init => field = string.IsNullOrEmpty(value)
            ? throw new ArgumentException("A cache needs a prefix of its own.", nameof(Prefix))
            : value;
    } = "cache/";

    /// <summary>How long an entry lives whose options say nothing; null for ever. Default 1 hour.</summary>
    public TimeSpan? DefaultExpiration
    {
        get;
        init => field = value is not { } time || time >= EntryLife.Shortest
            ? value
            : throw new ArgumentOutOfRangeException(nameof(DefaultExpiration), value, $"At least {EntryLife.Shortest}.");
    } = TimeSpan.FromHours(1);

    /// <summary>How entries are read; null for the client's default, which is linearizable unless it was changed.</summary>
    public ReadOptions? Reads { get; init; }

    /// <summary>
    /// Room for copies in this process, in bytes, 0 or more; the least useful ones give way. Default 0: none.
    /// </summary>
    public long NearCopyBytes
    {
        get;
        init => field = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(NearCopyBytes), value, "0 or more.");
    }

    /// <summary>The wall clock by which absolute expirations are meant.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
