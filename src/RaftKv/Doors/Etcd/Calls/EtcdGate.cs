using System.Runtime.CompilerServices;
using RaftKv.Contract;
using RaftKv.Core;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Doors.Grpc;
using RaftKv.Doors.Http.Terms;
using RaftKv.Node;
using RaftKv.Service;
using RaftKv.Service.Access;
using RaftKv.Service.Reads;
using RaftKv.Service.Refusals;
using RaftKv.Service.Vocabulary;
using RaftKv.Service.Writes;
using Proto = RaftKv.Protocol.Etcd;
using RaftKv.Service.Calls;

namespace RaftKv.Doors.Etcd.Calls;

/// <summary>
/// What all services of the etcd API do with the node: propose, read, and head their answers. Any thread.
/// </summary>
internal sealed class EtcdGate
{
    // etcd's own patience with its defaults: five seconds and two elections.
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(7);

    private readonly ulong _clusterId;
    private readonly ulong _memberId;

    private readonly KvService _service;

    public EtcdGate(KvService service)
    {
        INode node = service.Node;
        _service = service;
        Node = node;
        Time = service.Time;
        _clusterId = node.Identity.ClusterId;
        _memberId = node.Identity.Id.Value;
        LeaseIds = new LeaseIdSource(_memberId, service.Time.GetUtcNow());
        EtcdGauges.Register(service.Context.Metrics, node);
    }

    public INode Node { get; }

    /// <summary>What all doors serve.</summary>
    public KvService Service => _service;

    public TimeProvider Time { get; }

    /// <summary>Ids for leases of callers who name none.</summary>
    public LeaseIdSource LeaseIds { get; }

    /// <summary>Holds room for a large answer until the call has ended; refuses when there is none in time.</summary>
    public async ValueTask HoldRoomAsync(RpcContext context, long bytes) =>
        context.Place = await _service.Context.Answers.TakeAsync(bytes, PatienceOf(context), context.Cancelled)
            ?? throw EtcdErrors.TooManyRequests();

    /// <summary>
    /// The same for the answer to what was changed: it can't be refused any more, so it waits as long as the caller does.
    /// </summary>
    public async ValueTask AwaitRoomAsync(RpcContext context, long bytes) =>
        context.Place = await _service.Context.Answers.TakeAsync(bytes, Timeout.InfiniteTimeSpan, context.Cancelled);

    /// <summary>How long to wait for the cluster.</summary>
    public static TimeSpan PatienceOf(RpcContext context) => context.TimeoutWithin(_patience);

    /// <summary>What stands in the head of an answer from a state of the store.</summary>
    public EtcdHead Head(Revision revision) => new(_clusterId, _memberId, revision, (ulong)Node.Status.Term.Value);

    /// <summary>The head of an answer from a state of the store.</summary>
    public Proto.ResponseHeader Header(Revision revision)
    {
        EtcdHead head = Head(revision);
        return new()
        {
            ClusterId = head.ClusterId,
            MemberId = head.MemberId,
            Revision = head.Revision.Value,
            RaftTerm = head.RaftTerm,
        };
    }

    /// <summary>The head of an answer that is not about the store: etcd leaves the revision out there.</summary>
    public Proto.ResponseHeader HeaderWithoutRevision() => Header(Revision.Zero);

    /// <summary>
    /// The view to read: linearizable, or this node's own when the caller asked for serializable reads, or as the call's
    /// own terms say.
    /// </summary>
    /// <param name="range">What is going to be read, when that is known.</param>
    /// <param name="rights">What it takes to be shown <paramref name="range"/>.</param>
    public ValueTask<StoreView> ReadAsync(
        RpcContext context, bool isSerializable, RangeRequest? range = null, KeyRights rights = KeyRights.Read)
    {
        EtcdCall call = BeginCall(context);
        if (range is not null)
        {
            call.WillRead(range, rights);
        }

        return ReadAsync(call, context, isSerializable);
    }

    /// <summary>The same for a caller of these keys.</summary>
    public ValueTask<StoreView> ReadAsync(RpcContext context, bool isSerializable, KeyRange keys, KeyRights rights = KeyRights.Read) =>
        ReadAsync(context, isSerializable, new RangeRequest { Keys = keys }, rights);

    /// <summary>A call of the service for one of etcd's.</summary>
    public EtcdCall BeginCall(RpcContext context) => new(_service.Context, context);

