using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Simulation.Checking;
using RaftKv.Simulation.Clients;
using RaftKv.Simulation.Cluster;
using RaftKv.Simulation.Running;

namespace RaftKv.Simulation.Reach;

/// <summary>Clusters that are given up and restored from a backup.</summary>
internal sealed class RestoreReach(ReachCounts counts)
{
    public static readonly ReachTheme Theme = new("restores");

    private static readonly ReachState Restored = Theme.Add("restored-midway", "a cluster was given up and restored under its clients");
    private static readonly ReachState Lost = Theme.Add("restored-with-loss", "something acknowledged came after the backup, and was lost");
    private static readonly ReachState Whole = Theme.Add("restored-whole", "the backup had everything that was ever acknowledged");
    private static readonly ReachState Lagging =
        Theme.Add("restored-from-behind", "the backup was that of a node that lacked what was committed");
    private static readonly ReachState Founded = Theme.Add("restored-by-founding", "restored directories founded their cluster");
    private static readonly ReachState Leases = Theme.Add("restored-keeps-leases", "leases lived on in a restored cluster");
    private static readonly ReachState Ended = Theme.Add("restored-ends-leases", "a restore ended leases");
    private static readonly ReachState Holder = Theme.Add("restored-ends-holder", "a restore ended the place of a lock's holder");
    private static readonly ReachState Removing =
        Theme.Add("restored-amid-removal", "the backup was taken while compacted versions were being removed");
    private static readonly ReachState Token = Theme.Add("token-of-before-refused", "a session token of before a restore was refused");
    private static readonly ReachState Session = Theme.Add("session-of-before-unknown", "a client session of before a restore was unknown");
    private static readonly ReachState Kept =
        Theme.Add("repeat-over-restore", "a repeat was answered with an answer of before a restore");
    private static readonly ReachState Again = Theme.Add("lost-write-repeated", "a write that a restore lost was sent again, and ran");
    private static readonly ReachState Watch =
        Theme.Add("watch-over-restore-cancelled", "a watch of before a restore was told that it is over");
    private static readonly ReachState Fence = Theme.Add("fence-of-before-lost", "a write under a fence of before a restore was refused");
    private static readonly ReachState Knocked =
        Theme.Add("straggler-refused", "a node of before a restore dialled one of the new cluster");
    private static readonly ReachState Called =
        Theme.Add("straggler-refuses", "a node of the new cluster dialled one of before the restore");
    private static readonly ReachState Leads = Theme.Add("stragglers-lead", "nodes of before a restore elected a leader of their own");

    private static readonly ReachState RestoredAlone =
        Theme.Add("restored-on-one", "a backup was restored on one node, and empty ones joined it under their clients");
    private static readonly ReachState Recovered = Theme.Add("recovered", "a survivor of a lost majority went on alone");
    private static readonly ReachState RecoveredLost =
        Theme.Add("recovered-with-loss", "something acknowledged had not reached the survivor, and was lost");
    private static readonly ReachState RecoveredWhole =
        Theme.Add("recovered-whole", "the survivor had everything that was ever acknowledged");
    private static readonly ReachState OfSeveral = Theme.Add("recovered-of-several", "of several survivors the furthest one went on");
    private static readonly ReachState BeyondApplied =
        Theme.Add("recovered-beyond-applied", "a survivor had what was committed and what it had not applied");
    private static readonly ReachState BehindApplied =
        Theme.Add("recovered-behind-applied", "a survivor had applied what a loss of power then took, since it was not synced there yet");
    private static readonly ReachState Uncommitted =
        Theme.Add("recovered-uncommitted", "a command came to be by a recovery that nobody had committed");
    private static readonly ReachState Conflicting =
        Theme.Add("recovered-conflicting", "a survivor had other entries where the lost ones had committed theirs");
    private static readonly ReachState AmidChange = Theme.Add("recovered-amid-change", "a survivor's log ended in a joint membership");
    private static readonly ReachState Replaced = Theme.Add("recovered-replacement", "the survivor had taken the place of a lost disk");
    private static readonly ReachState FormerRefused =
        Theme.Add("former-member-refused", "a directory of before was to be taken in, and was refused");
    private static readonly ReachState Grown =
        Theme.Add("grown-from-one", "a cluster that began anew on one node came to have a vote on all");
    private static readonly ReachState Told =
        Theme.Add("recovered-answer-repeated", "a repeat of what nobody had answered got the answer that a recovery kept");

