using RaftKv.Core.Store;
using RaftKv.Simulation.Clients;
using RaftKv.Simulation.Cluster;

namespace RaftKv.Simulation.Reach;

/// <summary>Watches: where they begin, break, go on and are cancelled.</summary>
internal sealed class WatchReach(SimulatedCluster cluster, ReachCounts counts)
{
    public static readonly ReachTheme Theme = new("watches");

    private static readonly ReachState Cancelled =
        Theme.Add("watch-cancelled", "a watch was cancelled, since its next revision is compacted");
    private static readonly ReachState BegunAnew = Theme.Add("watch-begun-anew", "a watch that was cancelled began anew from the state");
    private static readonly ReachState AtCompaction =
        Theme.Add("watch-next-at-compaction", "a watch came to a node that is compacted at or just before its next revision");
    private static readonly ReachState OtherNode = Theme.Add("watch-resumed-elsewhere", "a watch went on at another node");
    private static readonly ReachState BehindNode =
        Theme.Add("watch-on-node-behind", "a watch went on at a node that does not have its next revision yet");
    private static readonly ReachState TurnedAway =
        Theme.Add("watch-turned-away", "a watch that begins anew met a node that is older than what it saw");
    private static readonly ReachState Broken = Theme.Add("watch-broken-amid", "a connection broke between the messages of one read");
    private static readonly ReachState AcrossInstall = Theme.Add("watch-across-install", "a node under a watch installed a snapshot");
    private static readonly ReachState OnDead = Theme.Add("watch-node-died", "a node died under a watch");
    private static readonly ReachState Bookmark = Theme.Add("watch-bookmark", "a watch was told how far it is, without events");
    private static readonly ReachState NoPrevious = Theme.Add("watch-previous-compacted", "an event's former value was compacted");

    public void Connecting(SimulatedWatch watch, SimulatedNode node, StoreView view)
    {
        long compacted = view.CompactedRevision.Value;
        counts.HitIf(watch.IsCancelled, BegunAnew);
        counts.HitIf(!watch.IsCancelled && watch.LastNode >= 0 && watch.LastNode != node.Position, OtherNode);
        counts.HitIf(!watch.IsCancelled && compacted > 0 && watch.Next - compacted is 0 or 1, AtCompaction);
        counts.HitIf(!watch.IsCancelled && view.Revision.Value + 1 < watch.Next, BehindNode);
    }

    public void WasTurnedAway() => counts.Hit(TurnedAway);

    public void WasCancelled() => counts.Hit(Cancelled);

    public void WasBroken() => counts.Hit(Broken);

    public void WasBookmarked() => counts.Hit(Bookmark);

    public void Told(bool isPreviousKnown) => counts.HitIf(!isPreviousKnown, NoPrevious);

    public void Installing(SimulatedNode node) => HitForWatchesOf(node, AcrossInstall);

    public void Died(SimulatedNode node) => HitForWatchesOf(node, OnDead);

    private void HitForWatchesOf(SimulatedNode node, ReachState state)
    {
        foreach (SimulatedWatch watch in cluster.Watchers.Watches)
        {
            counts.HitIf(watch.Node == node.Position && watch.Life == node.Life, state);
        }
    }
}
