using System.Text.Json.Nodes;
using RaftKv.Doors.OpenApi.Model;
using RaftKv.Service.Refusals;
using static RaftKv.Doors.OpenApi.Operations.ApiOperations;

namespace RaftKv.Doors.OpenApi.Operations;

/// <summary>Writes whose body is JSON.</summary>
internal static class JsonOperations
{
    public static ApiOperation[] All { get; } = [Txn(), Increment(), Compact()];

    private static ApiOperation Txn() => new(
        "POST", "/api/v1/txn", "runTransaction", ApiTags.Transactions, "Run a transaction",
        "If all compares hold, `then` runs, else `else`; atomically, as one revision. Lists have up to 128 entries, nesting goes 8 deep. "
        + "A key may be written once. A transaction that only compares and gets is a read of several keys: it takes the read levels and "
        + "costs no log entry.")
    {
        Shared = [.. ApiParameters.Read, ApiParameters.WriteConcern, ApiParameters.Prefer],
        Body = new ApiBody("The transaction.", IsRequired: true, new ApiContent("application/json", "TxnBody", JsonNode.Parse(
            """
            {"compare":[{"key":"app/config","target":"version","op":"=","operand":0}],
             "then":[{"put":{"key":"app/config","value":"on"}}],
             "else":[{"get":{"key":"app/config"}}]}
            """))),
        Responses =
        [
            new ApiResponse(200, "It ran.", new ApiContent("application/json", "TxnAnswer", JsonNode.Parse(
                """
                {"succeeded":true,"revision":2,
                 "responses":[{"put":{"key":"app/config","createRevision":2,"modRevision":2,"version":1,"lease":null}}]}
                """))),
            .. KvOperations.WriteAnswers,
        ],
        Errors =
        [
            .. Write, ErrorCode.ConsistencyUnmet, ErrorCode.UnsupportedMediaType, ErrorCode.LeaseNotFound, ErrorCode.NotACounter, ErrorCode.CounterOverflow,
        ],
    };

    private static ApiOperation Increment() => new(
        "POST", "/api/v1/counters/{key}", "incrementCounter", ApiTags.Transactions, "Add to a counter",
        "Adds atomically, without a compare; a missing key counts as 0. The value is stored as decimal text, so a GET of the key shows it. "
        + "A repeat adds again: after a 504 read before you repeat.")
    {
        Parameters = [Key("stats/visits")],
        Shared = [ApiParameters.IfMatch, ApiParameters.IfNoneMatch, .. ApiParameters.Write],
        Body = new ApiBody(
            "What to add; 1 without a body.", IsRequired: false, new ApiContent("application/json", "CounterBody", JsonNode.Parse("""{"by":1}"""))),
        Responses =
        [
            new ApiResponse(
                200, "The new value.", new ApiContent("application/json", "CounterAnswer", JsonNode.Parse("""{"value":1,"revision":2}""")))
            {
                HasETag = true,
            },
            .. KvOperations.WriteAnswers,
        ],
        Errors =
        [
            .. Write, ErrorCode.UnsupportedMediaType, ErrorCode.PreconditionFailed, ErrorCode.NotACounter, ErrorCode.CounterOverflow,
        ],
    };

    private static ApiOperation Compact() => new(
        "POST", "/api/v1/compact", "compact", ApiTags.Maintenance, "Forget old revisions",
        "Forgets versions that no read at or after the revision can see, on all nodes. Reads below it are 410 from then on.")
    {
        Shared = ApiParameters.Write,
        Body = new ApiBody(
            "The revision.", IsRequired: true, new ApiContent("application/json", "CompactBody", JsonNode.Parse("""{"revision":1}"""))),
        Responses =
        [
            new ApiResponse(200, "Done.", new ApiContent("application/json", "CompactAnswer", JsonNode.Parse("""{"revision":2}"""))),
            .. KvOperations.WriteAnswers,
        ],
        Errors = [.. Write, ErrorCode.UnsupportedMediaType, ErrorCode.Compacted],
    };
}
