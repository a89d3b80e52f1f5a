namespace RaftKv.Scenarios.Support;

/// <summary>One of the three nodes, as a user knows it.</summary>
/// <param name="ClientPort">The port of <paramref name="Endpoint"/>.</param>
public sealed record Node(string Name, int ClientPort, Uri Endpoint);
