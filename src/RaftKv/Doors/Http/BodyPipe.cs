using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace RaftKv.Doors.Http;

/// <summary>
/// The one way in which doors read from a request's body. Whatever goes wrong there is the client's or the network's: a
/// chunk whose size is none, a reset in the middle, a body that is cut short. It is told as a bad request, never as a
/// defect of this server.
/// </summary>
internal static class BodyPipe
{
    /// <summary>Reads what has arrived, or waits for more.</summary>
    /// <exception cref="BadHttpRequestException">The rest of the body can't be read.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled, or the connection has gone.</exception>
    public static async ValueTask<ReadResult> ReadBodyAsync(this PipeReader body, CancellationToken cancellationToken = default)
    {
        try
        {
            return await body.ReadAsync(cancellationToken);
        }
        catch (Exception e) when (e is ConnectionResetException or ConnectionAbortedException)
        {
            throw new OperationCanceledException("The client has gone.", e);
        }
        catch (IOException e) when (e is not BadHttpRequestException)
        {
            // The web server wraps what its own parser throws: seventeen digits of a chunk's size overflow there.
            throw new BadHttpRequestException("The body can't be read as HTTP.", StatusCodes.Status400BadRequest, e);
        }
    }
}
