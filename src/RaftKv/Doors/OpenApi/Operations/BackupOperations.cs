using System.Text.Json.Nodes;
using RaftKv.Doors.OpenApi.Model;
using RaftKv.Service.Refusals;
using static RaftKv.Doors.OpenApi.Operations.ApiOperations;

namespace RaftKv.Doors.OpenApi.Operations;

/// <summary>Backups: the whole state as a file.</summary>
internal static class BackupOperations
{
    private const string Example =
        """
        {"id":"raftkv-00000000000000c1-0000000000000000001-20260102T030405Z","state":"running","revision":1,
         "taken":"2026-01-02T03:04:05Z","scheduled":false,"writtenBytes":0,"estimatedBytes":4096}
        """;

    public static ApiOperation[] All { get; } = [List(), Begin(), Get(), Snapshot()];

    private static ApiOperation List() => new(
        "GET", "/api/v1/backups", "listBackups", ApiTags.Maintenance, "List the backups of a node's directory",
        "Those of this cluster in the directory that the node was started with (`--backup-to`), and what it makes now or failed to "
        + "make.")
    {
        Shared = [ApiParameters.Session],
        Responses =
        [
            new ApiResponse(200, "The backups, the newest last.", new ApiContent("application/json", "BackupList", JsonNode.Parse(
                """{"keep":0,"backups":[]}"""))),
        ],
    };

    private static ApiOperation Begin() => new(
        "POST", "/api/v1/backups", "beginBackup", ApiTags.Maintenance, "Begin a backup",
        "Into the directory of the node that is asked, which was started with `--backup-to`. The answer comes at once; ask "
        + "for the backup by its `Location`. While one is under way, that is the answer.")
    {
        Shared = ApiParameters.Read,
        Errors = Read,
        Responses = [new ApiResponse(202, "It is under way.", new ApiContent("application/json", "Backup", JsonNode.Parse(Example)))],
    };

    private static ApiOperation Get() => new(
        "GET", "/api/v1/backups/{id}", "getBackup", ApiTags.Maintenance, "Look at a backup",
        "`running` with the bytes so far, `done` with its digest, or `failed` with the reason.")
    {
        Parameters = [Path("id", "The backup's id.", "raftkv-00000000000000c1-0000000000000000001-20260102T030405Z")],
        Shared = [ApiParameters.Session],
        Errors = [ErrorCode.NotFound],
        Responses = [new ApiResponse(200, "The backup.", new ApiContent("application/json", "Backup", JsonNode.Parse(Example)))],
    };

    private static ApiOperation Snapshot() => new(
        "GET", "/api/v1/snapshot", "getSnapshot", ApiTags.Maintenance, "Download a backup",
        "All keys with their kept versions, leases, guards and quotas, as of one revision (`RaftKv-Revision`), in one file. It ends with "
        + "its length and a SHA-256 of everything before: `raftkv backup verify FILE` checks it, `raftkv restore` founds a cluster "
        + "with it.")
    {
        Shared = ApiParameters.Read,
        Errors = [.. Read, ErrorCode.Overloaded],
        Responses = [new ApiResponse(200, "The file.", new ApiContent("application/octet-stream", null, "…"))],
    };
}
