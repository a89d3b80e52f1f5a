using System.Text.Json.Nodes;
using RaftKv.Doors.OpenApi.Model;
using static RaftKv.Doors.OpenApi.Operations.ApiOperations;

namespace RaftKv.Doors.OpenApi.Operations;

/// <summary>Probes.</summary>
internal static class HealthOperations
{
    public static ApiOperation[] All { get; } =
    [
        .. Metrics(),
        .. Probe("/livez", "live", "Is the process alive?", "503 only when the node has stopped after a failure and should be restarted."),
        .. Probe(
            "/readyz", "ready", "Can it serve?", "Makes a linearizable read: 503 while no leader can be confirmed, and during shutdown."),
        .. Probe("/healthz", "healthy", "Can it serve?", "The same as /readyz."),
        .. Etcd("/health", "EtcdHealth", "getEtcdHealth", "Health in etcd's shape", "For tools made for etcd.", """{"health":"true","reason":""}""", 503),
        .. Etcd(
            "/version", "EtcdVersion", "getVersion", "Versions in etcd's shape", "`raftkv` is this server's own version.",
            """{"etcdserver":"3.5.0","etcdcluster":"3.5.0","raftkv":"0.1.0"}""", null),
    ];

    private static ApiOperation[] Probe(string path, string id, string summary, string description)
    {
        var get = new ApiOperation("GET", path, id, ApiTags.Health, summary, description)
        {
            IsHealth = true,
            Parameters = [Query("verbose", "A line for each check.", ApiParameters.Flag())],
            Responses =
            [
                new ApiResponse(200, "Yes.", new ApiContent("text/plain", null, "ok")),
                new ApiResponse(503, "No; the lines say why.", new ApiContent("text/plain", null, "[-]linearizable-read failed: no leader")),
            ],
        };
        return [get, HeadOf(get)];
    }

    private static ApiOperation[] Metrics()
    {
        var get = new ApiOperation(
            "GET", "/metrics", "getMetrics", ApiTags.Health, "Counters and gauges for Prometheus",
            "Text format 0.0.4; docs/operations.md explains every name.")
        {
            IsHealth = true,
            Responses = [new ApiResponse(200, "The metrics.", new ApiContent("text/plain", null, "raftkv_term 1"))],
        };
        return [get, HeadOf(get)];
    }

    private static ApiOperation[] Etcd(string path, string schema, string id, string summary, string description, string example, int? failure)
    {
        var ok = new ApiResponse(200, "The answer.", new ApiContent("application/json", schema, JsonNode.Parse(example)));
        var get = new ApiOperation("GET", path, id, ApiTags.Health, summary, description)
        {
            IsHealth = true,
            Responses = failure is null
                ? [ok]
                :
                [
                    ok,
                    new ApiResponse(failure.Value, "Not healthy.", new ApiContent(
                        "application/json", schema, JsonNode.Parse("""{"health":"false","reason":"RAFT NO LEADER"}"""))),
                ],
        };
        return [get, HeadOf(get)];
    }

    private static ApiOperation HeadOf(ApiOperation get) => get with
    {
        Method = "HEAD",
        Id = get.Id + "Head",
        Summary = get.Summary + " (status only)",
        Responses = Array.ConvertAll(get.Responses, static r => r with { Contents = [] }),
    };
}
