using Google.Protobuf;
using Microsoft.AspNetCore.Http.Features;
using RaftKv.Contract;
using RaftKv.Core.Reads;
using RaftKv.Core.Store.Commands;
using RaftKv.Doors.Grpc;
using RaftKv.Doors.Http;
using RaftKv.Doors.Http.Terms;
using RaftKv.Service.Calls;
using RaftKv.Service.Metrics;
using RaftKv.Service.Observing;

namespace RaftKv.Doors.Etcd.Calls;

/// <summary>
/// One call of etcd's API as a call of the service. It may say more than etcd's messages can: read levels, sessions,
/// write concerns, fences and idempotency keys, in metadata of the names that REST has as headers, and is answered so
/// too. Used by one call's flow only.
/// </summary>
internal sealed class EtcdCall : ServiceCall
{
    /// <summary>What the names of such metadata begin with.</summary>
    private const string Prefix = "raftkv-";

    // Metadata of a name of RaftKv's own; HTTP's name for it, which REST has, is taken as well.
    private const string IdempotencyKey = "raftkv-idempotency-key";

    private readonly RpcContext _rpc;

    // Refers to it rather than to hold its keys: they are for the audit log alone.
    private RangeRequest? _range;

    public EtcdCall(NodeContext node, RpcContext rpc)
        : base(node)
    {
        _rpc = rpc;
        HasTerms = rpc.HasMetadata(Prefix) || rpc.Metadata(HeaderNames.IdempotencyKey).Count > 0;
        Share = rpc.Share;
        if (rpc.Caller is { } caller)
        {
            Access.Is(caller, rpc.Rule);
        }
    }

    /// <summary>True when the call has terms of its own.</summary>
    public bool HasTerms { get; }

    /// <inheritdoc/>
    public override KeyRange? Keys => _range?.Keys;

    /// <inheritdoc/>
    public override CallOrigin Origin => new("etcd", _rpc.Http.Connection.RemoteIpAddress);

    /// <inheritdoc/>
    public override string RequestId => RequestIds.Of(_rpc.Http);

    /// <summary>
    /// None for reads and writes, which end with their outcome, as their own time is over; what is asked of a lease is
    /// nobody's any more once its caller has gone.
    /// </summary>
    public override CancellationToken ClientGone => Kind == RequestKind.Other ? _rpc.Cancelled : CancellationToken.None;

    /// <summary>Says what range is going to be read, before the first view.</summary>
    /// <param name="rights">What it takes to be shown it.</param>
    public void WillRead(RangeRequest range, KeyRights rights)
    {
        _range = range;
        WillRead(range.Keys, rights);
    }

    /// <summary>Takes the terms of a read; serializable stands for eventual.</summary>
    public void BeginRead(bool isSerializable, TimeSpan patience)
    {
        ReadLevel byDefault = isSerializable ? ReadLevel.Eventual : ReadLevel.Linearizable;
        Begin(
            RequestKind.Read,
            HasTerms ? TermsParser.ParseRead(_rpc.Http.Request.Headers, default, Context.Tokens, byDefault) : CallTerms.Plain(byDefault),
            patience);
    }

    /// <summary>Asks of a lease, which has no terms of its own.</summary>
    public void BeginLease(TimeSpan patience) =>
        Begin(RequestKind.Other, CallTerms.Plain(ReadLevel.Linearizable), patience);

    /// <summary>Takes the terms of a write.</summary>
    public void BeginWrite(TimeSpan patience) => Begin(
        RequestKind.Write,
        HasTerms
            ? TermsParser.ParseWrite(_rpc.Http.Request.Headers, Context.Tokens, IdempotencyKey)
            : CallTerms.Plain(ReadLevel.Linearizable),
        patience);

    /// <summary>Notes that the answer is ready; one to a call with terms tells how they were kept.</summary>
    public void End()
    {
        if (HasTerms)
        {
            AnswerHeaders.Apply(this, _rpc.Http);
        }
        else
        {
            AnswerIsReady();
        }
    }

    /// <inheritdoc/>
    protected override byte[] HashPayload()
    {
        RequestTarget target = RequestTarget.Split(_rpc.Http.Features.Get<IHttpRequestFeature>()!.RawTarget);
        return IdempotencyHeader.Hash(_rpc.Http.Request.Method, target.Path, target.Query, _rpc.Request?.ToByteArray());
    }
}
