using RaftKv.Client;

namespace RaftKv.DistributedLock;

/// <summary>How locks, reader-writer locks and semaphores are taken.</summary>
public sealed record RaftKvDistributedLockOptions
{
    /// <summary>
    /// How long a lock outlives a holder that died or was cut off; renewed at a third of it while held. 100 ms to one day.
    /// Default 20 s.
    /// </summary>
    /// <remarks>
    /// Also how long a handle is believed in while no node answers: short frees a dead holder's lock sooner, long rides out
    /// longer elections and pauses.
    /// </remarks>
    public TimeSpan Ttl
    {
        get;
        init => field = value >= TimeSpan.FromMilliseconds(100) && value <= TimeSpan.FromDays(1)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(Ttl), value, "From 100 ms to one day.");
    } = TimeSpan.FromSeconds(20);

    /// <summary>What all names begin with at the cluster, so that applications keep apart. At most 200 bytes. Default none.</summary>
    public string Prefix
    {
        get;
        init => field = LockNames.IsPrefix(value)
            ? value
            : throw new ArgumentException($"A prefix is text of at most {LockNames.MaxPrefixBytes} bytes, without zeros.", nameof(Prefix));
    } = "";

    /// <summary>Who holds it, for people to read with <c>raftkvctl</c>; null says machine and process.</summary>
    public string? Owner { get; init; }

    /// <summary>Where the time of a bounded wait comes from.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    internal LockOptions Asking(LockMode mode, TimeSpan? wait) => new() { Mode = mode, Wait = wait, Owner = Owner };
}
