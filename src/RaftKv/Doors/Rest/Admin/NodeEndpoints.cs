using System.Text.Json;
using RaftKv.Contract;
using RaftKv.Contract.Bodies;
using RaftKv.Core;
using RaftKv.Core.Calls;
using RaftKv.Core.Reads;
using RaftKv.Doors.Http;
using RaftKv.Doors.Http.Terms;
using RaftKv.Engine;
using RaftKv.Service.Members;
using RaftKv.Service.Refusals;
using RaftKv.Service.Writes;

namespace RaftKv.Doors.Rest.Admin;

/// <summary>GET /status, /cluster and /operations/{id}: what this node knows, without asking another one.</summary>
internal static class NodeEndpoints
{
    /// <summary>GET /status.</summary>
    public static async Task StatusAsync(Exchange exchange)
    {
        if (await BeginAsync(exchange))
        {
            await AnswerWriter.SendAsync(exchange, StatusBodies.Of(exchange), AnswerJson.Default.StatusAnswer);
        }
    }

    /// <summary>GET /cluster.</summary>
    public static async Task ClusterAsync(Exchange exchange)
    {
        if (!await BeginAsync(exchange))
        {
            return;
        }

        EngineStatus status = exchange.Node.Status;
        ClusterAnswer body = ClusterPicture.Of(exchange.Node).Cluster with
        {
            Members = [.. exchange.Node.Members.Select(member => MemberAnswers.Of(member, status))],
        };
        await AnswerWriter.SendAsync(exchange, body, AnswerJson.Default.ClusterAnswer);
    }

    /// <summary>
    /// GET /operations/{id}: honest about what it does not know. The node that took the write remembers it, and the id names
    /// that node, so any other one asks it.
    /// </summary>
    public static async Task OperationAsync(Exchange exchange)
    {
        if (MemberOperation.IsNamed(exchange.PathTail))
        {
            await MemberEndpoints.OperationAsync(exchange);
            return;
        }

        exchange.ParseRead(QueryField.None);
        if (!OperationTable.IsWellFormed(exchange.PathTail))
        {
            throw ApiException.Invalid("An operation's id has three hex fields joined by '-', as the Location of a 202 showed it.");
        }

        string id = exchange.PathTail.ToString();
        if (OriginOf(exchange, id) is { } origin && await exchange.TryForwardAsync(origin))
        {
            return;
        }

        exchange.Observe();
        Operation? operation = exchange.Service.Writer.Operations.Find(id);

        // What became of another user's write is that user's to know.
        operation = operation?.User == exchange.User ? operation : null;
        if (operation?.Outcome is { Error: null, Outcome: ProposalOutcome.Applied } applied)
        {
            exchange.FoundWrite(new Revision(applied.Revision));
        }

        await AnswerWriter.SendAsync(exchange, BodyOf(id, operation), AnswerJson.Default.OperationAnswer);
    }

    // Null when it is this node, or nobody knows where the other one is.
    private static Uri? OriginOf(Exchange exchange, string id)
    {
        string node = id[..id.IndexOf('-', StringComparison.Ordinal)];
        MemberInfo? origin = exchange.Node.Members.FirstOrDefault(member => member.Id.ToString() == node);
        bool isElsewhere = !exchange.Terms.IsForwarded && origin is { IsSelf: false };
        return isElsewhere && Uri.TryCreate(origin!.ClientUrl, UriKind.Absolute, out Uri? at) ? at : null;
    }

    // What a node tells of itself is its own state, unless a level is named: then its view is at least that.
    // False when the request has its answer.
    private static async ValueTask<bool> BeginAsync(Exchange exchange)
    {
        exchange.ParseRead(QueryField.None, ReadLevel.Eventual);
        if (exchange.Terms.Level == ReadLevel.Eventual)
        {
            exchange.Observe();
            return true;
        }

        return await exchange.ReadViewAsync() is not null;
    }

    private static OperationAnswer BodyOf(string id, Operation? operation)
    {
        OperationAnswer body = new() { Id = id, State = OperationStates.Unknown };
        OperationOutcome? outcome = operation?.Outcome;
        if (operation is not null && outcome is null)
        {
            return body with { State = OperationStates.Pending };
        }

        if (outcome is null || outcome.Outcome == ProposalOutcome.Unknown)
        {
            return body;
        }

        // A write that the store refused went through the log, but had no effect: for the client it was not applied.
        return outcome.Error is { } error
            ? body with
            {
                State = OperationStates.NotApplied,
                Code = ErrorMapper.Describe(error.Code).Code,
                Detail = error.Detail,
            }
            : body with
            {
                State = OperationStates.Applied,
                Revision = outcome.Revision,
                Status = outcome.Answer.Status,
                Answer = JsonElement.Parse(outcome.Answer.Body ?? "null"u8),
            };
    }
}
