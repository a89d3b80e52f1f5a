using RaftKv.Core;

namespace RaftKv.Engine;

/// <summary>Who a node is.</summary>
/// <param name="Name">Its name in the cluster list.</param>
/// <param name="ClusterId">Id of its cluster.</param>
public sealed record NodeIdentity(string Name, NodeId Id, ulong ClusterId);

/// <summary>A member, or a place for one, as configured; addresses may be unknown for a peer's client port.</summary>
/// <param name="Name">Its label; empty for a place whose directory will bring it.</param>
public sealed record MemberInfo(string Name, NodeId Id, string PeerUrl, string? ClientUrl, bool IsSelf)
{
    /// <summary>A place whose directory has not come: it takes part in nothing.</summary>
    public bool IsPending { get; init; }

    /// <summary>It becomes a voter by itself, once it has caught up.</summary>
    public bool IsJoining { get; init; }

    /// <summary>The voter that goes then; none for a mere addition.</summary>
    public NodeId Replaces { get; init; }

    /// <summary>A learner that is to go, and closes its doors.</summary>
    public bool IsLeaving { get; init; }

    /// <summary>Where it stands, for clients that read nearby; empty when nobody said.</summary>
    public string Zone { get; init; } = "";

    /// <summary>Who leads, if it can: the highest, of those that are well. 0 to 100.</summary>
    public byte Priority { get; init; }

    /// <summary>The directory that is it; none for a place whose directory has not come.</summary>
    public NodeId Instance { get; init; } = Id;
}

/// <summary>Where the node is in its life.</summary>
public enum NodePhase
{
    /// <summary>Recovering, or no leader seen yet.</summary>
    Starting = 0,

    /// <summary>Serving.</summary>
    Ready = 1,

    /// <summary>Shutting down: no new proposals.</summary>
    Draining = 2,

    /// <summary>Stopped after a failure.</summary>
    Failed = 3,
}
