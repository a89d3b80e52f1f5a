using RaftKv.Diagnostics.Metrics;
using RaftKv.Node;

namespace RaftKv.Service.Metrics;

/// <summary>How full the tables of first answers are: what has to be seen before a share is full.</summary>
internal static class OnceGauges
{
    /// <summary>Registers all for a node.</summary>
    public static void Register(MetricRegistry registry, INode node)
    {
        registry.Gauge(
            "raftkv_store_idempotency_records", "First answers kept under idempotency keys.", sink => sink.Set(node.View.Once.Keys));
        registry.Gauge(
            "raftkv_store_idempotency_bytes", "Bytes that they count for, in all shares.", sink => sink.Set(node.View.Once.KeyBytes));
        registry.Gauge(
            "raftkv_store_idempotency_shared_bytes", "The part of it of those who are neither a user nor a client session.",
            sink => sink.Set(node.View.Once.SharedKeyBytes));
        registry.Gauge(
            "raftkv_store_idempotency_shared_limit_bytes", "Bytes at which new keys of theirs wait until old ones may go.",
            sink => sink.Set(node.View.Once.Limits.SharedBytes));
        registry.Gauge(
            "raftkv_store_idempotency_window_seconds", "Cluster time for which a first answer under an idempotency key is kept at least.",
            sink => sink.Set(node.View.Once.Limits.FloorMs / 1e3));
        registry.Gauge("raftkv_store_client_sessions", "Client sessions.", sink => sink.Set(node.View.Once.Sessions));
        registry.Gauge(
            "raftkv_store_client_sessions_limit", "Client sessions at which a new one drops the one that was idle longest.",
            sink => sink.Set(node.View.Once.Limits.MaxSessions));
        registry.Gauge(
            "raftkv_store_client_session_answers", "First answers that client sessions keep.",
            sink => sink.Set(node.View.Once.SessionAnswers));
        registry.Gauge(
            "raftkv_store_client_session_bytes", "Bytes that sessions and answers count for.",
            sink => sink.Set(node.View.Once.SessionTableBytes));
        registry.Gauge(
            "raftkv_store_client_session_limit_bytes", "Bytes at which the client session that was idle longest is dropped.",
            sink => sink.Set(node.View.Once.Limits.SessionTableBytes));
    }
}
