using System.Text.Json.Nodes;
using RaftKv.Doors.OpenApi.Model;
using RaftKv.Service.Refusals;
using static RaftKv.Doors.OpenApi.Operations.ApiOperations;

namespace RaftKv.Doors.OpenApi.Operations;

/// <summary>A look into a node's log.</summary>
internal static class LogOperations
{
    public static ApiOperation[] All { get; } = [Log()];

    private static ApiOperation Log() => new(
        "GET", "/api/v1/log", "getLog", ApiTags.Maintenance, "Look into this node's log",
        "Entries that are applied here, decoded: who asked what, of which keys. Values and secrets are never told, only how long they "
        + "are. Without `startIndex` the newest ones. An answer stops after about 1 MiB of log; `nextIndex` is where to go on. What the "
        + "log has dropped is 410: it is in the snapshot. Once rights are in force it is root's, since it names every key.")
    {
        Parameters =
        [
            Query("startIndex", "The first entry to show.", ApiParameters.Long(), "1"),
            Query("limit", "Most entries of an answer, 1 to 1000; 100 when absent.", ApiParameters.Long(), "100"),
        ],
        Shared = ApiParameters.Read,
        Errors = [.. Read, ErrorCode.Compacted],
        Responses =
        [
            new ApiResponse(200, "A part of the log.", new ApiContent("application/json", "Log", JsonNode.Parse(
                """
                {"firstIndex":1,"appliedIndex":2,"snapshotIndex":0,"entries":[
                  {"index":1,"term":1,"kind":"noop","bytes":0,"text":"a leader's first entry"},
                  {"index":2,"term":1,"kind":"command","bytes":64,"command":"put","text":"put greeting, 5 bytes",
                   "time":"2026-01-01T00:00:00.000Z","origin":"n1","keys":[{"op":"put","key":"greeting","valueBytes":5}]}],
                 "nextIndex":null}
                """))),
        ],
    };
}
