namespace RaftKv.Core.Calls;

/// <summary>What a read barrier must give. The default is linearizable: a quorum confirms, everything is applied.</summary>
/// <param name="AllowsLeaderLease">The leader may answer from its lease, without a round.</param>
/// <param name="MaxLagEntries">Granted once at most so many entries of the index are missing here; 0 for none. An entry
/// is at most one revision.</param>
/// <param name="MaxStalenessUs">The bound that the reader keeps to, 0 when none: the node renews its proof in the
/// background for readers to come.</param>
public readonly record struct ReadDemand(bool AllowsLeaderLease = false, long MaxLagEntries = 0, long MaxStalenessUs = 0);
