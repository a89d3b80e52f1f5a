using System.Text.Json;
using RaftKv.Doors.Http;
using RaftKv.Doors.Http.Terms;
using RaftKv.Doors.Rest.Bodies;
using RaftKv.Service.Receipts;
using RaftKv.Service.Refusals;

namespace RaftKv.Doors.Rest.Admin;

/// <summary>POST /receipts/verify.</summary>
internal static class ReceiptEndpoint
{
    /// <summary>Says whether a receipt was made by this cluster; any node can tell.</summary>
    public static async Task VerifyAsync(Exchange exchange)
    {
        exchange.ParseRead(QueryField.None);
        exchange.Observe();
        ReceiptBody body = (await BodyReader.ReadJsonAsync(exchange.Http.Request, ApiJsonContext.Default.ReceiptBody))!;
        if (string.IsNullOrEmpty(body.Receipt))
        {
            throw ApiException.Invalid("receipt is missing: send the text of a RaftKv-Receipt header.");
        }

        if (exchange.Context.Keys is not { } keys)
        {
            throw new ApiException(new ApiError(
                ErrorCode.NotReady, "This node has not heard of its cluster's key yet, so it can't check the receipt. Try again, or ask "
                    + "another node."));
        }

        byte[]? receipt = ReceiptSigner.Verify(keys, body.Receipt, out string? reason);
        JsonAnswer answer = JsonAnswer.Rent();
        Utf8JsonWriter json = answer.Json;
        json.WriteStartObject();
        json.WriteBoolean("valid"u8, receipt is not null);
        if (receipt is not null)
        {
            json.WritePropertyName("receipt"u8);
            json.WriteRawValue(receipt, skipInputValidation: true);
        }
        else
        {
            json.WriteString("reason"u8, reason);
        }

        json.WriteEndObject();
        await AnswerWriter.SendJsonAsync(exchange, answer, SuccessStatus.Ok);
    }
}
