using RaftKv.Core.Replica;
using RaftKv.Simulation.Cluster;
using RaftKv.Simulation.Disk;

namespace RaftKv.Simulation.Reach;

/// <summary>What a restarted node found on its disk, against what had been synced there.</summary>
internal sealed class RecoveryReach(ReachCounts counts)
{
    public static readonly ReachTheme Theme = new("recovery");

    private static readonly ReachState SnapshotOnly =
        Theme.Add("log-begins-with-snapshot", "a snapshot's last entry was not in the log: it begins anew at the snapshot");
    private static readonly ReachState NoEntries =
        Theme.Add("recovered-snapshot-alone", "a node recovered a snapshot and no entry after it");
    private static readonly ReachState UnsyncedKept = Theme.Add("unsynced-entries-kept", "entries were recovered that nobody had synced");
    private static readonly ReachState UnsyncedLost = Theme.Add("unsynced-entries-lost", "entries were lost that were not synced");
    private static readonly ReachState UnsyncedTerm =
        Theme.Add("unsynced-term-kept", "a term or vote was recovered that nobody had synced");
    private static readonly ReachState SyncedReplaced =
        Theme.Add("unsynced-cut-kept", "entries that were synced are replaced by a later leader's, whose batch was not synced");
    private static readonly ReachState VoteKept = Theme.Add("vote-recovered", "a node recovered a vote for another node");
    private static readonly ReachState BehindCommit =
        Theme.Add("recovered-behind-commit", "a node recovered fewer entries than it knows to be committed elsewhere");

    /// <summary>Before the node's mirrors are those of its new life.</summary>
    public void Recovered(SimulatedNode node, RecoveredState recovered, long committed)
    {
        if (node.Life == 0)
        {
            return;
        }

        long last = recovered.LogStart.Index.Value + recovered.Entries.Count;
        DurableState durable = node.Durable;
        long synced = durable.Log.LastIndex.Value;
        long asked = node.Log.LastIndex.Value;
        EntryId? snapshot = recovered.Snapshot?.LastEntry;
        if (snapshot is { } newest)
        {
            counts.HitIf(recovered.LogStart == newest && durable.Log.TermAt(newest.Index.Value) != newest.Term.Value, SnapshotOnly);
            counts.HitIf(recovered.Entries.Count == 0, NoEntries);
        }

        long lastTerm = recovered.Entries.Count == 0 ? 0 : recovered.Entries[^1].Term.Value;
        counts.HitIf(last > synced, UnsyncedKept);
        counts.HitIf(last >= synced && last < asked, UnsyncedLost);
        counts.HitIf(durable.Log.TermAt(last) is >= 0 and var term && lastTerm > term, SyncedReplaced);
        counts.HitIf(
            recovered.HardState.Term > durable.HardState.Term || recovered.HardState.VotedFor != durable.HardState.VotedFor, UnsyncedTerm);
        counts.HitIf(!recovered.HardState.VotedFor.IsNone && recovered.HardState.VotedFor != node.Id, VoteKept);
        counts.HitIf(last < committed, BehindCommit);
    }
}
