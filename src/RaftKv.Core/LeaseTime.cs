namespace RaftKv.Core;

/// <summary>What the leader knows of a lease's time.</summary>
/// <param name="Lives">False when there is no such lease, or when its expiry is under way.</param>
/// <param name="TtlMs">What it was granted with; 0 unless it lives.</param>
/// <param name="RemainingMs">
/// A lower bound of what is left until it expires without a keepalive, counted from the answer; 0 unless it lives.
/// </param>
public readonly record struct LeaseTime(LeaseId Lease, bool Lives, long TtlMs, long RemainingMs);
