using System.Text;
using System.Text.Json;
using RaftKv.Contract.Bodies;
using RaftKv.Core.Store.Quotas;
using RaftKv.Doors.Http;
using RaftKv.Engine;
using RaftKv.Service.Refusals;
using RaftKv.Service.Vocabulary;

namespace RaftKv.Doors.Health;

/// <summary>
/// Health as etcd 3.6 tells it, texts included. Ready means that a linearizable read works: a node that is up but can't
/// reach a leader is alive and not ready.
/// </summary>
internal static class HealthEndpoints
{
    /// <summary>GET /livez, /readyz, /healthz and a single check below one of them.</summary>
    /// <param name="probe">The probe's name in metrics.</param>
    public static HttpHandler Probe(string probe, params HealthCheck[] checks) => exchange => ProbeAsync(exchange, probe, checks);

    /// <summary>GET /health in etcd's shape.</summary>
    public static async Task EtcdHealthAsync(Exchange exchange)
    {
        HealthQuery query = HealthQuery.Parse(exchange.Query);
        exchange.Observe();
        string reason = await ReasonAsync(exchange, query);
        bool isHealthy = reason.Length == 0;
        exchange.Context.Metrics.Probes.Told(isHealthy);
        EtcdHealthAnswer body = new() { Health = isHealthy ? "true" : "false", Reason = reason };
        string json = JsonSerializer.Serialize(body, AnswerJson.Default.EtcdHealthAnswer);
        await SendAsync(exchange, isHealthy ? json : json + "\n", isHealthy);
    }

    /// <summary>GET /version in etcd's shape, with RaftKv's own beside it.</summary>
    public static Task VersionAsync(Exchange exchange)
    {
        exchange.Observe();
        EtcdVersionAnswer body = new()
        {
            Etcdserver = EtcdVersion.Server,
            Etcdcluster = EtcdVersion.Cluster,
            Storage = EtcdVersion.Storage,
            Raftkv = Product.Version,
        };
        return AnswerWriter.SendAsync(exchange, body, AnswerJson.Default.EtcdVersionAnswer);
    }

    // As in etcd an alarm makes a member unhealthy, and the first that is not excluded is told.
    private static async ValueTask<string> ReasonAsync(Exchange exchange, HealthQuery query)
    {
        foreach (Alarm alarm in exchange.Node.View.ListAlarms())
        {
            if (!query.IsExcluded(AlarmNames.Of(alarm.Kind)))
            {
                return "ALARM " + AlarmNames.Of(alarm.Kind);
            }
        }

        if (query.IsSerializable)
        {
            return exchange.Node.Phase == NodePhase.Failed ? "RANGE ERROR:etcdserver: server stopped" : "";
        }

        if (exchange.Node.Status.Leader.IsNone)
        {
            return "RAFT NO LEADER";
        }

        return await HealthCheck.TryReadAsync(exchange) ? ""
            : exchange.Node.Phase is NodePhase.Draining or NodePhase.Failed ? "RANGE ERROR:etcdserver: server stopped"
            : "RANGE ERROR:etcdserver: request timed out";
    }

    private static async Task ProbeAsync(Exchange exchange, string probe, HealthCheck[] checks)
    {
        HealthQuery query = HealthQuery.Parse(exchange.Query);
        exchange.Observe();
        var lines = new StringBuilder();
        bool isWell = true;
        foreach (HealthCheck check in checks)
        {
            if (query.IsExcluded(check.Name))
            {
                continue;
            }

            string? failure = await check.LookAsync(exchange);
            exchange.Context.Metrics.Probes.Checked(probe, check.Name, failure is null);
            lines.Append(failure is null ? $"[+]{check.Name} ok\n" : $"[-]{check.Name} failed: {failure}\n");
            isWell &= failure is null;
        }

        await SendAsync(exchange, !isWell ? lines + "\n" : query.IsVerbose ? lines + "ok\n" : "ok\n", isWell);
    }

    private static Task SendAsync(Exchange exchange, string text, bool isWell)
    {
        exchange.Http.Response.Headers.XContentTypeOptions = "nosniff";
        return AnswerWriter.SendTextAsync(exchange, Encoding.UTF8.GetBytes(text), isWell ? SuccessStatus.Ok : SuccessStatus.Unhealthy);
    }
}
