using System.Security.Cryptography;
using RaftKv.Contract.Bodies;
using RaftKv.Core;
using RaftKv.Core.Store.Commands;
using RaftKv.Doors.Http;
using RaftKv.Doors.Http.Terms;
using RaftKv.Doors.Rest.Kv;
using RaftKv.Service.Refusals;

namespace RaftKv.Doors.Rest.Coordination;

/// <summary>Client sessions: opened once by a client, whose writes then run once each by their number.</summary>
internal static class ClientSessionEndpoints
{
    private static readonly WriteKind _close = new()
    {
        WriteBody = WriteKind.RevisionOnly,
    };

    /// <summary>POST /client-sessions.</summary>
    public static Task OpenAsync(Exchange exchange)
    {
        exchange.ParseWrite(QueryField.None);

        // Of 63 random bits, so an id is free but for a chance that nobody will see; taken, it is 429 and asked again.
        ClientSessionId id = new(Math.Max(1, BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long))) & long.MaxValue));
        return WriteAnswers.RunAsync(exchange, new OpenSessionCommand(id), OpenKind(exchange, id));
    }

    /// <summary>DELETE /client-sessions/{id}.</summary>
    public static Task CloseAsync(Exchange exchange)
    {
        exchange.ParseWrite(QueryField.None);
        return WriteAnswers.RunAsync(exchange, new CloseSessionCommand(ClientSessionHeader.ParseId(exchange.PathTail)), _close);
    }

    // The id is not in the store's answer, so a repeat under an idempotency key would be told an id that it did not open.
    private static WriteKind OpenKind(Exchange exchange, ClientSessionId id)
    {
        if (exchange.Terms.IsOnce)
        {
            throw ApiException.Invalid("Opening a client session takes no Idempotency-Key: one that is opened twice costs nothing.");
        }

        OnceLimits limits = exchange.Node.View.Once.Limits;
        return new WriteKind
        {
            Status = static _ => SuccessStatus.Created,
            WriteBody = WriteKind.BodyOf(AnswerJson.Default.ClientSessionAnswer, result => new ClientSessionAnswer
            {
                Id = id.ToString(),
                MaxAnswers = limits.MaxAnswersPerSession,
                MaxAnswerBytes = limits.SessionAnswerBytes,
                Revision = result.Revision.Value,
            }),
        };
    }
}
