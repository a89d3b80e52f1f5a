using System.Text.Json;
using RaftKv.Contract.Bodies;
using RaftKv.Doors.Http;
using RaftKv.Doors.Http.Terms;
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
        ReceiptBody body = (await BodyReader.ReadJsonAsync(exchange.Http.Request, RequestJson.Default.ReceiptBody))!;
        if (string.IsNullOrEmpty(body.Receipt))
        {
            throw ApiException.Invalid("receipt is missing: send the text of a RaftKv-Receipt header.");
        }

        if (exchange.Context.Keys is not { } keys)
        {
            await ProblemWriter.SendAsync(exchange, ErrorMapper.NoClusterKey("the receipt"));
            return;
        }

        byte[]? receipt = ReceiptSigner.Verify(keys, body.Receipt, out string? reason);
        ReceiptVerdict verdict = new()
        {
            Valid = receipt is not null,
            Receipt = receipt is null ? null : JsonSerializer.Deserialize(receipt, AnswerJson.Default.ReceiptStatement),
            Reason = reason,
        };
        await AnswerWriter.SendAsync(exchange, verdict, AnswerJson.Default.ReceiptVerdict);
    }
}
