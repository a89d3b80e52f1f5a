using RaftKv.Contract;
using RaftKv.Contract.Bodies;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Doors.Http;
using RaftKv.Service.Refusals;
using RaftKv.Service.Writes;

namespace RaftKv.Doors.Rest.Kv;

/// <summary>Runs writes and answers them.</summary>
internal static class WriteAnswers
{
    /// <summary>Runs a command under the request's write concern and sends the answer.</summary>
    public static async Task RunAsync(Exchange exchange, KvCommand command, WriteKind kind)
    {
        WriteOutcome end = await exchange.Service.Writer.WriteAsync(exchange, command, kind.Rules);
        if (end.IsReplayed)
        {
            exchange.Http.Response.Headers[HeaderNames.Replayed] = "true";
        }

        if (end.Error is { } error)
        {
            if (error.Code == ErrorCode.WriteConcernUnmet && kind.Pair(end.Result!) is { } pair)
            {
                exchange.ApplyETag(pair);
            }

            await ProblemWriter.SendAsync(exchange, error);
            return;
        }

        await (end.Accepted is { } operation ? SendAcceptedAsync(exchange, operation) : SendAppliedAsync(exchange, end.Result!, kind));
    }

    private static Task SendAppliedAsync(Exchange exchange, CommandResult result, WriteKind kind)
    {
        if (kind.Pair(result) is { } pair)
        {
            exchange.ApplyETag(pair);
        }

        if (exchange.Terms.ReturnsMinimal)
        {
            return AnswerWriter.SendMinimalAsync(exchange);
        }

        if (kind.SendLarge is { } sendLarge && WriteKind.IsLarge(result))
        {
            return sendLarge(exchange, result);
        }

        JsonAnswer answer = JsonAnswer.Rent();
        kind.WriteBody(answer.Json, result);
        return AnswerWriter.SendJsonAsync(exchange, answer, kind.Status(result));
    }

    private static Task SendAcceptedAsync(Exchange exchange, Operation operation)
    {
        exchange.Http.Response.Headers.Location = "/api/v1/operations/" + operation.Id;
        if (exchange.Terms.ReturnsMinimal)
        {
            exchange.Http.Response.Headers["Preference-Applied"] = "return=minimal";
            return AnswerWriter.SendEmptyAsync(exchange, SuccessStatus.Accepted);
        }

        OperationAnswer body = new() { Id = operation.Id, State = OperationStates.Pending };
        return AnswerWriter.SendAsync(exchange, body, AnswerJson.Default.OperationAnswer, SuccessStatus.Accepted);
    }
}
