using Google.Protobuf;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using RaftKv.Core.Calls;
using RaftKv.Core.Reads;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Doors.Grpc;
using RaftKv.Doors.Http;
using RaftKv.Doors.Http.Terms;
using RaftKv.Doors.Rest;
using RaftKv.Node;
using RaftKv.Service.Operations;
using RaftKv.Service.Reads;
using RaftKv.Service.Refusals;

namespace RaftKv.Doors.Etcd.Calls;

/// <summary>
/// Calls that say more than etcd's messages can: read levels, sessions, write concerns, fences and idempotency keys, in
/// metadata of the names that REST has as headers, and answered so too. The same parser, the same planner, the same
/// tokens.
/// </summary>
internal static class EtcdTerms
{
    /// <summary>What the names of such metadata begin with.</summary>
    private const string Prefix = "raftkv-";

    // Metadata of a name of RaftKv's own; HTTP's name for it, which REST has, is taken as well.
    private const string IdempotencyKey = "raftkv-idempotency-key";

    /// <summary>True when a call has terms of its own; then it costs a little more.</summary>
    public static bool AreIn(RpcContext context) =>
        context.HasMetadata(Prefix) || context.Metadata(HeaderNames.IdempotencyKey).Count > 0;

    /// <summary>The view to read at the level that the metadata asks for; serializable stands for eventual.</summary>
    public static async ValueTask<StoreView> ReadAsync(RestServer rest, RpcContext context, bool isSerializable)
    {
        Exchange exchange = NewExchange(rest, context);
        try
        {
            exchange.ParseRead(QueryField.None, isSerializable ? ReadLevel.Eventual : ReadLevel.Linearizable);
            StoreView view = await exchange.ReadViewAsync();
            exchange.ApplyHeaders();
            return view;
        }
        catch (ApiException e)
        {
            throw EtcdErrors.FromRest(e.Error);
        }
        catch (ForwardingException)
        {
            throw EtcdErrors.NotYet("calls are not passed on to the leader; ask it, or leave raftkv-on-unmet out");
        }
    }

    /// <summary>
    /// Runs a command under the write concern that the metadata asks for: only while its fences hold, and once under its
    /// idempotency key.
    /// </summary>
    public static async ValueTask<CommandResult> ProposeAsync(RestServer rest, RpcContext context, KvCommand command)
    {
        Exchange exchange = NewExchange(rest, context);
        try
        {
            NoteIdempotency(context);
            exchange.ParseWrite(QueryField.None);
            if (exchange.Terms.Concern == WriteConcern.Accepted)
            {
                throw EtcdErrors.NotYet("a call ends with its outcome, so it can't end when the write is accepted; nothing was applied");
            }

            using KeysInFlight.Entry inFlight = rest.KeysInFlight.Enter(exchange.Terms);
            ProposeResult proposed = await exchange.ProposeAsync(exchange.Seal(command));
            if (proposed.Outcome != ProposalOutcome.Applied)
            {
                throw EtcdErrors.FromOutcome(proposed.Outcome);
            }

            if (proposed.Result is { IsReplayed: true })
            {
                context.Http.Response.Headers[HeaderNames.Replayed] = "true";
            }

            exchange.ApplyHeaders();
            bool isEnough = exchange.Terms.Concern != WriteConcern.All
                || await rest.Node.WaitForAllAppliedAsync(proposed.Entry.Index, exchange.TimeLeft, CancellationToken.None);
            return isEnough ? proposed.Result! : throw EtcdErrors.ConcernUnmet();
        }
        catch (ApiException e)
        {
            throw EtcdErrors.FromRest(e.Error);
        }
    }

    // The same headers as REST's from here on; a repeat is told from another request by the message.
    private static void NoteIdempotency(RpcContext context)
    {
        HttpRequest request = context.Http.Request;
        if (request.Headers.TryGetValue(IdempotencyKey, out StringValues key))
        {
            request.Headers.Append(HeaderNames.IdempotencyKey, key);
        }

        if (context.Request is { } message)
        {
            IdempotencyHeader.Note(request, message.ToByteArray());
        }
    }

    private static Exchange NewExchange(RestServer rest, RpcContext context)
    {
        RequestTarget target = RequestTarget.Split(context.Http.Features.Get<IHttpRequestFeature>()!.RawTarget);
        return new Exchange(rest, context.Http, target, target.Path.Length);
    }
}
