using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Cluster;

/// <summary>
/// How much of a command is applied in one go. Each life of a node draws its own slices, so that nodes which cut commands
/// in different places must come to the same state.
/// </summary>
internal sealed partial class SwarmProfile
{
    private const int UsualUnits = 8_192;

    /// <summary>Slices so small that a command of a few keys takes several.</summary>
    public bool HasSmallSlices { get; private set; }

    /// <summary>A slice takes at most so long.</summary>
    public int SliceUs { get; private set; } = 1_000;

    /// <summary>
    /// Whether a cluster that is left alone comes to rest: not when an old build that lacks the slices stays, which nobody
    /// restarts.
    /// </summary>
    public bool AwaitsRest => !HasMixedBuilds;

    private void DrawSlices(DeterministicRandom random)
    {
        HasSmallSlices = random.Chance(500);
        SliceUs = random.OneOf(1, 100, 1_000, 10_000);
    }

    private int DrawUnits(DeterministicRandom random) => HasSmallSlices ? random.OneOf(1, 2, 7, 30, 200, UsualUnits) : UsualUnits;
}
