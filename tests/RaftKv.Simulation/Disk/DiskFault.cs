namespace RaftKv.Simulation.Disk;

/// <summary>What a disk can do to a node, beyond losing what was not synced.</summary>
internal enum DiskFault : byte
{
    WriteError,
    ReadError,
    SyncError,
    RenameError,
    CreateError,
    DirectorySyncError,

    /// <summary>No room: what needs any fails.</summary>
    Full,
    ShortRead,

    /// <summary>A sector of a sync keeps its old bytes, though the sync succeeds.</summary>
    LostWrite,

    /// <summary>As a lost write, and the sector's bytes land somewhere else.</summary>
    MisdirectedWrite,
    BitFlip,
    ZeroedSector,

    /// <summary>Bytes that a sector once held come back.</summary>
    StaleSector,
}
