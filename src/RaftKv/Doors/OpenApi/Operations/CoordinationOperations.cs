using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using RaftKv.Doors.OpenApi.Model;
using RaftKv.Service.Refusals;
using static RaftKv.Doors.OpenApi.Operations.ApiOperations;

namespace RaftKv.Doors.OpenApi.Operations;

/// <summary>Leases, locks, semaphores, fences and guards.</summary>
internal static class CoordinationOperations
{
    private const string LeaseExample = """{"id":"1b","ttlMs":15000,"remainingMs":15000}""";

    private const string GrantExample =
        """
        {"name":"orders/42","kind":"lock","mode":"exclusive","fencingToken":2,"owner":"worker-1","lease":"1b","ttlMs":15000,
         "key":"_raftkv/locks/orders/42","revision":2}
        """;

    private static readonly ApiParameter _name = Path("name", "The name; its slashes escaped as %2F.", "orders/42");

    private static readonly ApiParameter _leaseId = Path("id", "The lease's id in hex, from the 201 of `POST /api/v1/leases`.", "1b");

    private static readonly ApiParameter _limit = Query("limit", "Most on a page, 1 to 10000; default 1000.", ApiParameters.Long(1));

    private static readonly ApiParameter _cursor = Query("cursor", "`nextCursor` of the page before.", ApiParameters.Text());

    /// <summary>The token of the holder.</summary>
    public static ApiParameter Token { get; } = Query(
        "token",
        "The `fencingToken` (of an election the `token`) in the 201 with which the POST took the place; GET shows the holder's.",
        ApiParameters.Long(1),
        "2") with
    {
        IsRequired = true,
    };

    public static ApiOperation[] All { get; } =
    [
        Grant(), ListLeases(), GetLease(), RevokeLease(), KeepLease(),
        .. Queues("locks", "Lock", "lock", """{"owner":"worker-1","ttl":"15s","wait":"5s"}""", ""),
        .. Queues("semaphores", "Semaphore", "semaphore", """{"limit":10,"owner":"worker-1","ttl":"15s","wait":"5s"}""", """ "limit":10,"""),
        Verify(), ListGuards(), SetGuard(), RemoveGuard(),
    ];

    private static ApiOperation Grant() => new(
        "POST", "/api/v1/leases", "grantLease", ApiTags.Leases, "Grant a lease",
        "Keys hang on a lease by `?lease=ID`, and go with it: when nobody keeps it alive for its `ttl`, or when it is revoked. It never expires "
        + "early, also not when the leader changes.")
    {
        Shared = ApiParameters.Write,
        Body = new ApiBody("Life, and an id if it must be a certain one.", true, Json("LeaseBody", """{"ttl":"15s"}""")),
        Responses =
        [
            new ApiResponse(201, "Granted.", Json("Lease", """{"id":"7c1e0f5a3b9d2468","ttlMs":15000,"remainingMs":15000,"revision":1}""")),
            .. KvOperations.WriteAnswers,
        ],
        Errors = [.. Write, ErrorCode.LeaseExists, ErrorCode.UnsupportedMediaType],
    };

    private static ApiOperation ListLeases() => new(
        "GET", "/api/v1/leases", "listLeases", ApiTags.Leases, "List the leases", "By id, page by page.")
    {
        Parameters = [_limit, _cursor],
        Shared = ApiParameters.Read,
        Responses = [new ApiResponse(200, "A page.", Json("LeaseList", """{"leases":[{"id":"1b","ttlMs":15000}]}"""))],
        Errors = [.. Read],
    };

    private static ApiOperation GetLease() => new(
        "GET", "/api/v1/leases/{id}", "getLease", ApiTags.Leases, "Look at a lease", "How long it still lives, as its leader says, and its keys.")
    {
        Parameters = [_leaseId],
        Shared = ApiParameters.Read,
        Responses = [new ApiResponse(200, "The lease.", Json("Lease", """{"id":"1b","ttlMs":15000,"remainingMs":9000,"keys":[{"key":"app/session"}]}"""))],
        Errors = [.. Read, ErrorCode.LeaseNotFound],
    };

