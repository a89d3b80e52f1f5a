namespace RaftKv.Simulation.Cluster;

/// <summary>A class of faults that a seed has or has not, by the name that options use.</summary>
internal sealed record FaultClass(string Name, string Meaning, Func<SwarmProfile, bool> IsOn, Action<SwarmProfile> TurnOff);
