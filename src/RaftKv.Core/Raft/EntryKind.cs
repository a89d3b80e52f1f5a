namespace RaftKv.Core.Raft;

/// <summary>What a log entry carries. The values are on disk and on the wire.</summary>
public enum EntryKind : byte
{
    /// <summary>
    /// First entry of a new leader; its commit proves that everything before it is committed (Raft 5.4.2, 8).
    /// </summary>
    Noop = 0,

    /// <summary>A client command: envelope and <c>KvCommand</c> bytes.</summary>
    Command = 1,

    /// <summary>A new <see cref="Membership"/>.</summary>
    Membership = 2,
}
