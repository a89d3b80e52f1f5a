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
        .. Below("/livez", "live", "serializable_read"),
        .. Probe(
            "/readyz", "ready", "Can it serve?",
            "Makes a linearizable read: 503 while no leader can be confirmed, during shutdown, and while an alarm CORRUPT is raised."),
        .. Below("/readyz", "ready", "node", "data_corruption", "serializable_read", "linearizable_read", "non_learner"),
        .. Probe("/healthz", "healthy", "Can it serve?", "The same as /readyz."),
        .. Etcd(
            "/health", "EtcdHealth", "getEtcdHealth", "Health in etcd's shape",
            "For tools made for etcd; JSON under the name that etcd gives it.",
            """{"health":"true","reason":""}""", 503, "text/plain"),
        .. Etcd(
            "/version", "EtcdVersion", "getVersion", "Versions in etcd's shape", "`raftkv` is this server's own version.",
            """{"etcdserver":"3.7.2","etcdcluster":"3.7.0","storage":"3.7.0","raftkv":"0.1.0"}""", null),
    ];

    private static ApiOperation[] Probe(string path, string id, string summary, string description)
    {
        var get = new ApiOperation("GET", path, id, ApiTags.Health, summary, description)
        {
            IsHealth = true,
            Parameters =
            [
                Query("verbose", "A line for each check.", ApiParameters.Flag()),
                Query("exclude", "A check that is left out; may be repeated.", ApiParameters.Text()),
            ],
            Responses =
            [
                new ApiResponse(200, "Yes.", new ApiContent("text/plain", null, "ok")),
                new ApiResponse(
                    503, "No; the lines say why.", new ApiContent("text/plain", null, "[-]linearizable_read failed: no leader")),
            ],
        };
        return [get];
    }

    // The probe's own names are the routes'; a test holds them together.
    private static IEnumerable<ApiOperation> Below(string path, string id, params string[] checks) => checks.SelectMany(check => Probe(
        $"{path}/{check}", id + string.Concat(check.Split('_').Select(static word => char.ToUpperInvariant(word[0]) + word[1..])),
        $"Only the check {check}", $"One check of {path}, on its own."));

    private static ApiOperation[] Metrics()
    {
        var get = new ApiOperation(
            "GET", "/metrics", "getMetrics", ApiTags.Health, "Counters and gauges for Prometheus",
            "Text format 0.0.4; docs/operations.md explains every name.")
        {
            IsHealth = true,
            Responses = [new ApiResponse(200, "The metrics.", new ApiContent("text/plain", null, "raftkv_term 1"))],
        };
        return [get];
    }

    private static ApiOperation[] Etcd(
        string path, string schema, string id, string summary, string description, string example, int? failure,
        string mediaType = "application/json")
    {
        var ok = new ApiResponse(200, "The answer.", new ApiContent(mediaType, schema, JsonNode.Parse(example)));
        var get = new ApiOperation("GET", path, id, ApiTags.Health, summary, description)
        {
            IsHealth = true,
            Responses = failure is null
                ? [ok]
                :
                [
                    ok,
                    new ApiResponse(failure.Value, "Not healthy.", new ApiContent(
                        mediaType, schema, JsonNode.Parse("""{"health":"false","reason":"RAFT NO LEADER"}"""))),
                ],
        };
        return [get];
    }
}
