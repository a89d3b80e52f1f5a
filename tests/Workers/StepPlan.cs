namespace RaftKv.Workers;

/// <summary>What the workers of one election do.</summary>
/// <param name="Prefix">Where the steps are written down, one key each.</param>
internal sealed record StepPlan(string Election, TimeSpan Ttl, string Prefix);
