using System.Text;
using RaftKv.Contract;
using RaftKv.Contract.Bodies;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Locks;
using RaftKv.Core.Store.Reading;
using RaftKv.Core;
using RaftKv.Doors.Http;
using RaftKv.Doors.Http.Terms;
using RaftKv.Doors.Rest.Kv;
using RaftKv.Service.Coordination;
using RaftKv.Service.Refusals;
using RaftKv.Service.Vocabulary;
using RaftKv.Service.Writes;

namespace RaftKv.Doors.Rest.Coordination;

/// <summary>Asks for a lock, a semaphore's place or a leadership, and answers once it is held or not to be had.</summary>
internal static class AcquireEndpoint
{
    // For the look-up of an outcome that was unknown.
    private static readonly WriteKind _kind = new() { WriteBody = WriteKind.BodyOf(AnswerJson.Default.AcquireOutcome, OutcomeOf) };

    /// <summary>POST on the name, or a campaign.</summary>
    public static HttpHandler Of(LockKind kind) => async exchange =>
    {
        exchange.ParseWrite(QueryField.None);
        if (exchange.Terms.Concern != WriteConcern.Majority)
        {
            throw ApiException.Invalid(
                "What is asked for here is answered once it is held: leave RaftKv-Write-Concern out, or say majority.");
        }

        byte[] name = QueueNames.Decode(exchange.PathTail);
        AcquireBody? body = await BodyReader.ReadJsonAsync(exchange.Http.Request, RequestJson.Default.AcquireBody, mayBeEmpty: true);
        AcquireOrder order = AcquireParser.Parse(kind, name, body);
        QueueGrant grant = await new QueueAcquire(exchange, exchange.Service.Writer, order, _kind.Rules).RunAsync();
        if (grant.IsReplayed)
        {
            exchange.Http.Response.Headers[HeaderNames.Replayed] = "true";
        }

        await SendAsync(exchange, order, grant);
    };

    private static async Task SendAsync(Exchange exchange, AcquireOrder order, QueueGrant grant)
    {
        if (grant.Own is { } own)
        {
            await (order.Kind == LockKind.Election
                ? AnswerWriter.SendAsync(
                    exchange, LeadershipOf(order, own, grant.View!), AnswerJson.Default.LeadershipAnswer, SuccessStatus.Created)
                : AnswerWriter.SendAsync(
                    exchange, GrantOf(order, own, grant.View!), AnswerJson.Default.GrantAnswer, SuccessStatus.Created));
        }
        else if (grant.Error is { Code: ErrorCode.LockHeld } held)
        {
            LockQueue queue = grant.View!.GetLockQueue(order.Kind, order.Name);
            IReadOnlyList<LeaseTime> times = await QueueParts.TimesOfAsync(exchange, queue);
            await ProblemWriter.SendAsync(exchange, held, problem =>
                problem with { Holders = QueueParts.Holders(queue, times), QueueLength = queue.WaiterCount });
        }
        else if (grant.Error is { } error)
        {
            await ProblemWriter.SendAsync(exchange, error);
        }
    }

    private static LeadershipAnswer LeadershipOf(AcquireOrder order, LockEntry own, StoreView view)
    {
        (string value, string encoding) = PairWriter.ValueText(own.Owner.Span);
        return new LeadershipAnswer
        {
            Name = Encoding.UTF8.GetString(order.Name),
            Token = own.Token.Value,
            Value = value,
            Encoding = encoding,
            Lease = own.Lease.ToString(),
            TtlMs = view.GetLease(own.Lease)?.TtlMs ?? 0,
            Key = Encoding.UTF8.GetString(own.Pair.KeySpan),
            Revision = view.Revision.Value,
        };
    }

    private static GrantAnswer GrantOf(AcquireOrder order, LockEntry own, StoreView view) => new()
    {
        Name = Encoding.UTF8.GetString(order.Name),
        Kind = QueueNames.WordOf(order.Kind),
        Mode = QueueNames.WordOf(own.Mode),
        FencingToken = own.Token.Value,
        Owner = Encoding.UTF8.GetString(own.Owner.Span),
        Lease = own.Lease.ToString(),
        TtlMs = view.GetLease(own.Lease)?.TtlMs ?? 0,
        Key = Encoding.UTF8.GetString(own.Pair.KeySpan),
        Revision = view.Revision.Value,
    };

    private static AcquireOutcome OutcomeOf(CommandResult result)
    {
        var acquired = (AcquireResult)result.Result!;
        return new AcquireOutcome
        {
            FencingToken = acquired.Token.Value,
            Lease = acquired.Entry.Lease.ToString(),
            Holder = acquired.IsHolder,
            Revision = result.Revision.Value,
        };
    }
}
