using RaftKv.Contract;
using RaftKv.Core;
using RaftKv.Core.Reads;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Quotas;
using RaftKv.Diagnostics.Metrics;
using RaftKv.Engine;
using RaftKv.Node;
using RaftKv.Service.Vocabulary;

namespace RaftKv.Service.Metrics;

/// <summary>What /metrics shows of the node's state: its part in the cluster, its log, its store, its followers.</summary>
internal static class NodeGauges
{
    private static readonly string[] _roles = ["leader", "follower", "candidate", "pre-candidate", "learner"];

    /// <summary>Registers all for a node.</summary>
    public static void Register(MetricRegistry registry, INode node)
    {
        registry.Gauge("raftkv_build_info", "1, with the version as a label.", sink => sink.Set(1, ("version", Product.Version)));
        registry.Gauge("raftkv_ready", "1 while the node serves, else 0.", sink => sink.Set(node.Phase == NodePhase.Ready ? 1 : 0));
        registry.Gauge("raftkv_role", "1 for the role that the node has, 0 for the others.", sink => SetRoles(sink, node.Status));
        registry.Gauge("raftkv_has_leader", "1 while the node knows a leader.", sink => sink.Set(node.Status.Leader.IsNone ? 0 : 1));
        registry.Gauge("raftkv_term", "The term.", sink => sink.Set(node.Status.Term.Value));
        registry.Gauge("raftkv_commit_index", "Highest log index known committed.", sink => sink.Set(node.Status.CommitIndex.Value));
        registry.Gauge("raftkv_applied_index", "Highest log index applied.", sink => sink.Set(node.Status.AppliedIndex.Value));
        registry.Gauge("raftkv_last_index", "Highest log index held.", sink => sink.Set(node.Status.LastIndex.Value));
        registry.Gauge("raftkv_persisted_index", "Highest log index on disk.", sink => sink.Set(node.Status.PersistedIndex.Value));
        registry.Gauge("raftkv_snapshot_index", "Log index of the newest snapshot.", sink => sink.Set(node.Status.Snapshot.Index.Value));
        registry.Gauge(
            "raftkv_pending_proposals", "Writes of this node that are undecided.", sink => sink.Set(node.Status.PendingProposalCount));
        registry.Gauge("raftkv_revision", "Newest revision here.", sink => sink.Set(node.View.Revision.Value));
        registry.Gauge(
            "raftkv_compacted_revision", "Revisions below it can't be read.", sink => sink.Set(node.View.CompactedRevision.Value));
        registry.Gauge("raftkv_store_keys", "Live keys.", sink => sink.Set(node.View.KeyCount));
        registry.Gauge("raftkv_store_versions", "Versions kept, tombstones included.", sink => sink.Set(node.View.VersionCount));
        registry.Gauge("raftkv_store_leases", "Leases.", sink => sink.Set(node.View.LeaseCount));
        registry.Gauge("raftkv_watches", "Open watches of all doors.", sink => sink.Set(node.Watches.OpenCount));
        registry.Gauge(
            "raftkv_watch_bytes", "Changes that watches are telling.", sink => sink.Set(node.Watches.Room.UsedBytes));
        registry.AskedCounter(
            "raftkv_watches_cut_off_total", "Watches that were ended because others needed the memory of what they did not take.",
            sink => sink.Set(node.Watches.Room.CutOffCount));
        registry.Gauge("raftkv_store_bytes", "Bytes of keys and values of all kept versions.", sink => sink.Set(node.View.DataBytes));
        registry.Gauge("raftkv_store_used_bytes", "What the store costs as quotas count.", sink => sink.Set(node.View.UsedBytes));
        registry.Gauge("raftkv_store_limit_bytes", "What it may cost; absent when unlimited.", sink => SetLimit(sink, node.View));
        registry.Gauge("raftkv_alarm", "1 for each alarm that is raised.", sink => SetAlarms(sink, node));
        registry.Gauge("raftkv_memory_budget_bytes", "What the node may use of memory.", sink => sink.Set(node.Budget.TotalBytes));
        OnceGauges.Register(registry, node);
        registry.Gauge("raftkv_log_bytes", "Entries of the log in memory.", sink => sink.Set(node.Status.LogBytes));
        registry.Gauge(
            "raftkv_pending_proposal_bytes", "Undecided writes of this node.", sink => sink.Set(node.Status.PendingProposalBytes));
        registry.Gauge(
            "raftkv_memory_share_bytes", "What a part of the node may use of the budget.", sink => SetShares(sink, node.Budget));
        registry.Gauge("raftkv_all_applied_index", "Log index that every voter is known to have "
            + "applied.", sink => sink.Set(node.Status.AllAppliedIndex.Value));
        registry.AskedCounter(
            "raftkv_audit_alarms_total", "Nodes whose state this leader found to differ from its "
                + "own.", sink => sink.Set(node.Status.Alarms.Count));
        registry.Gauge("raftkv_staleness_seconds", "Proven bound of the age of this node's state; absent when "
            + "unknown.", sink => SetStaleness(sink, node));
        registry.Gauge("raftkv_lease_held", "1 while the node may answer from its "
            + "lease.", sink => sink.Set(node.ReadPoint.HoldsLeaderLeaseAt(node.Now) ? 1 : 0));
        registry.Gauge(
            "raftkv_follower_lag_entries", "On the leader: entries that a follower lacks.", sink => SetLag(sink, node));
        registry.Gauge(
            "raftkv_follower_lag_seconds",
            "On the leader: how long the oldest entry that a follower lacks has been in the log.",
            sink => SetLagTime(sink, node));
    }

    private static void SetRoles(GaugeSink sink, EngineStatus status)
    {
        string now = NodeNames.RoleOf(status);
        foreach (string role in _roles)
        {
            sink.Set(role == now ? 1 : 0, ("role", role));
        }
    }

    private static void SetLimit(GaugeSink sink, StoreView view)
    {
        if (view.LimitBytes != KvLimits.NoQuota)
        {
            sink.Set(view.LimitBytes);
        }
    }

    private static void SetAlarms(GaugeSink sink, INode node)
    {
        foreach (Alarm alarm in node.View.ListAlarms())
        {
            string member = alarm.Node.IsNone ? "" : NodeNames.NameOf(node, alarm.Node);
            sink.Set(1, ("kind", AlarmNames.Of(alarm.Kind)), ("node", member), ("cause", AlarmNames.Of(alarm.Cause)));
        }

        if (node.Disk.KeptDamaged is not null)
        {
            sink.Set(1, ("kind", AlarmKinds.Healed), ("node", node.Identity.Name), ("cause", ""));
        }
    }

    private static void SetShares(GaugeSink sink, MemoryBudget budget)
    {
        foreach (MemoryShare share in budget.Shares)
        {
            sink.Set(share.Bytes, ("part", share.Name));
        }
    }

    private static void SetStaleness(GaugeSink sink, INode node)
    {
        ReadPoint point = node.ReadPoint;
        if (point.StalenessBoundUs(node.Now) is { } microseconds)
        {
            sink.Set(microseconds / 1e6);
        }
    }

    private static void SetLag(GaugeSink sink, INode node)
    {
        foreach (FollowerProgress follower in node.Status.Followers)
        {
            sink.Set(follower.LagEntries, ("follower", NodeNames.NameOf(node, follower.Node)));
        }
    }

    private static void SetLagTime(GaugeSink sink, INode node)
    {
        foreach (FollowerProgress follower in node.Status.Followers)
        {
            sink.Set(follower.LagMs / 1000.0, ("follower", NodeNames.NameOf(node, follower.Node)));
        }
    }
}
