using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Simulation.Checking;
using RaftKv.Simulation.Clients;
using RaftKv.Simulation.Cluster;

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

    /// <summary>A cluster is restored; its nodes have not been started.</summary>
    public void Begun(Heritage heritage)
    {
        SimulatedCluster former = heritage.Former;
        StoreView backup = heritage.Backup;
        bool isLossy = former.Clients.Operations.Exists(
            o => o is { IsRead: false, Outcome: OperationOutcome.Ok } && o.Entry.Index > backup.AppliedIndex);
        counts.Hit(Restored);
        counts.Hit(isLossy ? Lost : Whole);
        counts.HitIf(heritage.IsBehind, Lagging);
        counts.HitIf(former.Profile.HasFounding, Founded);
        counts.HitIf(backup.LeaseCount > 0, heritage.Terms.KeepsLeases ? Leases : Ended);
        counts.HitIf(!heritage.Terms.KeepsLeases && backup.ListLockNames(LockKind.Lock, default, 16).Count > 0, Holder);
        counts.HitIf(backup.IsCompacting, Removing);
    }

    public void TokenRefused() => counts.Hit(Token);

    public void Refused(bool isByNew) => counts.Hit(isByNew ? Knocked : Called);

    public void StragglersLead() => counts.Hit(Leads);

    /// <summary>The world is over: what clients of before met in the restored cluster.</summary>
    public void End(Heritage heritage, SimulatedCluster present)
    {
        List<ClientOperation> before = heritage.Former.Clients.Operations;
        long newest = heritage.Former.Observer.CommittedView.Revision.Value;
        int lastId = before.Count;
        HashSet<string> lost = [.. before.Where(o => o.Outcome == OperationOutcome.Ok && o.Entry.Index > heritage.Backup.AppliedIndex)
            .Select(static o => o.Command is null ? null : OnceNames.Of(o.Command)).OfType<string>()];
        foreach (ClientOperation operation in present.Clients.Operations)
        {
            if (operation is not { Outcome: OperationOutcome.Ok, Command: { } command, Result: { } result })
            {
                continue;
            }

            counts.HitIf(result.Status == CommandStatus.SessionUnknown && command.Session?.Id.Value <= lastId, Session);
            counts.HitIf(result.IsReplayed && result.Revision.Value <= newest, Kept);
            counts.HitIf(!result.IsReplayed && OnceNames.Of(command) is { } name && lost.Contains(name), Again);
            counts.HitIf(result.Status == CommandStatus.FenceLost && command.Fences[0].Token.Value <= newest, Fence);
        }

        foreach (SimulatedWatch watch in present.Watchers.Watches)
        {
            counts.HitIf(watch.Segments.Count > 0 && watch.Segments[0] is { IsOfFormer: true, CancelledAtCompacted: > 0 }, Watch);
        }
    }
}
