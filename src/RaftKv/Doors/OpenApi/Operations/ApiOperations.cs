using Microsoft.OpenApi;
using RaftKv.Doors.OpenApi.Model;
using RaftKv.Service.Refusals;

namespace RaftKv.Doors.OpenApi.Operations;

/// <summary>Every operation of the document, tag by tag.</summary>
internal static class ApiOperations
{
    /// <summary>Errors that any operation under /api/v1 can answer.</summary>
    public static ErrorCode[] Common { get; } =
    [
        ErrorCode.InvalidRequest, ErrorCode.SessionMismatch, ErrorCode.Unauthenticated, ErrorCode.AccessDenied, ErrorCode.InternalError,
        ErrorCode.Overloaded,
    ];

    /// <summary>Errors of a read whose level is unmet, or whose node comes or goes.</summary>
    public static ErrorCode[] Read { get; } = [ErrorCode.ConsistencyUnmet, ErrorCode.NotReady, ErrorCode.ShuttingDown];

    /// <summary>Errors of every write.</summary>
    public static ErrorCode[] Write { get; } =
    [
        ErrorCode.NoLeader, ErrorCode.NotReady, ErrorCode.ShuttingDown, ErrorCode.TooLarge, ErrorCode.Overloaded, ErrorCode.OutcomeUnknown,
        ErrorCode.WriteConcernUnmet, ErrorCode.RequestTimeout,
        ErrorCode.FenceLost, ErrorCode.FenceRequired, ErrorCode.IdempotencyInFlight, ErrorCode.IdempotencyKeyReused, ErrorCode.AnswerNotKept,
        ErrorCode.IdempotencyExpired, ErrorCode.ClientSessionUnknown,
        ErrorCode.QuotaExceeded, ErrorCode.DataCorrupt,
    ];

    /// <summary>All operations in the order of the page.</summary>
    public static IReadOnlyList<ApiOperation> All { get; } =
    [
        .. KvOperations.All, .. WatchOperations.All, .. CoordinationOperations.All, .. ClientSessionOperations.All,
        .. ElectionOperations.All, .. JsonOperations.All, .. ConsistencyOperations.All, .. NodeOperations.All,
        .. LogOperations.All,
        .. MemberOperations.All, .. QuotaOperations.All, .. BackupOperations.All, .. AuthOperations.All,
        .. HealthOperations.All,
    ];

    /// <summary>An optional query parameter.</summary>
    public static ApiParameter Query(string name, string description, OpenApiSchema schema, string? example = null) =>
        new(name, ParameterLocation.Query, description, schema, example);

    /// <summary>A required path parameter.</summary>
    public static ApiParameter Path(string name, string description, string example) =>
        new(name, ParameterLocation.Path, description, ApiParameters.Text(), example);

    /// <summary>The key at the end of a path.</summary>
    public static ApiParameter Key(string example) => Path(
        "key",
        "The key: everything that follows on the wire, percent-decoded once, so `a%2Fb` and `a%252Fb` are different keys. "
        + "Slashes may stay as they are. For other bytes than a path can carry use `/api/v1/kv?key=…&keyEncoding=base64url`.",
        example);
}
