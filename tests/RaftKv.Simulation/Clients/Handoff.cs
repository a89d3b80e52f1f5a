namespace RaftKv.Simulation.Clients;

/// <summary>One client gives another its token, so that what the other does next depends on it. Stamped as operations are.</summary>
internal readonly record struct Handoff(long At, int From, int To);
