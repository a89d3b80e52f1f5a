using RaftKv.Core;
using RaftKv.Core.Calls;
using RaftKv.Core.Replica.Proposals;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Diagnostics;
using RaftKv.Diagnostics.Metrics;
using RaftKv.Doors.Etcd.Coordination;
using RaftKv.Doors.Grpc;
using RaftKv.Doors.Http.Terms;
using RaftKv.Doors.Rest;
using RaftKv.Node;
using Pb = RaftKv.Protocol.Etcd;

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

    private readonly RestServer _rest;
    private readonly Counter _failedProposals;

    public EtcdGate(RestServer rest)
    {
        INode node = rest.Node;
        _rest = rest;
        Node = node;
        Time = rest.Time;
        _clusterId = node.Identity.ClusterId;
        _memberId = node.Identity.Id.Value;
        LeaseIds = new LeaseIdSource(_memberId, rest.Time.GetUtcNow());
        _failedProposals = EtcdGauges.Register(rest.Metrics.Registry, node, rest.Metrics.WalSync);
    }

    public INode Node { get; }

    public TimeProvider Time { get; }

    /// <summary>Ids for leases of callers who name none.</summary>
    public LeaseIdSource LeaseIds { get; }

    /// <summary>Holds room for a large answer until the call has ended; refuses when there is none in time.</summary>
    public async ValueTask HoldRoomAsync(RpcContext context, long bytes) =>
        context.Place = await _rest.Answers.TakeAsync(bytes, PatienceOf(context), context.Cancelled) ?? throw EtcdErrors.TooManyRequests();

    /// <summary>How long to wait for the cluster.</summary>
    public static TimeSpan PatienceOf(RpcContext context) => context.TimeoutWithin(_patience);

    /// <summary>The head of an answer from a state of the store.</summary>
    public Pb.ResponseHeader Header(Revision revision) => new()
    {
        ClusterId = _clusterId,
        MemberId = _memberId,
        Revision = revision.Value,
        RaftTerm = (ulong)Node.Status.Term.Value,
    };

    /// <summary>The head of an answer that is not about the store: etcd leaves the revision out there.</summary>
    public Pb.ResponseHeader HeaderWithoutRevision() => Header(Revision.Zero);

    /// <summary>
    /// The view to read: after a read barrier, or this node's own when the caller asked for serializable reads.
    /// </summary>
    public async ValueTask<StoreView> ReadAsync(RpcContext context, bool isSerializable)
    {
        if (EtcdTerms.AreIn(context))
        {
            return await EtcdTerms.ReadAsync(_rest, context, isSerializable);
        }

        if (isSerializable)
        {
            return Node.View;
        }

        ReadBarrierResult barrier = await Node.ReadBarrierAsync(PatienceOf(context), CancellationToken.None);
        if (!barrier.IsGranted)
        {
            throw EtcdErrors.FromRefusedBarrier(barrier.IsShuttingDown);
        }

        Check.That(barrier.View is not null, "a granted read barrier carries a view");
        return barrier.View;
    }

    /// <summary>
    /// Runs a command through the log and returns the store's answer, which is ok. The call's own end is not passed on:
    /// a caller that hangs up does not take back its write.
    /// </summary>
    public async ValueTask<CommandResult> ProposeAsync(RpcContext context, KvCommand command)
    {
        CommandResult result = await TryProposeAsync(context, command);
        return result.Status == CommandStatus.Ok ? result : throw EtcdErrors.FromStore(result.Status);
    }

    /// <summary>As <see cref="ProposeAsync"/>, but what the store refused comes back as well.</summary>
    public async ValueTask<CommandResult> TryProposeAsync(RpcContext context, KvCommand command)
    {
        if (Node.View.RefusalForRoom(command) is { } refusal)
        {
            return refusal;
        }

        if (EtcdTerms.AreIn(context))
        {
            return await EtcdTerms.ProposeAsync(_rest, context, command);
        }

        byte[] envelope = Encode(command);
        ProposeResult proposed = await Node.ProposeAsync(envelope, PatienceOf(context), CancellationToken.None);
        if (proposed.Outcome != ProposalOutcome.Applied)
        {
            _failedProposals.Add();
            throw EtcdErrors.FromOutcome(proposed.Outcome);
        }

        Check.That(proposed.Result is not null, "an applied proposal carries its result");
        return proposed.Result;
    }

    private static byte[] Encode(KvCommand command)
    {
        try
        {
            return KvCommandCodec.Encode(command, CommandEnvelope.HeaderBytes);
        }
        catch (ArgumentException)
        {
            // A key over 64 KiB, or more operations or levels than one entry takes: etcd has no such limits of its own,
            // so the error that its clients know for "too much" says it.
            throw EtcdErrors.RequestTooLarge();
        }
    }
}
