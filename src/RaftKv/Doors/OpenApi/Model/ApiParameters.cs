using Microsoft.OpenApi;
using RaftKv.Contract;
using RaftKv.Service.Vocabulary;

namespace RaftKv.Doors.OpenApi.Model;

/// <summary>Parameters that many operations share; they stand once under components.</summary>
internal static class ApiParameters
{
    public const string Consistency = "Consistency";
    public const string MaxStaleness = "MaxStaleness";
    public const string MaxLag = "MaxLag";
    public const string OnUnmet = "OnUnmet";
    public const string Receipt = "Receipt";
    public const string Timeout = "Timeout";
    public const string Session = "Session";
    public const string WriteConcern = "WriteConcern";
    public const string Prefer = "Prefer";
    public const string Fence = "Fence";
    public const string IdempotencyKey = "IdempotencyKey";
    public const string ClientSession = "ClientSession";
    public const string IfMatch = "IfMatch";
    public const string IfNoneMatch = "IfNoneMatch";
    public const string KeyEncoding = "KeyEncoding";

    /// <summary>Those of every read.</summary>
    public static string[] Read { get; } = [Consistency, MaxStaleness, MaxLag, OnUnmet, Timeout, Session, Receipt];

    /// <summary>Those of every write.</summary>
    public static string[] Write { get; } = [Timeout, WriteConcern, Prefer, Session, Receipt, Fence, IdempotencyKey, ClientSession];

    /// <summary>Those of what is answered once it is held.</summary>
    public static string[] Claim { get; } = [Timeout, Session, Fence, IdempotencyKey, ClientSession];

    public static IReadOnlyDictionary<string, OpenApiParameter> All { get; } = new Dictionary<string, OpenApiParameter>
    {
        [Consistency] = Header(
            HeaderNames.Consistency,
            "Read level; docs/consistency.md has the definitions. Never served weaker. Also as `?consistency=`. "
            + "`linearizable` (default; aliases `strong`, `quorum`, `consistent`), `lease`, `sequential`, `causal`, `session`, "
            + "`read-your-writes`, "
            + "`monotonic-reads`, `bounded` (needs `RaftKv-Max-Staleness` or `RaftKv-Max-Lag`), `consistent-prefix`, `eventual` "
            + "(`stale`, `one`), `all`.",
            OneOf([.. ReadLevelNames.Every, .. ReadLevelNames.Aliases.Select(static alias => alias.Alias)])),
        [MaxStaleness] = Header(
            HeaderNames.MaxStaleness, "With `bounded`: the answer is proven to be at most this old. `500ms`, `3s`, up to `24h`.", Text()),
        [MaxLag] = Header(
            HeaderNames.MaxLag, "With `bounded`: the answer is proven to be at most so many revisions behind.", Long()),
        [OnUnmet] = Header(
            HeaderNames.OnUnmet,
            "When this node can't meet the level at once: `wait` (default) until it can, at most `RaftKv-Timeout`; `fail` at once; "
                + "`forward` the request to the leader.",
            OneOf(UnmetPolicies.Wait, UnmetPolicies.Fail, UnmetPolicies.Forward)),
        [Receipt] = Header(HeaderNames.Receipt, "`1`: the answer carries a signed receipt of what was served.", OneOf("1")),
        [Timeout] = Header(HeaderNames.Timeout, "How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`.", Text()),
        [Session] = Header(
            HeaderNames.Session,
            "What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them, comma-separated. "
            + "`session`, `causal` and their kin are served by a node that has it; every answer's token covers it.",
            Text()),
        [WriteConcern] = Header(
            HeaderNames.WriteConcern,
            "`majority` (default): answered once a majority has the write on disk and this node has applied it. "
            + "`all`: once every voter has applied it, else 504 `write-concern-unmet` (it is applied all the same). "
            + "`accepted`: 202 at once; the outcome is at the `Location`, on any node. Cassandra's `ONE`, `QUORUM`, "
            + "`ALL` and `ANY` stand for `majority`, `majority`, `all` and `accepted`.",
            OneOf(
            [
                WriteConcerns.Majority, WriteConcerns.All, WriteConcerns.Accepted,
                .. WriteConcerns.Aliases.Select(static a => a.Alias),
            ])),
        [Prefer] = Header("Prefer", "`return=minimal` answers 204 without a body (RFC 7240).", OneOf("return=minimal")),
        [Fence] = Header(
            HeaderNames.Fence,
            "Only while this token holds its lock: `NAME;token=N`, the name percent-encoded, optionally `;kind=election` or `;kind=semaphore`; several "
            + "separated by commas. Else 412 `fence-lost`. N is the `fencingToken` (of an election the `token`) of the 201 that took "
            + "the place.",
            Text()),
        [IdempotencyKey] = Header(
            HeaderNames.IdempotencyKey,
            "Run once, however often it is sent: a repeat gets the first answer, with `RaftKv-Replayed: true`, at any node, for as long "
            + "as `RaftKv-Idempotency-Window` of the answer says, and up to a day while there is room. "
            + "1 to 255 visible ASCII characters, such as a UUID. `born=T;…`, with the `clusterTimeMs` of /status, is refused once its "
            + "answer may be gone (409 `idempotency-expired`), and never run anew.",
            Text()),
        [ClientSession] = Header(
            HeaderNames.ClientSession,
            "In place of an Idempotency-Key: `ID;seq=N;ack=M`. The id of an open client session, the request's own number from 1, and "
            + "the number up to which the client will repeat nothing any more. Or the id alone beside an Idempotency-Key, which then takes "
            + "from the session's share.",
            Text()),
        [IfMatch] = Header(
            "If-Match", "Only if the key's ETag is one of these: `\"42\"`, a list, or `*` for any existing key. Quotes included.", Text()),
        [IfNoneMatch] = Header(
            "If-None-Match",
            "Only if the key's ETag is none of these. On a write `*` means: create only. On a read a match is answered with 304.",
            Text()),
        [KeyEncoding] = new OpenApiParameter
        {
            Name = "keyEncoding",
            In = ParameterLocation.Query,
            Description = "How keys in the query are written: `utf-8` (percent-encoded, default) or `base64url`, for any bytes.",
            Schema = OneOf(Encodings.Utf8, Encodings.Base64Url),
        },
    };

    /// <summary>A plain string.</summary>
    public static OpenApiSchema Text() => new() { Type = JsonSchemaType.String };

    /// <summary>A string out of a few.</summary>
    public static OpenApiSchema OneOf(params string[] values) =>
        new() { Type = JsonSchemaType.String, Enum = [.. values.Select(static v => (System.Text.Json.Nodes.JsonNode)v)] };

    /// <summary>A whole number of 64 bits.</summary>
    public static OpenApiSchema Long(long minimum = 0) =>
        new() { Type = JsonSchemaType.Integer, Format = "int64", Minimum = minimum.ToString(System.Globalization.CultureInfo.InvariantCulture) };

    /// <summary>true or false.</summary>
    public static OpenApiSchema Flag() => new() { Type = JsonSchemaType.Boolean };

    private static OpenApiParameter Header(string name, string description, OpenApiSchema schema) =>
        new() { Name = name, In = ParameterLocation.Header, Description = description, Schema = schema };
}
