namespace RaftKv.Simulation.Cluster;

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
