using Microsoft.OpenApi;
using RaftKv.Api.Rest;

namespace RaftKv.Api.OpenApi;

/// <summary>Parameters that many operations share; they stand once under components.</summary>
internal static class ApiParameters
{
    public const string Consistency = "Consistency";
    public const string Timeout = "Timeout";
    public const string Session = "Session";
    public const string WriteConcern = "WriteConcern";
    public const string Prefer = "Prefer";
    public const string IfMatch = "IfMatch";
    public const string IfNoneMatch = "IfNoneMatch";
    public const string KeyEncoding = "KeyEncoding";

    /// <summary>Those of every read.</summary>
    public static string[] Read { get; } = [Consistency, Timeout, Session];

    /// <summary>Those of every write.</summary>
    public static string[] Write { get; } = [Timeout, WriteConcern, Prefer, Session];

    public static IReadOnlyDictionary<string, OpenApiParameter> All { get; } = new Dictionary<string, OpenApiParameter>
    {
        [Consistency] = Header(
            HeaderNames.Consistency,
            "Read level. `linearizable` (default; aliases `strong`, `quorum`, `consistent`): real-time order, confirmed by a majority. "
            + "`eventual` (`stale`, `one`): this node's own state, also in a minority. Also as `?consistency=`. "
            + "Other levels are refused, never served weaker.",
            OneOf("linearizable", "eventual", "strong", "quorum", "consistent", "stale", "one")),
        [Timeout] = Header(HeaderNames.Timeout, "How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`.", Text()),
        [Session] = Header(
            HeaderNames.Session,
            "Token of an earlier answer, or several, comma-separated. Checked to be of this cluster; the levels of this version need no more.",
            Text()),
        [WriteConcern] = Header(
            HeaderNames.WriteConcern,
            "`majority` (default): answered once a majority has the write on disk and this node has applied it. "
            + "`accepted`: 202 at once; the outcome is at the `Location`.",
            OneOf("majority", "accepted")),
        [Prefer] = Header("Prefer", "`return=minimal` answers 204 without a body (RFC 7240).", OneOf("return=minimal")),
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
            Schema = OneOf("utf-8", "base64url"),
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
