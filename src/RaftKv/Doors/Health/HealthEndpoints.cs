using System.Text;
using RaftKv.Core.Calls;
using RaftKv.Core.Store.Quotas;
using RaftKv.Core;
using RaftKv.Doors.Http;
using RaftKv.Doors.Http.Terms;
using RaftKv.Engine;
using RaftKv.Node;
using RaftKv.Service.Calls;
using RaftKv.Service.Reads;
using RaftKv.Service.Refusals;
using RaftKv.Service.Vocabulary;

namespace RaftKv.Doors.Health;

/// <summary>
/// Health, in Kubernetes' words and in etcd's. Ready means that a linearizable read works: a node that is up but can't
/// reach a leader is alive and not ready.
/// </summary>
internal static class HealthEndpoints
{
    /// <summary>GET /livez: the process works; a failed node should be restarted.</summary>
    public static Task LiveAsync(Exchange exchange)
    {
        KvQuery query = KvQuery.Parse(exchange.Query, QueryField.Verbose);
        Observe(exchange);
        bool isAlive = exchange.Node.Phase != NodePhase.Failed;
        return SendAsync(exchange, "livez", query.IsVerbose, [("node", isAlive, "the node has stopped after a failure")]);
    }

    /// <summary>GET /readyz and /healthz.</summary>
    public static async Task ReadyAsync(Exchange exchange)
    {
        KvQuery query = KvQuery.Parse(exchange.Query, QueryField.Verbose);
        Observe(exchange);
        NodePhase phase = exchange.Node.Phase;
        bool isServing = Readiness.IsServing(exchange.Node);
        string read = "not tried";
        bool canRead = isServing && await TryReadAsync(exchange);
        if (isServing && !canRead)
        {
            read = "no leader could be confirmed within 800ms";
        }

        await SendAsync(
            exchange,
            "readyz",
            query.IsVerbose,
            [
                ("node", isServing, phase == NodePhase.Draining ? "shutting down" : "stopped after a failure"),
                ("linearizable-read", canRead, read),
            ]);
    }

    /// <summary>GET /health in etcd's shape.</summary>
    public static async Task EtcdHealthAsync(Exchange exchange)
    {
        Observe(exchange);
        bool canRead = await TryReadAsync(exchange);

        // As in etcd an alarm makes a member unhealthy, and the first is told.
        IReadOnlyList<Alarm> alarms = exchange.Node.View.ListAlarms();
        string reason = !canRead ? "RAFT NO LEADER" : alarms.Count == 0 ? "" : "ALARM " + AlarmNames.Of(alarms[0].Kind);
        bool isHealthy = reason.Length == 0;
        JsonAnswer answer = JsonAnswer.Rent();
        answer.Json.WriteStartObject();
        answer.Json.WriteString("health"u8, isHealthy ? "true"u8 : "false"u8);
        answer.Json.WriteString("reason"u8, reason);
        answer.Json.WriteEndObject();
        await AnswerWriter.SendJsonAsync(exchange, answer, isHealthy ? SuccessStatus.Ok : SuccessStatus.Unhealthy);
    }

    /// <summary>GET /version in etcd's shape, with RaftKv's own beside it.</summary>
    public static Task VersionAsync(Exchange exchange)
    {
        Observe(exchange);
        JsonAnswer answer = JsonAnswer.Rent();
        answer.Json.WriteStartObject();
        answer.Json.WriteString("etcdserver"u8, EtcdVersion.Server);
        answer.Json.WriteString("etcdcluster"u8, EtcdVersion.Cluster);
        answer.Json.WriteString("raftkv"u8, Product.Version);
        answer.Json.WriteEndObject();
        return AnswerWriter.SendJsonAsync(exchange, answer, SuccessStatus.Ok);
    }

    private static void Observe(Exchange exchange) => exchange.Observe();

    private static async ValueTask<bool> TryReadAsync(Exchange exchange)
    {
        ReadBarrierResult barrier = await Readiness.CheckAsync(exchange.Node);
        if (!barrier.IsGranted)
        {
            return false;
        }

        exchange.AnsweredProbe(barrier);
        return true;
    }

    private static Task SendAsync(Exchange exchange, string name, bool isVerbose, (string Check, bool IsOk, string Failure)[] checks)
    {
        bool isOk = Array.TrueForAll(checks, static c => c.IsOk);
        if (isOk && !isVerbose)
        {
            return AnswerWriter.SendTextAsync(exchange, "ok"u8.ToArray(), SuccessStatus.Ok);
        }

        var lines = new StringBuilder();
        foreach ((string check, bool isCheckOk, string failure) in checks)
        {
            lines.Append(isCheckOk ? $"[+]{check} ok\n" : $"[-]{check} failed: {failure}\n");
        }

        lines.Append(isOk ? $"{name} check passed\n" : $"{name} check failed\n");
        return AnswerWriter.SendTextAsync(
            exchange, Encoding.UTF8.GetBytes(lines.ToString()), isOk ? SuccessStatus.Ok : SuccessStatus.Unhealthy);
    }
}
