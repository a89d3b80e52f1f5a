namespace RaftKv.Core.Raft.Members;

/// <summary>
/// What the membership says of a member beside its id. Raft itself needs only <see cref="IsJoining"/> and
/// <see cref="Replaces"/>; the rest is for people and for the network.
/// </summary>
/// <param name="Id">The instance of its data directory; of a place, the id that the directory will take which joins as it.</param>
/// <param name="Name">Its label; at most <see cref="MaxNameBytes"/> in UTF-8.</param>
/// <param name="PeerUrl">Where it is dialled; at most <see cref="MaxUrlBytes"/> in UTF-8.</param>
public sealed record Member(NodeId Id, string Name, string PeerUrl)
{
    /// <summary>Longest name.</summary>
    public const int MaxNameBytes = 63;

    /// <summary>Longest address.</summary>
    public const int MaxUrlBytes = 512;

    /// <summary>Longest zone.</summary>
    public const int MaxZoneBytes = 63;

    /// <summary>Highest priority.</summary>
    public const byte MaxPriority = 100;

    /// <summary>Where it stands, for clients that read nearby; empty when nobody said. At most <see cref="MaxZoneBytes"/>.</summary>
    public string Zone { get; init; } = "";

    /// <summary>
    /// Who leads, if it can: a voter of a higher priority takes over from one of a lower. 0 to <see cref="MaxPriority"/>.
    /// </summary>
    public byte Priority { get; init; }

    /// <summary>A learner that becomes a voter by itself, as soon as it has caught up.</summary>
    public bool IsJoining { get; init; }

    /// <summary>The voter that goes when this one becomes a voter; none for a mere addition.</summary>
    public NodeId Replaces { get; init; }

    /// <summary>
    /// A place whose directory has not come: in no list, sent nothing, counted nowhere. The first directory that joins as it
    /// takes it, by an entry.
    /// </summary>
    public bool IsPending { get; init; }

    /// <summary>
    /// A learner that is to go: it closes its doors and then asks to be removed. One that is not heard is removed without.
    /// </summary>
    public bool IsLeaving { get; init; }

    /// <summary>
    /// The instance that the directory had drawn which took the place; none for a member that had none before. Nobody else
    /// ever takes it.
    /// </summary>
    public NodeId BoundTo { get; init; }
}
