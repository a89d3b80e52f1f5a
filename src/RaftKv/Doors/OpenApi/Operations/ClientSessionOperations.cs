using System.Text.Json.Nodes;
using RaftKv.Doors.OpenApi.Model;
using static RaftKv.Doors.OpenApi.Operations.ApiOperations;

namespace RaftKv.Doors.OpenApi.Operations;

/// <summary>Client sessions.</summary>
internal static class ClientSessionOperations
{
    private static readonly string[] _shared = [ApiParameters.Timeout, ApiParameters.Session];

    public static ApiOperation[] All { get; } = [Open(), Close()];

    private static ApiOperation Open() => new(
        "POST", "/api/v1/client-sessions", "openClientSession", ApiTags.Transactions, "Open a client session",
        "For a client that writes much: its writes carry `RaftKv-Client-Session: ID;seq=N;ack=M` in place of an Idempotency-Key, and "
        + "what is kept for its repeats goes as it acknowledges it. There are so many sessions at a time; one more drops the one "
        + "that was idle longest.")
    {
        Shared = _shared,
        Responses =
        [
            new ApiResponse(201, "Open.", new ApiContent("application/json", "ClientSession", JsonNode.Parse(
                """{"id":"5f1c0f5a3b9d2468","maxAnswers":64,"maxAnswerBytes":16384,"revision":1}"""))),
        ],
        Errors = Write,
    };

    private static ApiOperation Close() => new(
        "DELETE", "/api/v1/client-sessions/{id}", "closeClientSession", ApiTags.Transactions, "Close a client session",
        "Its kept answers go. A client that ends without it costs a place until others need it.")
    {
        Parameters = [Path("id", "The session's id, from the 201 that opened it.", "5f1c0f5a3b9d2468")],
        Shared = _shared,
        Responses =
        [
            new ApiResponse(200, "Closed.", new ApiContent("application/json", "ClientSessionEnded", JsonNode.Parse("""{"revision":1}"""))),
        ],
        Errors = Write,
    };
}
