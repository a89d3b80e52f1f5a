namespace RaftKv.Doors.Etcd.Calls;

/// <summary>
/// Ids for leases whose callers name none. As etcd's they grow with time, so that leases of one node which end at the
/// same moment are listed in the order of their grants. Any thread.
/// </summary>
/// <remarks>
/// From the top: 0 | 15 bits of the node's id | 40 bits of milliseconds since 1970 | 8 bits that count on from there. Two
/// nodes may come upon the same id once in a while, and a node after a restart too: whoever grants tries the next one.
/// </remarks>
internal sealed class LeaseIdSource
{
    private const int NodeBits = 15;
    private const int CountBits = 8;
    private const int TimeAndCountBits = 48;
    private const long TimeAndCountMask = (1L << TimeAndCountBits) - 1;

    private readonly long _node;
    private long _last;

    /// <param name="now">The time at the node's start, so that ids go on beyond those of its life before.</param>
    public LeaseIdSource(ulong nodeId, DateTimeOffset now)
    {
        _node = (long)(nodeId & ((1UL << NodeBits) - 1)) << TimeAndCountBits;
        _last = now.ToUnixTimeMilliseconds() << CountBits;
    }

    /// <summary>The next id; positive.</summary>
    public long Next() => Math.Max(_node | (Interlocked.Increment(ref _last) & TimeAndCountMask), 1);
}
