using RaftKv.Simulation.Disk;

namespace RaftKv.Simulation.Cluster;

/// <summary>Which faults have struck, class by class: what did not happen was not tested.</summary>
internal sealed class FaultCounters
{
    /// <summary>Crashes by the <see cref="CrashPoint"/> that was armed; a failed sync is among the disk's faults.</summary>
    public readonly long[] CrashesAt = new long[(int)CrashPoint.InsideDiskOperation + 1];

    /// <summary>By <see cref="DiskFault"/>; the disks count by themselves.</summary>
    public readonly long[] Disk = new long[DiskFaultClasses.Count];

    /// <summary>Nodes that ended because their disk failed or was full (exit code 3).</summary>
    public long DiskStops;

    /// <summary>Leaders that found their snapshot damaged when they were to send it (exit code 4).</summary>
    public long DamagedSends;

    /// <summary>Nodes that refused to start for the rest of a world (exit code 4).</summary>
    public long RefusedStarts;

    /// <summary>Chunks of snapshots that were damaged on their way.</summary>
    public long DamagedChunks;

    /// <summary>Incoming snapshots that were verified and not installed.</summary>
    public long RefusedSnapshots;

    /// <summary>Machines that slept; of these, with a clock that stood still.</summary>
    public long Suspends;
    public long StillClocks;

    /// <summary>Disks lost whole, and changes of the membership that began.</summary>
    public long WipedDisks;
    public long MemberChanges;

    /// <summary>Nodes that found their files damaged and came back as new members; directories that were put back, and found out.</summary>
    public long Healed;
    public long PutBack;

    /// <summary>Directories that asked to found a list that is founded, and were refused.</summary>
    public long RefusedFoundings;

    /// <summary>
    /// Clusters that were given up and restored from a backup, and how often the power failed while their disks were filled; dials
    /// between nodes of the two that were refused, and tokens of before.
    /// </summary>
    public long[] BeganAnew = new long[Enum.GetValues<NewBeginning>().Length];
    public long CutFoundings;
    public long RefusedDials;
    public long RefusedTokens;

    /// <summary>Directories of a cluster of before that were to be taken in, and were refused.</summary>
    public long RefusedFormer;

    /// <summary>Nodes that went back to the build before, and that ended since theirs did not know what was raised.</summary>
    public long Rollbacks;
    public long TooOld;

    /// <summary>Disks that were slow for a while.</summary>
    public long SickDisks;

    /// <summary>Entries that moved the cluster's time on by what a wrong clock said.</summary>
    public long WrongTimes;

    public void Add(FaultCounters other)
    {
        AddTo(CrashesAt, other.CrashesAt);
        AddTo(Disk, other.Disk);
        DiskStops += other.DiskStops;
        DamagedSends += other.DamagedSends;
        RefusedStarts += other.RefusedStarts;
        DamagedChunks += other.DamagedChunks;
        RefusedSnapshots += other.RefusedSnapshots;
        Suspends += other.Suspends;
        WipedDisks += other.WipedDisks;
        MemberChanges += other.MemberChanges;
        Healed += other.Healed;
        PutBack += other.PutBack;
        RefusedFoundings += other.RefusedFoundings;
        AddTo(BeganAnew, other.BeganAnew);
        RefusedFormer += other.RefusedFormer;
        CutFoundings += other.CutFoundings;
        RefusedDials += other.RefusedDials;
        RefusedTokens += other.RefusedTokens;
        SickDisks += other.SickDisks;
        Rollbacks += other.Rollbacks;
        TooOld += other.TooOld;
        StillClocks += other.StillClocks;
        WrongTimes += other.WrongTimes;
    }

    /// <summary>The figures in words.</summary>
    public string Summary() => FormattableString.Invariant(
        $"""
        crashes by point: {Named<CrashPoint>(CrashesAt, first: 1)}
        disk faults: {Named<DiskFault>(Disk, first: 0)}
        nodes stopped by their disk {DiskStops}, starts refused for damage {RefusedStarts}
        damaged snapshots not sent {DamagedSends}, chunks damaged on the way {DamagedChunks}, incoming snapshots refused {RefusedSnapshots}
        disks wiped {WipedDisks}, member changes begun {MemberChanges}
        damaged nodes that came back as new members {Healed}, directories put back and found out {PutBack}
        foundings refused {RefusedFoundings}, slow disks {SickDisks}
        clusters that began anew: {Named<NewBeginning>(BeganAnew, first: 0)} (power cuts amid it {CutFoundings})
        dials between old and new refused {RefusedDials}, tokens of before refused {RefusedTokens}, directories of before {RefusedFormer}
        nodes that went back to the build before {Rollbacks}, ended as too old {TooOld}
        machines suspended {Suspends} (with a clock that stood still {StillClocks}), wrong times proposed {WrongTimes}
        """);

    private static string Named<T>(long[] counts, int first)
        where T : struct, Enum
    {
        IEnumerable<T> names = Enum.GetValues<T>().Take(counts.Length).Skip(first);
        return string.Join(", ", names.Select((name, i) => FormattableString.Invariant($"{name} {counts[i + first]}")));
    }

    private static void AddTo(long[] sums, long[] others)
    {
        for (int i = 0; i < sums.Length; i++)
        {
            sums[i] += others[i];
        }
    }
}
