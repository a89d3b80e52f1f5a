using RaftKv.Core.Store;

namespace RaftKv.Core.Reads;

/// <summary>
/// What a reader on any thread needs to decide alone whether it may read here and now: a view, and what is proven about
/// it. Immutable; the replica publishes a new one before anything of the same round leaves the node.
/// </summary>
/// <remarks>
/// A reader takes the point first and reads the clock after that, never the other way round: what was true of the point
/// at that later moment was true when it was taken.
/// </remarks>
public sealed record ReadPoint
{
    /// <summary>The store as of the newest applied entry.</summary>
    public required StoreView View { get; init; }

    /// <summary>The node's term.</summary>
    public required Term Term { get; init; }

    /// <summary>Its part in the term.</summary>
    public required Role Role { get; init; }

    /// <summary>The term's leader as far as known; none when unknown.</summary>
    public required NodeId Leader { get; init; }

    /// <summary>
    /// Everything that was acknowledged anywhere before this moment (of the node's own clock) is in the view. Null when nothing
    /// is proven, as after every start; never from mere contact with a leader.
    /// </summary>
    public MonotonicTime? ProvenAt { get; init; }

    /// <summary>
    /// Until this moment (exclusive, of the node's own clock) no other node can have become leader. Null when this node holds
    /// no lease.
    /// </summary>
    public MonotonicTime? LeaderLeaseUntil { get; init; }

    /// <summary>The term of the lease; zero when there is none.</summary>
    public Term LeaderLeaseTerm { get; init; }

    /// <summary>Every voter has applied the log up to here, as far as this node knows.</summary>
    public LogIndex AllAppliedIndex { get; init; }

    /// <summary>True when the lease held at that moment, read after the point was taken.</summary>
    public bool HoldsLeaderLeaseAt(MonotonicTime now) => LeaderLeaseUntil is { } until && LeaderLeaseTerm == Term && now < until;

    /// <summary>
    /// How old the view is at most at that moment, in microseconds of true time; null when unknown. Rounded up.
    /// </summary>
    public long? StalenessBoundUs(MonotonicTime now) => ProvenAt is { } proven ? ReadPlanner.WithDrift(now - proven) : null;
}
