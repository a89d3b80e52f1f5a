using RaftKv.Core.Calls;
using RaftKv.Core.Messages;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Replica;
using RaftKv.Core.Store;

namespace RaftKv.Core.Driver;

/// <summary>What an input of a round is.</summary>
public enum InputKind : byte
{
    /// <summary>A <see cref="Call"/> that begins.</summary>
    Begin,

    /// <summary>The <see cref="Call"/>'s caller waits no longer; the number is the call's token.</summary>
    Cancel,

    /// <summary>A <see cref="Message"/> of a peer.</summary>
    PeerMessage,

    /// <summary>Persist batches up to the number are durable.</summary>
    Persisted,

    /// <summary>A <see cref="HostReport"/>: rare.</summary>
    Report,

    /// <summary>The rounds are to end.</summary>
    Stop,
}

/// <summary>One input of a round. A struct, so that a queue of them costs no allocation.</summary>
public readonly record struct DriverInput(InputKind Kind, object? Subject, long Number)
{
    /// <summary>A call begins.</summary>
    public static DriverInput Begin(Call call) => new(InputKind.Begin, call, 0);

    /// <summary>A call's caller waits no longer.</summary>
    public static DriverInput Cancel(Call call, short token) => new(InputKind.Cancel, call, token);

    /// <summary>A peer's message.</summary>
    public static DriverInput Of(Message message) => new(InputKind.PeerMessage, message, 0);

    /// <summary>Batches up to this one are durable.</summary>
    public static DriverInput Persisted(long batchNumber) => new(InputKind.Persisted, null, batchNumber);

    /// <summary>What became of snapshot work, or an order.</summary>
    public static DriverInput Of(HostReport report) => new(InputKind.Report, report, 0);

    /// <summary>The rounds end with this one.</summary>
    public static DriverInput Stop { get; } = new(InputKind.Stop, null, 0);
}

/// <summary>What the host's other threads say to the loop; a closed set. Made seldom.</summary>
public abstract record HostReport
{
    private protected HostReport()
    {
    }
}

/// <summary>See <see cref="ReplicaCore.SnapshotWritten"/>.</summary>
public sealed record SnapshotWrittenReport(EntryId Snapshot, long FileBytes) : HostReport;

/// <summary>See <see cref="ReplicaCore.SnapshotChunkLoaded"/>.</summary>
public sealed record ChunkLoadedReport(SnapshotChunkToLoad Request, long TotalBytes, ReadOnlyMemory<byte> Data) : HostReport;

/// <summary>See <see cref="ReplicaCore.SnapshotChunkMissing"/>.</summary>
public sealed record ChunkMissingReport(SnapshotChunkToLoad Request) : HostReport;

/// <summary>See <see cref="ReplicaCore.SnapshotChunkStored"/>.</summary>
public sealed record ChunkStoredReport(EntryId Snapshot, long Length) : HostReport;

/// <summary>See <see cref="ReplicaCore.SnapshotInstalled"/>.</summary>
public sealed record SnapshotInstalledReport(EntryId Snapshot, long FileBytes, MvccStore Store) : HostReport;

/// <summary>See <see cref="ReplicaCore.SnapshotRefused"/>.</summary>
public sealed record SnapshotRefusedReport(EntryId Snapshot) : HostReport;

/// <summary>See <see cref="ReplicaCore.TransferLeadership"/>.</summary>
public sealed record TransferOrder(NodeId? Target) : HostReport;

/// <summary>See <see cref="ReplicaCore.Guide"/>.</summary>
/// <param name="Do">Called within the round; it must not block.</param>
public sealed record GuideOrder(Action<Raft.RaftCore> Do) : HostReport;

/// <summary>See <see cref="ReplicaCore.ChangeMembership"/>.</summary>
/// <param name="Answer">Called within the round; it must not block.</param>
public sealed record MemberOrder(MembershipChange Change, Action<ChangeAnswer> Answer) : HostReport;

/// <summary>See <see cref="ReplicaCore.ReadLog"/>.</summary>
/// <param name="Answer">Called within the round; it must not block.</param>
public sealed record LogOrder(LogIndex From, int MaxBytes, Action<LogPiece?> Answer) : HostReport;
