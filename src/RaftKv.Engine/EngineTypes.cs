using RaftKv.Core;

namespace RaftKv.Engine;

/// <summary>Who a node is.</summary>
/// <param name="Name">Its name in the cluster list.</param>
/// <param name="ClusterId">Id of its cluster.</param>
public sealed record NodeIdentity(string Name, NodeId Id, ulong ClusterId);

/// <summary>A member as configured; addresses may be unknown for a peer's client port.</summary>
public sealed record MemberInfo(string Name, NodeId Id, string PeerUrl, string? ClientUrl, bool IsSelf);

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