    /// <summary>A cluster is restored; its nodes have not been started.</summary>
    public void Begun(Heritage heritage)
    {
        SimulatedCluster former = heritage.Former;
        StoreView backup = heritage.Backup;
        bool isLossy = former.Clients.Operations.Exists(heritage.HasLost);
        counts.HitIf(heritage.Alone is null, Restored);
        counts.HitIf(heritage is { Alone: not null, IsRecovery: false }, RestoredAlone);
        counts.Hit(heritage.IsRecovery ? (isLossy ? RecoveredLost : RecoveredWhole) : isLossy ? Lost : Whole);
        counts.HitIf(heritage.IsBehind, Lagging);
        counts.HitIf(heritage.Alone is null && former.Profile.HasFounding, Founded);
        counts.HitIf(backup.LeaseCount > 0, heritage.Terms.KeepsLeases ? Leases : Ended);
        counts.HitIf(!heritage.Terms.KeepsLeases && backup.ListLockNames(LockKind.Lock, default, 16).Count > 0, Holder);
        counts.HitIf(backup.IsCompacting, Removing);
    }

    /// <summary>Of so many survivors this one goes on.</summary>
    public void Chosen(Survivor survivor, int count)
    {
        Past past = survivor.Past;
        RaftObserver observer = survivor.Former.Observer;
        long applied = observer.MostAppliedBy(survivor.Node);
        counts.Hit(Recovered);
        counts.HitIf(count > 1, OfSeveral);
        counts.HitIf(past.OfFormer > applied, BeyondApplied);
        counts.HitIf(past.OfFormer < applied, BehindApplied);
        counts.HitIf(past.Entries.Skip(past.OfFormer).Any(static entry => entry.Kind == EntryKind.Command), Uncommitted);
        counts.HitIf(past.Entries.Count > past.OfFormer && observer.Committed.Count > past.OfFormer, Conflicting);
        counts.HitIf(survivor.State.Info.Membership.IsJoint, AmidChange);
        counts.HitIf(survivor.Former.IsReplacement(survivor.Node.Id), Replaced);
    }

    /// <summary>A directory of before was to be taken in.</summary>
    public void FormerAsked(ChangeAnswer answer) => counts.HitIf(answer.Problem == ChangeProblem.Removed, FormerRefused);

    public void TokenRefused() => counts.Hit(Token);

    public void Refused(bool isByNew) => counts.Hit(isByNew ? Knocked : Called);

    public void StragglersLead() => counts.Hit(Leads);

    /// <summary>The world is over: what clients of before met in the restored cluster.</summary>
    public void End(Heritage heritage, SimulatedCluster present)
    {
        List<ClientOperation> before = heritage.Former.Clients.Operations;
        long newest = heritage.NewestOfFormer.Value;
        int lastId = before.Count;
        HashSet<string> lost = [.. before.Where(heritage.HasLost)
            .Select(static o => o.Command is null ? null : OnceNames.Of(o.Command)).OfType<string>()];
        HashSet<string> untold = [.. before.Where(o => o is { Outcome: OperationOutcome.Unknown, Command: not null })
            .Select(static o => OnceNames.Of(o.Command!)).OfType<string>()];
        counts.HitIf(heritage.Alone is not null && present.Observer.Members.Committed.Voters.Count == present.Nodes.Length, Grown);
        foreach (ClientOperation operation in present.Clients.Operations)
        {
            if (operation is not { Outcome: OperationOutcome.Ok, Command: { } command, Result: { } result })
            {
                continue;
            }

            counts.HitIf(result.Status == CommandStatus.SessionUnknown && command.Session?.Id.Value <= lastId, Session);
            counts.HitIf(result.IsReplayed && result.Revision.Value <= newest, Kept);
            counts.HitIf(
                heritage.IsRecovery && result.IsReplayed && result.Revision.Value <= newest && OnceNames.Of(command) is { } known
                && untold.Contains(known), Told);
            counts.HitIf(!result.IsReplayed && OnceNames.Of(command) is { } name && lost.Contains(name), Again);
            counts.HitIf(result.Status == CommandStatus.FenceLost && command.Fences[0].Token.Value <= newest, Fence);
        }

        foreach (SimulatedWatch watch in present.Watchers.Watches)
        {
            counts.HitIf(watch.Segments.Count > 0 && watch.Segments[0] is { IsOfFormer: true, CancelledAtCompacted: > 0 }, Watch);
        }
    }
}
