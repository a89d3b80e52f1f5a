using RaftKv.Api.ErrorMapping;
using RaftKv.Core.Store;
using RaftKv.Node;

namespace RaftKv.Api.Rest;

/// <summary>What every write does once it is a command: propose, wait, answer.</summary>
internal static class WriteFlow
{
    /// <summary>Runs a command under the request's write concern and sends the answer.</summary>
    public static async Task RunAsync(Exchange exchange, KvCommand command, WriteKind kind)
    {
        if (exchange.Terms.Concern == WriteConcern.Accepted)
        {
            await AcceptAsync(exchange, command, kind);
            return;
        }

        ProposeResult proposed = await exchange.ProposeAsync(command);
        if (proposed.Outcome != ProposeOutcome.Applied)
        {
            await SendFailureAsync(exchange, proposed);
            return;
        }

        CommandResult result = proposed.Result!;
        ApiError? error = kind.ErrorOf(result);
        if (error is not null)
        {
            await ProblemWriter.SendAsync(exchange, error);
            return;
        }

        await SendAppliedAsync(exchange, result, kind);
    }

    private static Task SendAppliedAsync(Exchange exchange, CommandResult result, WriteKind kind)
    {
        KeyValue? pair = kind.Pair(result);
        if (pair is not null)
        {
            exchange.ApplyETag(pair);
        }

        if (exchange.Terms.ReturnsMinimal)
        {
            return AnswerWriter.SendMinimalAsync(exchange);
        }

        JsonAnswer answer = JsonAnswer.Rent();
        kind.WriteBody(answer.Json, result);
        return AnswerWriter.SendJsonAsync(exchange, answer, kind.Status(result));
    }

    private static Task SendFailureAsync(Exchange exchange, ProposeResult proposed)
    {
        ApiError error = ErrorMapper.FromOutcome(proposed.Outcome, exchange.Node.Phase);
        if (proposed.Outcome == ProposeOutcome.Unknown)
        {
            // The node no longer follows this proposal, so a look-up says unknown as well; the id ties client and
            // server logs together.
            error = error with { Operation = proposed.OperationId.ToString() };
        }

        return ProblemWriter.SendAsync(exchange, error);
    }

    private static async Task AcceptAsync(Exchange exchange, KvCommand command, WriteKind kind)
    {
        OperationTable operations = exchange.Server.Operations;
        byte[] envelope = Exchange.Encode(command);
        Operation? operation = operations.Start(envelope, kind);
        if (operation is null)
        {
            await ProblemWriter.SendAsync(exchange, ErrorMapper.FromOutcome(ProposeOutcome.Overloaded, exchange.Node.Phase));
            return;
        }

        // What is refused at once is told at once: 202 is for writes that are really under way.
        if (operation.Outcome is { Outcome: not ProposeOutcome.Applied, Error: { } error })
        {
            await ProblemWriter.SendAsync(exchange, error);
            return;
        }

        exchange.Context.Response.Headers.Location = "/api/v1/operations/" + operation.Id;
        if (exchange.Terms.ReturnsMinimal)
        {
            exchange.Context.Response.Headers["Preference-Applied"] = "return=minimal";
            await AnswerWriter.SendEmptyAsync(exchange, SuccessStatus.Accepted);
            return;
        }

        JsonAnswer answer = JsonAnswer.Rent();
        answer.Json.WriteStartObject();
        answer.Json.WriteString("id"u8, operation.Id);
        answer.Json.WriteString("state"u8, "pending"u8);
        answer.Json.WriteEndObject();
        await AnswerWriter.SendJsonAsync(exchange, answer, SuccessStatus.Accepted);
    }
}