    private static ApiOperation RevokeLease() => new(
        "DELETE", "/api/v1/leases/{id}", "revokeLease", ApiTags.Leases, "End a lease", "All keys that hang on it go in one revision.")
    {
        Parameters = [_leaseId],
        Shared = ApiParameters.Write,
        Responses =
        [
            new ApiResponse(200, "Ended.", Json("LeaseEnded", """{"id":"1b","deletedKeys":1,"revision":3}""")), .. KvOperations.WriteAnswers,
        ],
        Errors = [.. Write, ErrorCode.LeaseNotFound],
    };

    private static ApiOperation KeepLease() => new(
        "POST", "/api/v1/leases/{id}/keepalive", "keepLeaseAlive", ApiTags.Leases, "Keep a lease alive",
        "Its life begins anew. Count from the moment when the request was sent.")
    {
        Parameters = [_leaseId],
        Shared = [ApiParameters.Timeout, ApiParameters.Session],
        Responses = [new ApiResponse(200, "Renewed.", Json("Lease", LeaseExample))],
        Errors = [.. Read, ErrorCode.LeaseNotFound],
    };

    private static ApiOperation[] Queues(string root, string id, string word, string body, string limit)
    {
        string path = $"/api/v1/{root}/{{name}}";
        string grant = word == "lock" ? GrantExample : GrantExample.Replace("\"lock\"", "\"semaphore\"").Replace("exclusive", "counted")
            .Replace("locks", "semaphores");
        string mode = word == "lock" ? "exclusive" : "counted";
        string holder = "{\"fencingToken\":2,\"owner\":\"worker-1\",\"lease\":\"1b\",\"mode\":\"" + mode + "\",\"remainingMs\":9000}";
        return
        [
            new ApiOperation(
                "POST", path, "acquire" + id, ApiTags.Locks, $"Acquire a {word}",
                "Waits in a fair queue, in the order of arrival, woken by the server; `wait` (default `30s`, at most `60s`) says how long, `0s` tries once. "
                + "The place hangs on a lease: one that is made (`ttl`, default `15s`), or your own (`lease`). Who hangs up, or waits in vain, leaves the "
                + "queue. `fencingToken` grows for ever: send it as `RaftKv-Fence` with what the holder writes.")
            {
                Parameters = [_name],
                Shared = ApiParameters.Claim,
                Body = new ApiBody("Who asks and for how long.", IsRequired: word == "semaphore", Json("AcquireBody", body)),
                Responses = [new ApiResponse(201, "Held from now on.", Json("Grant", grant))],
                Errors = [.. Write, ErrorCode.LockHeld, ErrorCode.LimitMismatch, ErrorCode.LeaseNotFound, ErrorCode.UnsupportedMediaType],
            },
            new ApiOperation("GET", path, "get" + id, ApiTags.Locks, $"Look at a {word}", "Holders and queue. A free one has neither.")
            {
                Parameters = [_name],
                Shared = ApiParameters.Read,
                Responses =
                [
                    new ApiResponse(200, "As it is.", Json(
                        "Queue", "{\"name\":\"orders/42\"," + limit + "\"holders\":[" + holder + "],\"queue\":[],\"revision\":2}")),
                ],
                Errors = [.. Read],
            },
            new ApiOperation("DELETE", path, "release" + id, ApiTags.Locks, $"Release a {word}", "Only the holder can, by its token.")
            {
                Parameters = [_name, Token],
                Shared = ApiParameters.Write,
                Responses =
                [
                    new ApiResponse(200, "Released.", Json("Released", """{"released":true,"revision":3}""")), .. KvOperations.WriteAnswers,
                ],
                Errors = [.. Write, ErrorCode.NotHolder],
            },
            new ApiOperation(
                "POST", path + "/keepalive", "keep" + id + "Alive", ApiTags.Locks, $"Keep a {word} alive", "Renews the lease that it hangs on.")
            {
                Parameters = [_name, Token],
                Shared = [ApiParameters.Timeout, ApiParameters.Session],
                Responses =
                [
                    new ApiResponse(200, "Renewed.", Json(
                        "KeptAlive", """{"name":"orders/42","fencingToken":2,"lease":"1b","ttlMs":15000,"remainingMs":15000}""")),
                ],
                Errors = [.. Read, ErrorCode.NotHolder, ErrorCode.LeaseNotFound],
            },
            new ApiOperation("GET", "/api/v1/" + root, "list" + id + "s", ApiTags.Locks, $"List the {word}s", "Those that somebody holds, by name.")
            {
                Parameters = [_limit, _cursor],
                Shared = ApiParameters.Read,
                Responses =
                [
                    new ApiResponse(200, "A page.", Json(
                        "QueueList", "{\"" + root + "\":[{\"name\":\"orders/42\",\"holders\":[" + holder + "],\"queueLength\":0}]}")),
                ],
                Errors = [.. Read],
            },
        ];
    }

