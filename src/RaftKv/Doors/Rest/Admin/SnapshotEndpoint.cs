using RaftKv.Backups;
using RaftKv.Doors.Http;
using RaftKv.Doors.Http.Terms;

namespace RaftKv.Doors.Rest.Admin;

/// <summary>GET /snapshot: a backup of the view that the level asks for, streamed; the file ends with its digest.</summary>
internal static class SnapshotEndpoint
{
    // Of the view nothing is copied; of the file a block is in memory, and what the connection buffers.
    private const long HeldBytes = 1024 * 1024;

    /// <summary>Sends it.</summary>
    public static async Task GetAsync(Exchange exchange)
    {
        exchange.ParseRead(QueryField.None);
        if (await exchange.ReadViewAsync() is not { } view)
        {
            return;
        }

        using IDisposable room = await exchange.HoldRoomAsync(HeldBytes);
        exchange.ApplyHeaders();
        HttpResponse response = exchange.Http.Response;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.ContentDisposition = $"attachment; filename=\"raftkv-{view.Revision}.snap\"";
        response.ContentType = "application/octet-stream";

        // A walk over all versions: not on the thread that serves others. Without its last piece the file is not whole, and
        // whoever loads it says so.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        foreach (ReadOnlyMemory<byte> piece in BackupFrames.Of(exchange.Node, view))
        {
            await response.BodyWriter.WriteAsync(piece, exchange.ClientGone);
        }
    }
}
