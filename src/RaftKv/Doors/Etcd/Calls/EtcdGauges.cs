using RaftKv.Core;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Quotas;
using RaftKv.Diagnostics.Metrics;
using RaftKv.Node;
using RaftKv.Service.Metrics;
using RaftKv.Service.Vocabulary;

namespace RaftKv.Doors.Etcd.Calls;

/// <summary>
/// The node's state under the names that etcd's own dashboard and alert rules read. What has no counterpart here is left
/// out rather than made up; docs/etcd-compatibility.md lists both.
/// </summary>
internal static class EtcdGauges
{
    // etcd's default: without a figure the rule about a full database would divide by nothing.
    private const long QuotaBytes = 2L * 1024 * 1024 * 1024;

    // The feature gates of 3.7 with etcd's own defaults. None of them changes what is served here: what they switch is
    // either always so (reads of a txn from one view), or has no counterpart.
    private static readonly (string Name, string Stage, bool IsOn)[] _features =
    [
        ("AllAlpha", "ALPHA", false),
        ("AllBeta", "BETA", false),
        ("CompactHashCheck", "ALPHA", false),
        ("FastLeaseKeepAlive", "ALPHA", false),
        ("InitialCorruptCheck", "ALPHA", false),
        ("LeaseCheckpoint", "ALPHA", false),
        ("LeaseCheckpointPersist", "ALPHA", false),
        ("SetMemberLocalAddr", "ALPHA", false),
        ("StopGRPCServiceOnDefrag", "ALPHA", false),
        ("TxnModeWriteWithSharedBuffer", "BETA", true),
    ];

    /// <summary>What the store may cost, as etcd's users know the figure.</summary>
    public static long QuotaOf(StoreView view) => view.LimitBytes == KvLimits.NoQuota ? QuotaBytes : view.LimitBytes;

    /// <summary>Registers all for a node.</summary>
    public static void Register(ServerMetrics metrics, INode node)
    {
        MetricRegistry registry = metrics.Registry;
        registry.Gauge(
            "etcd_server_has_leader", "1 while the node knows a leader.", sink => sink.Set(node.Status.Leader.IsNone ? 0 : 1));
        registry.Gauge(
            "etcd_server_is_leader", "1 while the node leads.", sink => sink.Set(node.Status.Role == Role.Leader ? 1 : 0));
        registry.AskedCounter(
            "etcd_server_leader_changes_seen_total", "The term: each change of leader raises it, and an election without a winner too.",
            sink => sink.Set(node.Status.Term.Value));
        registry.AskedCounter(
            "etcd_server_proposals_committed_total", "Highest log index known committed.", sink => sink.Set(node.Status.CommitIndex.Value));
        registry.AskedCounter(
            "etcd_server_proposals_applied_total", "Highest log index applied.", sink => sink.Set(node.Status.AppliedIndex.Value));
        registry.Gauge(
            "etcd_server_proposals_pending", "Writes of this node that are undecided.", sink => sink.Set(node.Status.PendingProposalCount));
        registry.Gauge(
            "etcd_server_is_learner", "1 while the node has no vote.",
            sink => sink.Set(node.Status.Membership.IsVoter(node.Status.Self) ? 0 : 1));
        registry.Gauge("etcd_server_feature_enabled", "1 for a feature gate of etcd's that is on.", static sink =>
        {
            foreach ((string name, string stage, bool isOn) in _features)
            {
                sink.Set(isOn ? 1 : 0, ("name", name), ("stage", stage));
            }
        });
        registry.Gauge("etcd_debugging_server_alarms", "1 for each alarm that is raised, by member and kind.", sink =>
        {
            foreach (Alarm alarm in node.View.ListAlarms())
            {
                sink.Set(1, ("server_id", $"{alarm.Node.Value:x}"), ("alarm_type", AlarmNames.Of(alarm.Kind)));
            }
        });
        registry.Gauge(
            "etcd_disk_defrag_inflight", "1 while a member is defragmented; never, since there is nothing to defragment.",
            static sink => sink.Set(0));
        registry.Gauge(
            "etcd_server_id", "1, with the member's id as a label.", sink => sink.Set(1, ("server_id", $"{node.Identity.Id.Value:x}")));
        registry.Gauge(
            "etcd_server_version", "1, with the version as a label.", sink => sink.Set(1, ("server_version", EtcdVersion.Server)));
        registry.Gauge(
            "etcd_cluster_version", "1, with the version as a label.", sink => sink.Set(1, ("cluster_version", EtcdVersion.Cluster)));
        registry.Gauge(
            "etcd_server_quota_backend_bytes", "What the store may cost; etcd's default while nothing limits it.",
            sink => sink.Set(QuotaOf(node.View)));
        registry.Gauge(
            "etcd_mvcc_db_total_size_in_bytes", "What the store costs as its quota counts.", sink => sink.Set(node.View.UsedBytes));
        registry.Gauge(
            "etcd_mvcc_db_total_size_in_use_in_bytes", "The same: nothing waits for defragmentation.", sink =>
                sink.Set(node.View.UsedBytes));
        registry.Gauge(
            "etcd_debugging_mvcc_db_total_size_in_bytes", "The same, by its older name.", sink => sink.Set(node.View.UsedBytes));
        registry.Gauge("etcd_debugging_mvcc_keys_total", "Live keys.", sink => sink.Set(node.View.KeyCount));
        registry.Gauge("etcd_debugging_mvcc_watcher_total", "Open watches.", sink => sink.Set(node.Watches.OpenCount));
        registry.Gauge(
            "etcd_debugging_mvcc_current_revision", "Newest revision here.", sink => sink.Set(node.View.Revision.Value));
        registry.Gauge(
            "etcd_debugging_mvcc_compact_revision", "Revisions below it can't be read.", sink =>
                sink.Set(node.View.CompactedRevision.Value));
        registry.Show("etcd_disk_wal_fsync_duration_seconds", "Write and sync of one batch of the log.", metrics.WalSync);
        registry.Show(
            "etcd_disk_backend_commit_duration_seconds", "The same: the log is the only thing that a write waits for.", metrics.WalSync);
        registry.AskedCounter(
            "etcd_server_proposals_failed_total", "Writes that were surely not applied, or whose outcome is unknown.",
            sink => sink.Set(metrics.FailedWriteCount));
    }
}
