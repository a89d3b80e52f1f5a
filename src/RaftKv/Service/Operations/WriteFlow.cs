using RaftKv.Core.Calls;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Tree;
using RaftKv.Diagnostics;
using RaftKv.Doors.Http;
using RaftKv.Doors.Http.Terms;
using RaftKv.Node;
using RaftKv.Service.Refusals;

namespace RaftKv.Service.Operations;

/// <summary>What every write does once it is a command: propose, wait, answer.</summary>
internal static class WriteFlow
{
    /// <summary>Runs a command under the request's write concern and sends the answer.</summary>
    public static async Task RunAsync(Exchange exchange, KvCommand command, WriteKind kind)
    {
        using KeysInFlight.Entry inFlight = exchange.Server.KeysInFlight.Enter(exchange.Terms);
        command = exchange.Seal(command);
        if (exchange.Terms.Concern == WriteConcern.Accepted)
        {
            await AcceptAsync(exchange, command, kind);
            return;
        }

        ProposeResult proposed = await exchange.ProposeAsync(command);
        CommandResult? result = proposed.Result;
        if (result is { IsReplayed: true })
        {
            exchange.Context.Response.Headers[HeaderNames.Replayed] = "true";
        }

        ApiError? error = proposed.Outcome == ProposalOutcome.Applied ? kind.ErrorOf(result!) : FailureOf(exchange, proposed, kind);
        if (error is null && exchange.Terms.Concern == WriteConcern.All && !await ReachesAllAsync(exchange, proposed))
        {
            error = ErrorMapper.WriteConcernUnmet();
        }

        exchange.Server.Metrics.WriteEnded(exchange.Terms.Concern, EndOf(proposed.Outcome, error));
        if (result is not null && (error is not null || kind.TellsState))
        {
            exchange.WriteAlsoRead(result.Revision);
        }

        if (error is null)
        {
            await SendAppliedAsync(exchange, result!, kind);
            return;
        }

        if (error.Code == ErrorCode.WriteConcernUnmet && kind.Pair(result!) is { } pair)
        {
            exchange.ApplyETag(pair);
        }

        await ProblemWriter.SendAsync(exchange, error);
    }

    /// <summary>How a write ended, for the metrics.</summary>
    public static WriteEnd EndOf(ProposalOutcome outcome, ApiError? error) => outcome switch
    {
        ProposalOutcome.Applied when error is null => WriteEnd.Applied,
        ProposalOutcome.Applied when error.Code == ErrorCode.WriteConcernUnmet => WriteEnd.ConcernUnmet,
        ProposalOutcome.Applied => WriteEnd.Refused,
        ProposalOutcome.Unknown => WriteEnd.Unknown,
        _ => WriteEnd.NotApplied,
    };

    private static async ValueTask<bool> ReachesAllAsync(Exchange exchange, ProposeResult proposed)
    {
        long before = exchange.Server.Time.GetTimestamp();
        TimeSpan left = exchange.TimeLeft;
        bool isReached = left > TimeSpan.Zero
            && await exchange.Node.WaitForAllAppliedAsync(proposed.Entry.Index, left, exchange.Context.RequestAborted);
        exchange.Waited(before);
        return isReached;
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

    /// <summary>The error of a write that was not applied here; one of unknown outcome is followed.</summary>
    public static ApiError FailureOf(Exchange exchange, ProposeResult proposed, WriteKind kind)
    {
        ApiError error = ErrorMapper.FromOutcome(proposed.Outcome, exchange.Node.Phase);
        if (proposed.Outcome != ProposalOutcome.Unknown)
        {
            return error;
        }

        exchange.Server.Operations.Follow(proposed.OperationId, kind);
        return error with { Operation = proposed.OperationId.ToString() };
    }

    private static async Task AcceptAsync(Exchange exchange, KvCommand command, WriteKind kind)
    {
        exchange.RefuseWithoutRoom(command);
        OperationTable operations = exchange.Server.Operations;
        byte[] envelope = Exchange.Encode(command);
        Operation? operation = operations.Start(envelope, kind);
        if (operation is null)
        {
            await ProblemWriter.SendAsync(exchange, ErrorMapper.FromOutcome(ProposalOutcome.Overloaded, exchange.Node.Phase));
            return;
        }

        // What is refused at once is told at once: 202 is for writes that are really under way.
        if (operation.Outcome is { Outcome: not ProposalOutcome.Applied, Error: { } error })
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
