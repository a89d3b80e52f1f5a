using RaftKv.Service.Calls;

namespace RaftKv.Doors.Http;

/// <summary>
/// Sends a large JSON body while it is written, at the pace of the connection: of the whole only a window is in memory. Its
/// length is not told beforehand. One flow only.
/// </summary>
internal sealed class JsonPieces(Exchange exchange, JsonAnswer answer)
{
    /// <summary>Below it a body is sent whole.</summary>
    public const long LargeBytes = AnswerRoom.SmallBytes;

    private long _passedBytes;

    /// <summary>Sends the headers.</summary>
    public void Begin(int status, string contentType = "application/json")
    {
        exchange.ApplyHeaders();
        exchange.Http.Response.StatusCode = status;
        exchange.Http.Response.ContentType = contentType;
    }

    /// <summary>Passes on what was written, when it is enough.</summary>
    public ValueTask PassAsync() =>
        answer.Json.BytesCommitted + answer.Json.BytesPending - _passedBytes < LargeBytes ? ValueTask.CompletedTask : PassAllAsync();

    /// <summary>Passes on the rest, and gives the answer back to its pool.</summary>
    public async ValueTask EndAsync()
    {
        await PassAllAsync();
        answer.Return();
    }

    private async ValueTask PassAllAsync()
    {
        ReadOnlyMemory<byte> piece = answer.Finish();
        _passedBytes = answer.Json.BytesCommitted;
        await exchange.Http.Response.BodyWriter.WriteAsync(piece, exchange.ClientGone);
        answer.Drained();
        exchange.ClientGone.ThrowIfCancellationRequested();
    }
}
