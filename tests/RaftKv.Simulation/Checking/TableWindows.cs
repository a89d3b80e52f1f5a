using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Checking;

/// <summary>
/// Q1, Q2: one table over the whole run. It never holds more than its bound, it turns over often enough for the run to say
/// something, and the last third of its windows holds no more than the second third did.
/// </summary>
/// <param name="name">Of the table.</param>
/// <param name="window">How much has to pass until everything in it has been replaced: time, revisions, bytes.</param>
/// <param name="slack">By how much a window's peak may exceed another's though nothing grows.</param>
internal sealed class TableWindows(string name, long window, long slack)
{
    /// <summary>Fewer prove nothing.</summary>
    public const int FewestWindows = 3;

    private const int MostGrowthPercent = 150;

    // The most that each window held; one that was passed between two looks has 0.
    private readonly List<long> _peaks = [];

    /// <summary>Windows that were passed whole.</summary>
    public long Passed { get; private set; }

    /// <summary>The most that it ever held.</summary>
    public long Peak { get; private set; }

    /// <summary>Looks at the table.</summary>
    /// <param name="passed">How much of what windows are measured in has passed since the start; never falls.</param>
    /// <param name="held">What it holds now.</param>
    /// <param name="most">What it may hold now.</param>
    /// <exception cref="SimulationViolationException">It holds more.</exception>
    public void Look(long passed, long held, long most)
    {
        if (held > most)
        {
            throw new SimulationViolationException("Q1", $"{name}: {held} of at most {most}, after {Passed} windows");
        }

        Passed = Math.Max(Passed, passed / window);
        while (_peaks.Count <= Passed)
        {
            _peaks.Add(0);
        }

        _peaks[^1] = Math.Max(_peaks[^1], held);
        Peak = Math.Max(Peak, held);
    }

    /// <summary>Judges the run.</summary>
    /// <exception cref="SimulationViolationException">It grew, or too few windows were passed.</exception>
    public void Check()
    {
        if (Passed < FewestWindows)
        {
            throw new SimulationViolationException(
                "Q1", $"{name}: {Passed} windows of {window} were passed, of at least {FewestWindows}: nothing is proven");
        }

        long before = Most(_peaks.Count / 3, 2 * _peaks.Count / 3);
        long after = Most(2 * _peaks.Count / 3, _peaks.Count);
        if (after > (before * MostGrowthPercent / 100) + slack)
        {
            throw new SimulationViolationException(
                "Q1", $"{name} grew from {before} to {after} between the second and the last third of {Passed} windows");
        }
    }

    private long Most(int from, int endExclusive) => _peaks.GetRange(from, Math.Max(1, endExclusive - from)).Max();
}
