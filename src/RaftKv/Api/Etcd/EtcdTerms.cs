using Microsoft.AspNetCore.Http.Features;
using RaftKv.Api.ErrorMapping;
using RaftKv.Api.Grpc;
using RaftKv.Api.Rest;
using RaftKv.Api.Rest.Reads;
using RaftKv.Core.Replica.Levels;
using RaftKv.Core.Store;
using RaftKv.Node;

namespace RaftKv.Api.Etcd;

/// <summary>
/// Calls that say more than etcd's messages can: read levels, sessions and write concerns, in metadata of the names that
/// REST has as headers, and answered so too. The same parser, the same planner, the same tokens.
/// </summary>
internal static class EtcdTerms
{
    /// <summary>What the names of such metadata begin with.</summary>
    private const string Prefix = "raftkv-";

    /// <summary>True when a call has terms of its own; then it costs a little more.</summary>
    public static bool AreIn(RpcContext context) => context.HasMetadata(Prefix);

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

    /// <summary>Runs a command under the write concern that the metadata asks for.</summary>
    public static async ValueTask<CommandResult> ProposeAsync(RestServer rest, RpcContext context, KvCommand command)
    {
        Exchange exchange = NewExchange(rest, context);
        try
        {
            exchange.ParseWrite(QueryField.None);
            if (exchange.Terms.Concern == WriteConcern.Accepted)
            {
                throw EtcdErrors.NotYet("a call ends with its outcome, so it can't end when the write is accepted; nothing was applied");
            }

            ProposeResult proposed = await exchange.ProposeAsync(command);
            if (proposed.Outcome != ProposeOutcome.Applied)
            {
                throw EtcdErrors.FromOutcome(proposed.Outcome);
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

    private static Exchange NewExchange(RestServer rest, RpcContext context)
    {
        RequestTarget target = RequestTarget.Split(context.Http.Features.Get<IHttpRequestFeature>()!.RawTarget);
        return new Exchange(rest, context.Http, target, target.Path.Length);
    }
}
