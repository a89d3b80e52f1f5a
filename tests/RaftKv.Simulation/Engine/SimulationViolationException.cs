namespace RaftKv.Simulation.Engine;

/// <summary>
/// Something that must always hold did not. <see cref="Rule"/> is the id of CORRECTNESS.md (R3, A1, L2 …).
/// </summary>
internal sealed class SimulationViolationException(string rule, string message) : Exception($"{rule}: {message}")
{
    public string Rule { get; } = rule;
}

/// <summary>
/// The power went while the host was inside a disk call; caught by the node, which is down from then on.
/// </summary>
internal sealed class PowerCutException() : Exception("simulated power cut");
