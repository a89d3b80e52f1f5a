using System.Text.Json.Nodes;
using RaftKv.Doors.OpenApi.Model;
using RaftKv.Service.Refusals;
using static RaftKv.Doors.OpenApi.Operations.ApiOperations;

namespace RaftKv.Doors.OpenApi.Operations;

/// <summary>Elections.</summary>
internal static class ElectionOperations
{
    private const string Leader = """{"token":2,"value":"http://10.0.0.7","encoding":"utf-8","lease":"1b","revision":2}""";

    private static readonly ApiParameter _name = Path("name", "The name; its slashes escaped as %2F.", "billing");

    public static ApiOperation[] All { get; } = [Campaign(), Get(), Proclaim(), Resign(), KeepAlive(), Observe()];

    private static ApiOperation Campaign() => new(
        "POST", "/api/v1/elections/{name}/campaign", "campaign", ApiTags.Elections, "Stand for election",
        "Waits until it leads, as long as `wait` says; otherwise as a lock. `value` is what observers see.")
    {
        Parameters = [_name],
        Shared = ApiParameters.Claim,
        Body = new ApiBody(
            "What to say when leading.", IsRequired: false, Json("AcquireBody", """{"value":"http://10.0.0.7","ttl":"15s","wait":"5s"}""")),
        Responses =
        [
            new ApiResponse(201, "Leads from now on.", Json(
                "Leadership",
                """
                {"name":"billing","token":2,"value":"http://10.0.0.7","encoding":"utf-8","lease":"1b","ttlMs":15000,
                 "key":"_raftkv/elections/billing","revision":2}
                """)),
        ],
        Errors = [.. Write, ErrorCode.LockHeld, ErrorCode.LeaseNotFound, ErrorCode.UnsupportedMediaType],
    };

    private static ApiOperation Get() => new(
        "GET", "/api/v1/elections/{name}", "getElection", ApiTags.Elections, "Ask who leads", "The leader, or null, and how many stand for election.")
    {
        Parameters = [_name],
        Shared = ApiParameters.Read,
        Responses =
        [
            new ApiResponse(200, "The election.", Json(
                "Election", "{\"name\":\"billing\",\"leader\":" + Leader + ",\"candidateCount\":1,\"revision\":2}")),
        ],
        Errors = [.. Read],
    };

    private static ApiOperation Proclaim() => new(
        "PUT", "/api/v1/elections/{name}/value", "proclaim", ApiTags.Elections, "Change what the leader says", "Only the leader can, by its token.")
    {
        Parameters = [_name, CoordinationOperations.Token],
        Shared = ApiParameters.Write,
        Body = new ApiBody("The value: the body's bytes.", IsRequired: false, new ApiContent("text/plain", null, "http://10.0.0.8")),
        Responses = [new ApiResponse(200, "Said.", Json("CompactAnswer", """{"revision":3}""")), .. KvOperations.WriteAnswers],
        Errors = [.. Write, ErrorCode.NotHolder, ErrorCode.UnsupportedMediaType],
    };

    private static ApiOperation Resign() => new(
        "DELETE", "/api/v1/elections/{name}", "resign", ApiTags.Elections, "Resign", "Only the leader can, by its token.")
    {
        Parameters = [_name, CoordinationOperations.Token],
        Shared = ApiParameters.Write,
        Responses = [new ApiResponse(200, "Resigned.", Json("Released", """{"released":true,"revision":4}""")), .. KvOperations.WriteAnswers],
        Errors = [.. Write, ErrorCode.NotHolder],
    };

    private static ApiOperation KeepAlive() => new(
        "POST", "/api/v1/elections/{name}/keepalive", "keepLeadershipAlive", ApiTags.Elections, "Keep a leadership alive",
        "Renews the lease that it hangs on.")
    {
        Parameters = [_name, CoordinationOperations.Token],
        Shared = [ApiParameters.Timeout, ApiParameters.Session],
        Responses =
        [
            new ApiResponse(200, "Renewed.", Json(
                "KeptAlive", """{"name":"billing","token":2,"lease":"1b","ttlMs":15000,"remainingMs":15000}""")),
        ],
        Errors = [.. Read, ErrorCode.NotHolder, ErrorCode.LeaseNotFound],
    };

    private static ApiOperation Observe() => new(
        "GET", "/api/v1/elections/{name}/observe", "observeElection", ApiTags.Elections, "Be told who leads",
        "Server-Sent Events: who leads now, then every change, each leadership once and in order. `leader` has the leader and the revision of its "
        + "value, `vacant` says that nobody leads, `cancel` that the stream ends (`shutting-down`, `slow-consumer`, `compacted`): observe anew.")
    {
        Parameters = [_name, Query("timeout", "End after this time, `1ms` to `1h`.", ApiParameters.Text(), "1s")],
        Shared = ApiParameters.Read,
        Responses =
        [
            new ApiResponse(200, "The leaders.", new ApiContent("text/event-stream", null, "id: 2\nevent: leader\ndata: " + Leader + "\n\n")),
        ],
        Errors = [.. Read, ErrorCode.Overloaded],
    };

    private static ApiContent Json(string schema, string example) => new("application/json", schema, JsonNode.Parse(example));
}
