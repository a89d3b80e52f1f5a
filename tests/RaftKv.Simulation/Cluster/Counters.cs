using RaftKv.Core.Reads;

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

    /// <summary>Reads answered, by level.</summary>
    public readonly long[] ReadsOf = new long[(int)ReadLevel.All + 1];

    /// <summary>Reads that claimed a proven age above zero.</summary>
    public long ProvenReads;

    /// <summary>Published points of a leader that held a lease.</summary>
    public long LeasePoints;
    public long Handoffs;
    public long LeaseAsks;
    public long LeasesEnded;
    public long Acquired;
    public long FencedWrites;
    public long FencesLost;
    public long Replayed;
    public long WatchedChanges;
    public long WatchCancels;
    public long WatchResumes;
    public long Leaderships;

    /// <summary>Which faults have struck.</summary>
    public readonly FaultCounters Faults = new();

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
        ProvenReads += other.ProvenReads;
        LeasePoints += other.LeasePoints;
        Handoffs += other.Handoffs;
        LeaseAsks += other.LeaseAsks;
        LeasesEnded += other.LeasesEnded;
        Acquired += other.Acquired;
        FencedWrites += other.FencedWrites;
        FencesLost += other.FencesLost;
        Replayed += other.Replayed;
        WatchedChanges += other.WatchedChanges;
        WatchCancels += other.WatchCancels;
        WatchResumes += other.WatchResumes;
        Leaderships += other.Leaderships;
        Faults.Add(other.Faults);
        for (int i = 0; i < ReadsOf.Length; i++)
        {
            ReadsOf[i] += other.ReadsOf[i];
        }
    }
}
