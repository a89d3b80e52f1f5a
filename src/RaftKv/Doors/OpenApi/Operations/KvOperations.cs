using System.Text.Json.Nodes;
using RaftKv.Doors.OpenApi.Model;
using RaftKv.Service.Refusals;
using static RaftKv.Doors.OpenApi.Operations.ApiOperations;

namespace RaftKv.Doors.OpenApi.Operations;

/// <summary>Operations on keys.</summary>
internal static class KvOperations
{
    private const string PairExample =
        """{"key":"app/config","value":"on","encoding":"utf-8","createRevision":2,"modRevision":2,"version":1,"lease":null}""";

    private const string WrittenExample = """{"key":"app/config","createRevision":2,"modRevision":2,"version":1,"lease":null}""";

    private static readonly ApiParameter _revision = Query(
        "revision", "Read as of this revision; 410 once it is compacted.", ApiParameters.Long(1));

    private static readonly ApiParameter _encoding = Query(
        "encoding", "`base64` gives every value in base64; `auto` (default) only those that are not UTF-8.", ApiParameters.OneOf("auto", "base64"));

    private static readonly ApiParameter _prefix = Query("prefix", "Keys that begin so. Instead of `start` and `end`.", ApiParameters.Text(), "app/");
    private static readonly ApiParameter _start = Query("start", "First key, inclusive.", ApiParameters.Text());
    private static readonly ApiParameter _end = Query("end", "End of the keys, exclusive.", ApiParameters.Text());
    private static readonly ApiParameter _queryKey = Query(
        "key", "One key, instead of a range: for keys that a path can't carry. Answers as the path with the key does.", ApiParameters.Text());

    private static readonly ApiParameter[] _keyReads =
    [
        Query("raw", "The value's bytes instead of JSON, as application/octet-stream; metadata is in headers.", ApiParameters.Flag()),
        Query("history", "All versions since the last compaction, newest first; `limit` says how many.", ApiParameters.Flag()),
        Query(
            "wait",
            "Long poll: with `If-None-Match`, wait up to this long (`30s`, at most `60s`) for another state of the key. `\"0\"` stands for a missing key.",
            ApiParameters.Text()),
    ];

    private static readonly ApiResponse _written = new(
        200, "The key existed and has a new version.", new ApiContent("application/json", "Written", Json(WrittenExample)))
    {
        HasETag = true,
    };

    private static readonly ApiResponse _created = _written with { Status = 201, Description = "The key was created." };
    private static readonly ApiResponse _minimal = new(204, "Done; the client preferred no body.") { HasETag = true };
    private static readonly ApiResponse _accepted = new(202, "Taken over, not yet committed.", new ApiContent(
        "application/json", "Operation", Json("""{"id":"0000000000000001-00000000000000ab-1","state":"pending"}""")))
    {
        Headers = [("Location", "Where the outcome can be asked for")],
    };

    private static readonly ApiResponse _deleted = new(
        200, "How many keys were deleted; none is no error.", new ApiContent("application/json", "Deleted", Json("""{"deleted":1,"revision":3}""")));

    /// <summary>Answers that every write shares.</summary>
    public static ApiResponse[] WriteAnswers { get; } = [_accepted, _minimal];

    private static readonly ApiBody _value = new(
        "The value: the body's bytes as they are, up to 1.5 MiB, whatever the media type. With `encoding=base64` they are decoded first. "
        + "Nothing is decompressed: a request with a Content-Encoding is refused with 415.",
        IsRequired: false,
        new ApiContent("text/plain", null, "on"),
        new ApiContent("application/octet-stream", null, "on"));

    public static ApiOperation[] All { get; } =
    [
        Put(), Get(), Delete(), List(), PutByQuery(), DeleteMany(), Ranges(),
    ];

    private static ApiOperation Put() => new(
        "PUT", "/api/v1/kv/{key}", "putKey", ApiTags.Kv, "Write a key",
        "Stores the body's bytes. `If-None-Match: *` creates only; `If-Match: \"REV\"` replaces only that version. "
        + "503 and 429 mean surely not applied; 504 means that the outcome is unknown.")
    {
        Parameters =
        [
            Key("app/config"),
            Query("lease", "Hang the key on this lease: the hex id that `POST /api/v1/leases` answered.", ApiParameters.Text()),
            Query("encoding", "`base64`: the body is base64 of the value.", ApiParameters.OneOf("auto", "base64")),
        ],
        Shared = [ApiParameters.IfMatch, ApiParameters.IfNoneMatch, .. ApiParameters.Write],
        Body = _value,
        Responses = [_created, _written, .. WriteAnswers],
        Errors = [.. Write, ErrorCode.PreconditionFailed, ErrorCode.LeaseNotFound, ErrorCode.UnsupportedMediaType],
    };

