using System.Text.Json.Nodes;
using RaftKv.Doors.OpenApi.Model;
using RaftKv.Service.Refusals;
using static RaftKv.Doors.OpenApi.Operations.ApiOperations;

namespace RaftKv.Doors.OpenApi.Operations;

/// <summary>Room: quotas and alarms.</summary>
internal static class QuotaOperations
{
    private const string StoreExample =
        """{"bytes":{"used":0,"allowed":251658000},"quotaBytes":null,"members":[{"node":"n1","storeBytes":251658000}]}""";

    private const string QuotaExample =
        """{"prefix":"tenants/a/","keys":{"used":0,"allowed":1000},"bytes":{"used":0,"allowed":null},"revision":1}""";

    private static readonly ApiParameter _prefix = Path("prefix", "The prefix; its slashes may be escaped.", "tenants/a/");

    public static ApiOperation[] All { get; } = [List(), SetStore(), Set(), Get(), Remove(), Alarms(), Clear()];

    private static ApiOperation List() => new(
        "GET", "/api/v1/quotas", "listQuotas", ApiTags.Maintenance, "Look at what is used and allowed",
        "The whole store, which never takes more than its quota or its smallest member can hold, and each prefix with a quota. Bytes are "
        + "those of all kept versions with a fixed overhead, about what they take in memory.")
    {
        Shared = ApiParameters.Read,
        Responses = [new ApiResponse(200, "All quotas.", Json("QuotaList", $$"""{"store":{{StoreExample}},"quotas":[],"revision":1}"""))],
        Errors = [.. Read],
    };

    private static ApiOperation SetStore() => new(
        "PUT", "/api/v1/quotas", "setStoreQuota", ApiTags.Maintenance, "Limit the whole store",
        "`bytes` only; null leaves it to what the members can hold. Beyond it an alarm NOSPACE refuses with 507 what needs room.")
    {
        Shared = ApiParameters.Write,
        Body = new ApiBody("What it may take.", IsRequired: true, Json("QuotaBody", """{"bytes":200000000}""")),
        Responses = [new ApiResponse(200, "Set.", Json("CompactAnswer", """{"revision":1}""")), .. KvOperations.WriteAnswers],
        Errors = [.. Write, ErrorCode.UnsupportedMediaType],
    };

    private static ApiOperation Get() => new(
        "GET", "/api/v1/quotas/{prefix}", "getQuota", ApiTags.Maintenance, "Look at a prefix's quota", "What its keys use and may use.")
    {
        Parameters = [_prefix],
        Shared = ApiParameters.Read,
        Responses = [new ApiResponse(200, "The quota.", Json("Quota", QuotaExample))],
        Errors = [.. Read, ErrorCode.QuotaNotFound],
    };

    private static ApiOperation Set() => new(
        "PUT", "/api/v1/quotas/{prefix}", "setQuota", ApiTags.Maintenance, "Limit a prefix",
        "From now on a write under the prefix that would take more `keys` or `bytes` is 507 `quota-exceeded`, which names the prefix; "
        + "deletions go on. What is there stays. Quotas of longer and shorter prefixes all count.")
    {
        Parameters = [_prefix],
        Shared = ApiParameters.Write,
        Body = new ApiBody("What its keys may take.", IsRequired: true, Json("QuotaBody", """{"keys":1000}""")),
        Responses = [new ApiResponse(200, "Set.", Json("CompactAnswer", """{"revision":1}""")), .. KvOperations.WriteAnswers],
        Errors = [.. Write, ErrorCode.UnsupportedMediaType],
    };

    private static ApiOperation Remove() => new(
        "DELETE", "/api/v1/quotas/{prefix}", "removeQuota", ApiTags.Maintenance, "Remove a prefix's quota",
        "Its keys are limited by others only.")
    {
        Parameters = [_prefix],
        Shared = ApiParameters.Write,
        Responses = [new ApiResponse(200, "Removed.", Json("CompactAnswer", """{"revision":1}""")), .. KvOperations.WriteAnswers],
        Errors = [.. Write, ErrorCode.QuotaNotFound],
    };

    private static ApiOperation Alarms() => new(
        "GET", "/api/v1/alarms", "listAlarms", ApiTags.Maintenance, "List the alarms",
        "`NOSPACE`: there is no room, by the `quota` or on a member's `disk`; it clears by itself when there is. `CORRUPT`: somebody "
        + "called the data damaged.")
    {
        Shared = ApiParameters.Read,
        Responses =
        [
            new ApiResponse(200, "Those that are raised.", Json("AlarmList", $$"""{"alarms":[],"store":{{StoreExample}},"revision":1}""")),
        ],
        Errors = [.. Read],
    };

    private static ApiOperation Clear() => new(
        "DELETE", "/api/v1/alarms/{kind}", "clearAlarm", ApiTags.Maintenance, "Clear an alarm",
        "Every alarm of the kind, whoever raised it. One with a cause that lasts comes back.")
    {
        Parameters = [Path("kind", "NOSPACE or CORRUPT.", "NOSPACE")],
        Shared = ApiParameters.Write,
        Responses = [new ApiResponse(200, "Cleared.", Json("CompactAnswer", """{"revision":1}""")), .. KvOperations.WriteAnswers],
        Errors = [.. Write, ErrorCode.AlarmNotFound],
    };

    private static ApiContent Json(string schema, string example) => new("application/json", schema, JsonNode.Parse(example));
}
