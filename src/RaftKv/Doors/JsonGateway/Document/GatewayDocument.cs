using System.Globalization;
using System.Text.Json.Nodes;
using RaftKv.Doors.Grpc;
using RaftKv.Doors.JsonGateway;
using RaftKv.Service.Vocabulary;

namespace RaftKv.Doors.JsonGateway.Document;

/// <summary>
/// The document of etcd's JSON gateway, made from the messages' descriptors and the gateway's own table of paths, so
/// that it can't fall behind them.
/// </summary>
internal static class GatewayDocument
{
    private const string Introduction =
        "etcd's v3 API with JSON instead of protobuf. Keys and values are base64 (`Zm9v` is `foo`), 64-bit numbers are strings, and what "
        + "has its default value is left out of answers. Names may also be sent in lower camel case. `/v3beta` and `/v3alpha` are other "
        + "names for `/v3`. The errors' codes are gRPC's.";

    private const string TokenScheme = "token";

    private const string StreamNote =
        "A stream: one JSON document a line, each `{\"result\":…}`; an error ends it with a last `{\"error\":…}`.";

    /// <summary>Builds it.</summary>
    public static JsonObject Build(GatewayRoutes routes)
    {
        var schemas = new GatewaySchemas();
        JsonObject error = schemas.Add("Error", ErrorSchema());
        JsonObject streamError = schemas.Add("StreamError", StreamErrorSchema());
        Dictionary<string, GatewayExample> examples =
            GatewayExamples.All.ToDictionary(static example => "/v3/" + example.Path, StringComparer.Ordinal);
        var paths = new JsonObject();
        foreach ((string path, RpcMethod method) in routes.Canonical)
        {
            JsonObject answer = schemas.Refer(method.Answer);
            if (method.IsStream)
            {
                answer = schemas.Add(method.Answer.FullName + ".Line", Line(answer, streamError));
            }

            paths[path] = new JsonObject
            {
                ["post"] = Operation(examples[path], method, schemas.Refer(method.Request), answer, (JsonObject)error.DeepClone()),
            };
        }

        return new JsonObject
        {
            ["openapi"] = "3.1.1",
            ["info"] = new JsonObject
            {
                ["title"] = "RaftKv: etcd v3 gateway",
                ["description"] = Introduction,
                ["version"] = EtcdVersion.Server,
                ["license"] = new JsonObject { ["name"] = "Apache-2.0", ["identifier"] = "Apache-2.0" },
            },
            ["servers"] = new JsonArray(new JsonObject { ["url"] = "/", ["description"] = "The node that serves this page" }),
            ["tags"] = Tags(routes),
            ["paths"] = paths,
            // Also without any, as long as rights are not in force.
            ["security"] = new JsonArray(new JsonObject(), new JsonObject { [TokenScheme] = new JsonArray() }),
            ["components"] = new JsonObject { ["schemas"] = schemas.ToJson(), ["securitySchemes"] = SecuritySchemes() },
        };
    }

    private static JsonArray Tags(GatewayRoutes routes) => new([.. routes.Canonical
        .Select(static route => TagOf(route.Method))
        .Distinct()
        .Select(static tag => (JsonNode)new JsonObject { ["name"] = tag, ["description"] = DescriptionOf(tag) })]);

    private static string DescriptionOf(string tag) => tag switch
    {
        "KV" => "Keys: read, write, delete, compare and compact.",
        "Watch" => "Changes as they happen.",
        "Lease" => "Keys that go when nobody keeps their lease alive.",
        "Cluster" => "Who is in the cluster.",
        "Maintenance" => "State of this node and of its store.",
        "Auth" => "Users, roles, rights and tokens.",
        "Lock" => "Locks.",
        "Election" => "Elections.",
        _ => Core.Check.Unreachable<string>(tag),
    };

    private static JsonObject SecuritySchemes() => new()
    {
        [TokenScheme] = new JsonObject
        {
            ["type"] = "apiKey",
            ["in"] = "header",
            ["name"] = "Authorization",
            ["description"] = "The token of /v3/auth/authenticate, with no word before it.",
        },
    };

    private static string TagOf(RpcMethod method) => method.Service[(method.Service.LastIndexOf('.') + 1)..];

    private static JsonObject Operation(GatewayExample example, RpcMethod method, JsonObject request, JsonObject answer, JsonObject error)
    {
        string described = $"`{method.Path[1..]}`. {(method.IsStream ? StreamNote : "")} {example.Note}";
        var responses = new JsonObject { ["200"] = Response(method.IsStream ? "The stream" : "Done", answer) };
        responses[example.Status == 200 ? "default" : example.Status.ToString(CultureInfo.InvariantCulture)] =
            Response("An error, with the status that etcd 3.4 gives its code", error);
        return new JsonObject
        {
            ["operationId"] = IdOf(example.Path),
            ["summary"] = example.Summary,
            ["description"] = described.TrimEnd().Replace("  ", " ", StringComparison.Ordinal),
            ["tags"] = new JsonArray(TagOf(method)),
            ["requestBody"] = new JsonObject
            {
                ["required"] = true,
                ["content"] = new JsonObject
                {
                    ["application/json"] = new JsonObject { ["schema"] = request, ["example"] = JsonNode.Parse(example.Body) },
                },
            },
            ["responses"] = responses,
        };
    }

    private static JsonObject Response(string description, JsonObject schema) => new()
    {
        ["description"] = description,
        ["content"] = new JsonObject { ["application/json"] = new JsonObject { ["schema"] = schema } },
    };

    // kv/lease/revoke is kvLeaseRevoke.
    private static string IdOf(string path)
    {
        string[] parts = path.Split('/', '-');
        return parts[0] + string.Concat(parts.Skip(1).Select(static part => char.ToUpperInvariant(part[0]) + part[1..]));
    }

    private static JsonObject Line(JsonObject answer, JsonObject error) => new()
    {
        ["type"] = "object",
        ["description"] = "One line of the stream.",
        ["properties"] = new JsonObject { ["result"] = answer, ["error"] = error.DeepClone() },
    };

    private static JsonObject ErrorSchema() => new()
    {
        ["type"] = "object",
        ["required"] = new JsonArray("error", "message", "code"),
        ["properties"] = new JsonObject
        {
            ["error"] = new JsonObject { ["type"] = "string" },
            ["message"] = new JsonObject { ["type"] = "string" },
            ["code"] = new JsonObject { ["type"] = "integer", ["description"] = "gRPC's status code" },
        },
    };

    private static JsonObject StreamErrorSchema() => new()
    {
        ["type"] = "object",
        ["required"] = new JsonArray("grpc_code", "http_code", "message", "http_status"),
        ["properties"] = new JsonObject
        {
            ["grpc_code"] = new JsonObject { ["type"] = "integer" },
            ["http_code"] = new JsonObject { ["type"] = "integer" },
            ["message"] = new JsonObject { ["type"] = "string" },
            ["http_status"] = new JsonObject { ["type"] = "string" },
        },
    };
}
