using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using RaftKv.Service.Refusals;

namespace RaftKv.Doors.Http;

/// <summary>
/// Sends answers. Headers first, then one write of the whole body with its length, so that the server flushes once.
/// </summary>
internal static class AnswerWriter
{
    /// <summary>Sends a JSON body and gives the answer back to its pool.</summary>
    public static async Task SendJsonAsync(Exchange exchange, JsonAnswer answer, int status, string contentType = "application/json")
    {
        ReadOnlyMemory<byte> body = answer.Finish();
        Prepare(exchange, status, contentType, body.Length);
        await exchange.Http.Response.BodyWriter.WriteAsync(body);
        answer.Return();
    }

    /// <summary>Sends a body of the contract.</summary>
    public static Task SendAsync<T>(Exchange exchange, T body, JsonTypeInfo<T> type, int status = SuccessStatus.Ok)
    {
        JsonAnswer answer = JsonAnswer.Rent();
        JsonSerializer.Serialize(answer.Json, body, type);
        return SendJsonAsync(exchange, answer, status);
    }

    /// <summary>Sends bytes as they are; a browser must not guess what they might be.</summary>
    public static async Task SendBytesAsync(Exchange exchange, ReadOnlyMemory<byte> body, int status)
    {
        exchange.Http.Response.Headers.XContentTypeOptions = "nosniff";
        Prepare(exchange, status, "application/octet-stream", body.Length);
        await exchange.Http.Response.BodyWriter.WriteAsync(body);
    }

    /// <summary>Sends a line or more of plain text.</summary>
    public static async Task SendTextAsync(
        Exchange exchange, ReadOnlyMemory<byte> body, int status, string contentType = "text/plain; charset=utf-8")
    {
        Prepare(exchange, status, contentType, body.Length);
        await exchange.Http.Response.BodyWriter.WriteAsync(body);
    }

    /// <summary>Sends headers only.</summary>
    public static Task SendEmptyAsync(Exchange exchange, int status)
    {
        exchange.ApplyHeaders();
        exchange.Http.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    /// <summary>Sends 204, and says that the preference was followed.</summary>
    public static Task SendMinimalAsync(Exchange exchange)
    {
        exchange.Http.Response.Headers["Preference-Applied"] = "return=minimal";
        return SendEmptyAsync(exchange, SuccessStatus.NoContent);
    }

    private static void Prepare(Exchange exchange, int status, string contentType, int length)
    {
        exchange.ApplyHeaders();
        HttpResponse response = exchange.Http.Response;
        response.StatusCode = status;
        response.ContentType = contentType;
        response.ContentLength = length;
    }
}
