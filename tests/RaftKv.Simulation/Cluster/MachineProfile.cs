using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Cluster;

/// <summary>
/// The part of a seed's <see cref="SwarmProfile"/> that is about disks, clocks and cables going wrong. As there, each
/// class is switched on or off as a whole, and then its strength is drawn.
/// </summary>
internal sealed class MachineProfile
{
    /// <summary>Nothing goes wrong.</summary>
    public static readonly MachineProfile Sound = new();

    private MachineProfile()
    {
    }

    public MachineProfile(DeterministicRandom random)
    {
        HasDiskErrors = random.Chance(400);
        HasFullDisks = random.Chance(300);
        HasLostWrites = random.Chance(300);
        HasMisdirectedWrites = random.Chance(250);
        HasRot = random.Chance(300);
        ShortReadPerMille = random.Chance(300) ? random.OneOf(10, 200, 900) : 0;
        DiskMeanUs = random.OneOf(300_000L, 1_000_000, 3_000_000);
        FullMeanUs = random.OneOf(300_000L, 2_000_000, 6_000_000);
        MostErrors = random.OneOf(1, 1, 3);
        DamagedChunkPerMille = random.Chance(200) ? random.OneOf(5, 50, 300) : 0;
        HasSuspends = random.Chance(200);
        SuspendMeanUs = random.OneOf(500_000L, 3_000_000, 10_000_000);
        HasStillClocks = HasSuspends && random.Chance(400);
        WrongTimeMs = random.OneOf(1L, 60_000, KvLimits.MaxAdvanceMs, KvLimits.MaxAdvanceMs);
    }

    public bool HasDiskErrors { get; }
    public bool HasFullDisks { get; }
    public bool HasLostWrites { get; }
    public bool HasMisdirectedWrites { get; }

    /// <summary>Bits flip, sectors are zeroed, old bytes come back.</summary>
    public bool HasRot { get; }
    public int ShortReadPerMille { get; }

    /// <summary>Between two troubles of any disk.</summary>
    public long DiskMeanUs { get; }

    /// <summary>How long a disk stays full.</summary>
    public long FullMeanUs { get; }

    /// <summary>Operations in a row that fail, over restarts too.</summary>
    public int MostErrors { get; } = 1;
    public int DamagedChunkPerMille { get; }
    public bool HasSuspends { get; }
    public long SuspendMeanUs { get; }

    /// <summary>
    /// A machine that sleeps takes its monotonic clock with it. Outside of what lease reads and claimed ages are
    /// promised for (docs/fault-model.md); all else must hold.
    /// </summary>
    public bool HasStillClocks { get; }

    /// <summary>What a wrong clock adds to the cluster's time at once.</summary>
    public long WrongTimeMs { get; } = KvLimits.MaxAdvanceMs;

    public bool IsUnsound => HasDiskErrors || HasFullDisks || HasDamage || HasSuspends || ShortReadPerMille > 0 || DamagedChunkPerMille > 0;

    public bool HasDamage => HasLostWrites || HasMisdirectedWrites || HasRot;
}
