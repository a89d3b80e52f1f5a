namespace RaftKv.Simulation.Cluster;

/// <summary>What can be fed into a replica.</summary>
internal enum InputKind : byte
{
    Message,
    Propose,
    Read,
    AskLeases,
    Abandon,
    Persisted,
    SnapshotWritten,
    ChunkLoaded,
    ChunkMissing,
    ChunkStored,
    SnapshotInstalled,
    SnapshotRefused,
    Transfer,
}

/// <summary>One input on its way into a replica; kept in the inbox while the node's loop is busy or paused.</summary>
internal readonly record struct NodeInput(InputKind Kind, long Number = 0, object? Payload = null);

/// <summary>Where an armed crash strikes.</summary>
internal enum CrashPoint : byte
{
    None,
    BeforeWrite,
    AfterWrite,
    AfterSync,
    BeforeReport,
    InsideSnapshotWrite,
    AfterSnapshotWrite,
    InsideInstall,
    AfterInstall,
    AfterChunkStored,
    BeforeSend,
    AmidSend,
    AfterSend,
    InsideDiskOperation,
    FailedSync,
}
