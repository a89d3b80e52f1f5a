namespace RaftKv.Dashboard.Playground;

/// <summary>One thing that was done in the playground, for its timeline.</summary>
/// <param name="At">When it began.</param>
/// <param name="Client">A or B.</param>
/// <param name="What">What was asked.</param>
/// <param name="Result">How it ended.</param>
/// <param name="Curl">The same for a shell.</param>
/// <param name="Kind">good, old or refused.</param>
public sealed record Step(DateTimeOffset At, string Client, string What, string Result, string Curl, string Kind);
