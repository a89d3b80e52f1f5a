using RaftKv.Core.Raft.Messages;
using RaftKv.Core.Raft.Roles;

namespace RaftKv.Core.Raft;

/// <summary>A local read batch whose index is confirmed.</summary>
public readonly record struct ReadState(long RequestId, Term Term, LogIndex ReadIndex, ReadPurpose Purpose = ReadPurpose.Index);

/// <summary>A piece of our snapshot file is wanted for a follower.</summary>
public readonly record struct SnapshotPieceWanted(NodeId To, EntryId Snapshot, long Offset);

/// <summary>A piece of a leader's snapshot file came in.</summary>
public readonly record struct SnapshotPieceReceived(SnapshotReceive Incoming, long Offset, ReadOnlyMemory<byte> Data);

/// <summary>What the algorithm wants done. Drained by the replica after each batch of inputs.</summary>
public sealed class RaftOutput
{
    /// <summary>Messages that may go now.</summary>
    public List<RaftMessage> Messages { get; } = [];

    /// <summary>Confirmed local reads.</summary>
    public List<ReadState> ReadStates { get; } = [];

    /// <summary>Pieces to read for followers.</summary>
    public List<SnapshotPieceWanted> PiecesWanted { get; } = [];

    /// <summary>Pieces to store.</summary>
    public List<SnapshotPieceReceived> PiecesReceived { get; } = [];

    /// <summary>An incoming snapshot whose bytes are all there; null when none.</summary>
    public SnapshotReceive? ToInstall { get; set; }
}
