namespace RaftKv.Simulation.Cluster;

/// <summary>What happened in one world, for the summary.</summary>
internal sealed class Counters
{
    public long Crashes;
    public long PersistPointCrashes;
    public long Partitions;
    public long Pauses;
    public long Transfers;
    public long SnapshotsInstalled;
    public long Invoked;
    public long Acknowledged;
    public long Refused;
    public long Unknown;
    public long Reads;
    public long UndecidedKeys;

    public void Add(Counters other)
    {
        Crashes += other.Crashes;
        PersistPointCrashes += other.PersistPointCrashes;
        Partitions += other.Partitions;
        Pauses += other.Pauses;
        Transfers += other.Transfers;
        SnapshotsInstalled += other.SnapshotsInstalled;
        Invoked += other.Invoked;
        Acknowledged += other.Acknowledged;
        Refused += other.Refused;
        Unknown += other.Unknown;
        Reads += other.Reads;
        UndecidedKeys += other.UndecidedKeys;
    }
}
