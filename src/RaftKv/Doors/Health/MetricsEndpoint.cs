using RaftKv.Diagnostics.Metrics;
using RaftKv.Doors.Http;
using RaftKv.Doors.Http.Terms;
using RaftKv.Service.Refusals;

namespace RaftKv.Doors.Health;

/// <summary>GET /metrics: what this process has counted since its start, in the text format of Prometheus.</summary>
internal static class MetricsEndpoint
{
    public static Task GetAsync(Exchange exchange)
    {
        KvQuery.Parse(exchange.Query, QueryField.None);
        exchange.Observe();
        return AnswerWriter.SendTextAsync(exchange, exchange.Context.Metrics.Registry.Render(), SuccessStatus.Ok, MetricText.MediaType);
    }
}
