using System.Net;
using RaftKv.Doors.Grpc;
using RaftKv.Doors.Http;
using RaftKv.Service;
using RaftKv.Service.Access;
using RaftKv.Service.Calls;
using RaftKv.Service.Refusals;
using RaftKv.Service.Shares;

namespace RaftKv.Doors.Etcd.Calls;

/// <summary>
/// Lets calls of etcd's API in: by the token of Authenticate in the metadata <c>token</c>, as etcd's clients send it, or in
/// <c>authorization</c>, or by the connection's certificate. Any thread.
/// </summary>
internal sealed class EtcdAdmission(KvService service) : ICallAdmission
{
    /// <inheritdoc/>
    public async ValueTask AdmitAsync(RpcContext context, RpcMethod method)
    {
        NodeContext node = service.Context;
        CallRule rule = EtcdRules.Of(method.Path);
        if (!node.Access.IsOn)
        {
            EnterShare(context, method, rule, Caller.Anonymous);
            return;
        }

        // Nobody in particular until he is known: a call without a caller would be judged by the rule for keys.
        (context.Rule, context.Caller) = (rule, Caller.Anonymous);
        if (rule.Need == CallNeed.Nothing)
        {
            return;
        }

        // The first of several, as in etcd: its Python client sends the same one twice over TLS.
        Credentials? shown = context.Metadata("token") is { Count: > 0 } token
            ? new TokenCredentials(token[0] ?? "")
            : HttpCredentials.Of(context.Http, mayBeBare: true);
        try
        {
            context.Caller = await node.Access.IdentifyAsync(shown, context.Http.Connection.RemoteIpAddress);
        }
        catch (ApiException e)
        {
            EnterShare(context, method, rule, Caller.Anonymous);
            throw EtcdErrors.FromAccess(new EtcdCall(node, context).Refused(e.Error)!);
        }

        EnterShare(context, method, rule, context.Caller);
        if (new EtcdCall(node, context).RefusalToBegin() is { } refusal)
        {
            throw EtcdErrors.FromAccess(refusal);
        }
    }

    // A stream is counted when it begins, and each watch on it again; it is not under way for as long as it lasts.
    private void EnterShare(RpcContext context, RpcMethod method, CallRule rule, Caller caller)
    {
        if (rule.GoesFirst)
        {
            return;
        }

        IPAddress? from = context.Http.Connection.RemoteIpAddress;
        ApiError? refusal = service.Context.Shares.TryEnter(caller, from, isHeld: !method.IsStream, out CallShare? share);
        context.Share = share;
        if (refusal is not null)
        {
            throw EtcdErrors.FromRefusal(refusal);
        }
    }
}