    /// <summary>The same for a call that has said what it is going to read.</summary>
    [AsyncMethodBuilder(typeof(CallTaskBuilder<>))]
    public async ValueTask<StoreView> ReadAsync(EtcdCall call, RpcContext context, bool isSerializable)
    {
        try
        {
            call.BeginRead(isSerializable, PatienceOf(context));
        }
        catch (ApiException e)
        {
            throw EtcdErrors.FromRefusal(e.Error);
        }

        ReadOutcome end = await ReadFlow.ReadAsync(call, call.Terms.Read);
        if (end.Leader is not null)
        {
            throw EtcdErrors.NotYet("calls are not passed on to the leader; ask it, or leave raftkv-on-unmet out");
        }

        if (end.Refusal is { } error)
        {
            EtcdErrors.ThrowForAccess(error);
            throw call.HasTerms || error.Code == ErrorCode.Overloaded
                ? EtcdErrors.FromRefusal(error)
                : EtcdErrors.FromRefusedBarrier(error.Code == ErrorCode.ShuttingDown);
        }

        call.End();
        return end.View!;
    }

    /// <summary>A call about leases that goes through no log.</summary>
    public EtcdCall BeginLease(RpcContext context)
    {
        var call = new EtcdCall(_service.Context, context);
        call.BeginLease(PatienceOf(context));
        return call;
    }

    /// <summary>
    /// Runs a command through the log and returns the store's answer, which is ok. The call's own end is not passed on:
    /// a caller that hangs up does not take back its write.
    /// </summary>
    [AsyncMethodBuilder(typeof(CallTaskBuilder<>))]
    public async ValueTask<CommandResult> ProposeAsync(RpcContext context, KvCommand command) =>
        EtcdErrors.Demand((await TryWriteAsync(BeginWrite(context), context, command)).Result!);

    /// <summary>As <see cref="ProposeAsync"/>, but what the store refused comes back as well.</summary>
    [AsyncMethodBuilder(typeof(CallTaskBuilder<>))]
    public async ValueTask<CommandResult> TryProposeAsync(RpcContext context, KvCommand command) =>
        (await TryWriteAsync(BeginWrite(context), context, command)).Result!;

    /// <summary>Where passwords are hashed, and tokens given.</summary>
    public AccessDesk Access => _service.Context.Access;

    /// <summary>The call of a write, with its terms.</summary>
    public EtcdCall BeginWrite(RpcContext context)
    {
        var call = new EtcdCall(_service.Context, context);
        try
        {
            call.BeginWrite(PatienceOf(context));
        }
        catch (ApiException e)
        {
            throw EtcdErrors.FromRefusal(e.Error);
        }

        return call.Terms.Concern == WriteConcern.Accepted
            ? throw EtcdErrors.NotYet("a call ends with its outcome, so it can't end when the write is accepted; nothing was applied")
            : call;
    }

    /// <summary>Runs a command; throws unless the store has judged it and it has reached whom it was to reach.</summary>
    [AsyncMethodBuilder(typeof(CallTaskBuilder<>))]
    public async ValueTask<WriteOutcome> TryWriteAsync(EtcdCall call, RpcContext context, KvCommand command)
    {
        WriteOutcome end;
        try
        {
            end = await _service.Writer.WriteAsync(call, command, WriteRules.Plain);
        }
        catch (ArgumentException)
        {
            // A key over 64 KiB, or more operations or levels than one entry takes: etcd has no such limits of its own,
            // so the error that its clients know for "too much" says it.
            throw EtcdErrors.RequestTooLarge();
        }

        if (end.WithoutRoom is not null)
        {
            return end;
        }

        if (end.Proposed is { } proposed && !end.IsApplied)
        {
            throw EtcdErrors.FromOutcome(proposed.Outcome);
        }

        if (!end.IsApplied)
        {
            throw end.Error!.Code == ErrorCode.TooLarge ? EtcdErrors.RequestTooLarge() : EtcdErrors.FromRefusal(end.Error);
        }

        if (end.IsReplayed)
        {
            context.Http.Response.Headers[HeaderNames.Replayed] = "true";
        }

        call.End();
        return end.Error?.Code == ErrorCode.WriteConcernUnmet ? throw EtcdErrors.ConcernUnmet() : end;
    }
}
