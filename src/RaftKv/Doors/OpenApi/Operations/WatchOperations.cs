using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using RaftKv.Doors.OpenApi.Model;
using RaftKv.Service.Refusals;
using static RaftKv.Doors.OpenApi.Operations.ApiOperations;

namespace RaftKv.Doors.OpenApi.Operations;

/// <summary>Watches.</summary>
internal static class WatchOperations
{
    private const string Change =
        """
        {"revision":2,"events":[{"type":"put","reason":"put","key":"app/config","value":"on","encoding":"utf-8",
         "createRevision":2,"modRevision":2,"version":1,"lease":null}]}
        """;

    public static ApiOperation[] All { get; } = [Watch()];

    private static ApiOperation Watch() => new(
        "GET", "/api/v1/watch", "watch", ApiTags.Watches, "Be told of changes",
        "Each change of the keys, exactly once and in order, from now or from `startRevision` on, on any node. `Accept` chooses the form:\n\n"
        + "- `text/event-stream` (default): Server-Sent Events. `change` has one revision's changes, never split; its id is the revision. "
        + "`bookmark` says that everything up to its revision was told on this stream; one comes first when the watch begins now, and after each "
        + "`bookmarkInterval` of silence. `snapshot` (with `snapshot=true`) is the state: replace yours by its pairs, from the first message until "
        + "`complete` is true. `cancel` is the last message, with a code: `compacted` (with `compactedRevision`), `slow-consumer` "
        + "(nothing was taken for 30 s) or `shutting-down`. A stream that ends without one has reached its `limit` or `timeout`, or was cut off.\n"
        + "- `application/x-ndjson`: the same objects, one a line, each with its `type`.\n"
        + "- `application/json`: long poll. Answers with the first changes, or with none after `timeout` (default 30s); go on from `revision` + 1.\n\n"
        + "Come back with `Last-Event-ID`, or `startRevision` one after the last that you have. Nothing is lost, nothing comes twice. "
        + "When that revision is compacted the answer is 410, or, with `snapshot=true`, the state. "
        + "A start in the future is waited for; nothing older is told. The level of `RaftKv-Consistency` is that of the view which the watch begins "
        + "with; a watch from a revision on reads none.")
    {
        Parameters =
        [
            Query("prefix", "Keys that begin so; an empty prefix is every key. Or `key`, or `start` and `end`.", ApiParameters.Text(), "app/"),
            Query("key", "One key.", ApiParameters.Text()),
            Query("start", "First key, inclusive.", ApiParameters.Text()),
            Query("end", "End of the keys, exclusive.", ApiParameters.Text()),
            Query("startRevision", "First revision to be told of; without it, what comes after now.", ApiParameters.Long(1), "2"),
            Query(
                "prevValue",
                "With each change `previous`, the pair before it. Absent when there was none (`version` 1), and when it is compacted.",
                ApiParameters.Flag()),
            Query("filter", "Only puts, or only deletions (expired and revoked ones too).", ApiParameters.OneOf("put", "delete")),
            Query("limit", "End after this many changes; the revision that reaches it is told in full.", ApiParameters.Long(1)),
            Query("timeout", "End after this time, `1ms` to `1h`. A stream ends with a bookmark.", ApiParameters.Text(), "2s"),
            Query("snapshot", "Streams only: the state first. On resuming only when the changes are compacted.", ApiParameters.Flag()),
            Query("bookmarkInterval", "Streams only: longest silence, `100ms` to `1h`; default `10s`.", ApiParameters.Text()),
            Query("encoding", "`base64` gives every value in base64; `auto` (default) only those that are not UTF-8.", ApiParameters.OneOf("auto", "base64")),
            new ApiParameter(
                "Last-Event-ID", ParameterLocation.Header, "Id of the last message received; goes before `startRevision`.", ApiParameters.Long()),
        ],
        Shared = [ApiParameters.KeyEncoding, .. ApiParameters.Read],
        Responses =
        [
            new ApiResponse(
                200,
                "The changes.",
                new ApiContent("application/json", "WatchAnswer", JsonNode.Parse(Change)),
                new ApiContent("text/event-stream", null, "id: 2\nevent: change\ndata: " + Compact(Change) + "\n\n"),
                new ApiContent("application/x-ndjson", null, "{\"type\":\"change\"," + Compact(Change)[1..] + "\n")),
        ],
        Errors = [.. Read, ErrorCode.Compacted, ErrorCode.ConsistencyUnmet, ErrorCode.Overloaded],
    };

    private static string Compact(string json) => JsonNode.Parse(json)!.ToJsonString();
}
