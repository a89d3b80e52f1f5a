namespace RaftKv.Core.Raft.Log;

/// <summary>
/// One entry of the Raft log. Immutable, and its payload's bytes never change. A value and no object: the collector has
/// nothing to follow for the many that are held (docs/performance.md).
/// </summary>
public readonly struct LogEntry(EntryId id, EntryKind kind, ReadOnlyMemory<byte> payload)
{
    /// <summary>Bytes that an entry is counted with on top of its payload, in every byte bound.</summary>
    public const int OverheadBytes = 32;

    /// <summary>Term and index.</summary>
    public EntryId Id { get; } = id;

    /// <summary>Term of the leader that made it.</summary>
    public Term Term => Id.Term;

    /// <summary>Position in the log.</summary>
    public LogIndex Index => Id.Index;

    /// <summary>What the payload is.</summary>
    public EntryKind Kind { get; } = kind;

    /// <summary>The bytes; empty for a no-op, unless it begins the log.</summary>
    public ReadOnlyMemory<byte> Payload { get; } = payload;

    /// <summary>Payload and overhead.</summary>
    public int SizeBytes => Payload.Length + OverheadBytes;
}

/// <summary>What a log entry carries. The values are on disk and on the wire.</summary>
public enum EntryKind : byte
{
    /// <summary>
    /// First entry of a new leader; its commit proves that everything before it is committed (Raft 5.4.2, 8).
    /// </summary>
    Noop = 0,

    /// <summary>A client command: envelope and <c>KvCommand</c> bytes.</summary>
    Command = 1,

    /// <summary>A new <see cref="Members.Membership"/>.</summary>
    Membership = 2,
}