    private static ApiOperation Verify() => new(
        "POST", "/api/v1/fence/verify", "verifyFence", ApiTags.Locks, "Ask whether a token holds",
        "For resources outside of the store. Between the answer and what you do with it the lock may be lost: let the resource remember the highest "
        + "token that it has seen, and refuse smaller ones.")
    {
        Shared = ApiParameters.Read,
        Body = new ApiBody(
            "The `fencingToken` (of an election the `token`) that a holder shows.",
            true,
            Json("FenceBody", """{"lock":"orders/42","token":2}""")),
        Responses = [new ApiResponse(200, "Whether it holds, and who does.", Json("FenceAnswer", """{"valid":true,"holderTokens":[2],"revision":2}"""))],
        Errors = [.. Read, ErrorCode.UnsupportedMediaType, ErrorCode.TooLarge],
    };

    private static ApiOperation ListGuards() => new(
        "GET", "/api/v1/guards", "listGuards", ApiTags.Locks, "List the guards", "Prefixes whose keys are written under a fence only.")
    {
        Shared = ApiParameters.Read,
        Responses = [new ApiResponse(200, "All of them.", Json("GuardList", """{"guards":[{"prefix":"orders/","lock":"orders/42","kind":"lock"}],"revision":2}"""))],
        Errors = [.. Read],
    };

    private static ApiOperation SetGuard() => new(
        "PUT", "/api/v1/guards/{prefix}", "setGuard", ApiTags.Locks, "Guard a prefix",
        "From now on a write to keys that begin so needs `RaftKv-Fence`: of `lock`, or of any when none is named. Else it is 412 `fence-required`.")
    {
        Parameters = [Path("prefix", "The prefix; its slashes may be escaped.", "guarded/")],
        Shared = ApiParameters.Write,
        Body = new ApiBody("The lock whose holder may write.", IsRequired: false, Json("GuardBody", """{"lock":"orders/42"}""")),
        Responses = [new ApiResponse(200, "Guarded.", Json("CompactAnswer", """{"revision":2}""")), .. KvOperations.WriteAnswers],
        Errors = [.. Write, ErrorCode.UnsupportedMediaType],
    };

    private static ApiOperation RemoveGuard() => new(
        "DELETE", "/api/v1/guards/{prefix}", "removeGuard", ApiTags.Locks, "Remove a guard", "Its keys are written by anybody again.")
    {
        Parameters = [Path("prefix", "The prefix.", "guarded/")],
        Shared = ApiParameters.Write,
        Responses = [new ApiResponse(200, "Removed.", Json("CompactAnswer", """{"revision":2}""")), .. KvOperations.WriteAnswers],
        Errors = [.. Write, ErrorCode.GuardNotFound],
    };

    private static ApiContent Json(string schema, string example) => new("application/json", schema, JsonNode.Parse(example));
}