    private static ApiOperation Get() => new(
        "GET", "/api/v1/kv/{key}", "getKey", ApiTags.Kv, "Read a key",
        "Reads a key at the level that `RaftKv-Consistency` asks for; linearizable unless told otherwise, on any node. "
        + "A level that can't be met is 503 `consistency-unmet`, with what was asked and what was available.")
    {
        Parameters = [Key("app/config"), .. _keyReads, _revision, _encoding, Query("limit", "Most versions of a history.", ApiParameters.Long(1))],
        Shared = [ApiParameters.IfNoneMatch, ApiParameters.IfMatch, .. ApiParameters.Read],
        Responses =
        [
            new ApiResponse(
                200,
                "The key; with `history` its versions; with `raw` the value's bytes.",
                new ApiContent("application/json", "Pair|History", Json(PairExample)),
                new ApiContent("application/octet-stream", null, "on"))
            {
                HasETag = true,
                Headers =
                [
                    ("RaftKv-Create-Revision", "With `raw`: revision that created the key"),
                    ("RaftKv-Version", "With `raw`: writes since creation"),
                    ("RaftKv-Lease", "With `raw`: lease id, if the key has one"),
                ],
            },
            new ApiResponse(304, "The key's ETag is one of If-None-Match.") { HasETag = true },
        ],
        Errors = [.. Read, ErrorCode.KeyNotFound, ErrorCode.Compacted, ErrorCode.PreconditionFailed, ErrorCode.Overloaded],
    };

    private static ApiOperation Delete() => new(
        "DELETE", "/api/v1/kv/{key}", "deleteKey", ApiTags.Kv, "Delete a key",
        "Deleting a missing key answers `deleted: 0` and leaves the revision as it is. `If-Match: *` makes a missing key an error.")
    {
        Parameters = [Key("app/config")],
        Shared = [ApiParameters.IfMatch, ApiParameters.IfNoneMatch, .. ApiParameters.Write],
        Responses = [_deleted, .. WriteAnswers],
        Errors = [.. Write, ErrorCode.PreconditionFailed],
    };

    private static ApiOperation List() => new(
        "GET", "/api/v1/kv", "listKeys", ApiTags.Kv, "List keys",
        "Keys in byte order, page by page, all pages from the revision of the first. The next page is at `Link: rel=\"next\"`, or by `cursor`. "
        + "A page also ends after 4 MiB. With `key` instead of a range it reads that key.")
    {
        Parameters =
        [
            _prefix, _start, _end,
            Query("limit", "Most keys on a page, 1 to 10000; default 1000.", ApiParameters.Long(1)),
            Query("cursor", "The cursor of the last page.", ApiParameters.Text()),
            Query("keysOnly", "Leave the values out.", ApiParameters.Flag()),
            Query("countOnly", "Only how many there are, and what they take.", ApiParameters.Flag()),
            Query("order", "By key.", ApiParameters.OneOf("asc", "desc")),
            _revision, _encoding, _queryKey, .. _keyReads,
        ],
        Shared = [ApiParameters.KeyEncoding, .. ApiParameters.Read],
        Responses =
        [
            new ApiResponse(
                200,
                "A page; with `key` that key.",
                new ApiContent(
                    "application/json",
                    "Page|Pair|History",
                    Json($$"""{"revision":2,"items":[{{PairExample}}],"hasMore":false,"cursor":null}""")))
            {
                Headers = [("Link", "The next page, `rel=\"next\"`; absent on the last")],
            },
        ],
        Errors = [.. Read, ErrorCode.Compacted, ErrorCode.KeyNotFound, ErrorCode.Overloaded],
    };

    private static ApiOperation PutByQuery() => Put() with
    {
        Path = "/api/v1/kv",
        Id = "putKeyByQuery",
        Summary = "Write a key of any bytes",
        Description = "As PUT with the key in the path, for keys that a path can't carry: `?key=AAEC&keyEncoding=base64url`.",
        Parameters =
        [
            _queryKey with { Example = "AAEC", Description = "The key." },
            Query("keyEncoding", "How the key is written.", ApiParameters.OneOf("utf-8", "base64url"), "base64url"),
            .. Put().Parameters.Skip(1),
        ],
        Shared = Put().Shared,
    };

    private static ApiOperation DeleteMany() => new(
        "DELETE", "/api/v1/kv", "deleteKeys", ApiTags.Kv, "Delete a range of keys",
        "Deletes atomically, in one revision. A range must be named; for every key say `all=true`.")
    {
        Parameters = [_prefix, _start, _end, Query("all", "Really every key.", ApiParameters.Flag()), _queryKey],
        Shared = [ApiParameters.KeyEncoding, .. ApiParameters.Write],
        Responses = [_deleted, .. WriteAnswers],
        Errors = [.. Write, ErrorCode.PreconditionFailed],
    };

    private static ApiOperation Ranges() => new(
        "POST", "/api/v1/kv/range", "readRanges", ApiTags.Kv, "Read several ranges at once",
        "Up to 128 ranges, all from one view of the store, so that they agree with each other. Changes nothing.")
    {
        Shared = ApiParameters.Read,
        Body = new ApiBody(
            "The ranges.",
            IsRequired: true,
            new ApiContent("application/json", "RangeBody", Json("""{"ranges":[{"prefix":"app/"},{"key":"jobs/next"}]}"""))),
        Responses =
        [
            new ApiResponse(200, "The ranges, in order.", new ApiContent("application/json", "RangeAnswer", Json(
                $$"""{"revision":2,"results":[{"items":[{{PairExample}}],"hasMore":false,"count":1},{"items":[],"hasMore":false,"count":0}]}"""))),
        ],
        Errors = [.. Read, ErrorCode.Compacted, ErrorCode.TooLarge, ErrorCode.UnsupportedMediaType, ErrorCode.Overloaded],
    };

    private static JsonNode Json(string text) => JsonNode.Parse(text)!;
}
