using RaftKv.Core;
using RaftKv.Core.Calls;
using RaftKv.Core.Reads;
using RaftKv.Core.Replica;
using RaftKv.Core.Replica.Proposals;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;

namespace RaftKv.Engine;

/// <summary>
/// Consensus as doors and service see it: commands go in and come back applied, barriers are granted, a view and what is
/// proven about it are published. Safe from any thread. Nothing behind it knows HTTP, and nothing before it knows how
/// nodes agree. What an implementation must promise is in PROMISES.md beside this file, and tested by EngineConformance.
/// </summary>
public interface IEngine : IReadSource
{
    /// <summary>Who this node is; fixed for the life of the process.</summary>
    NodeIdentity Identity { get; }

    /// <summary>The newest picture of the replica; may be a few milliseconds old. Never null once started.</summary>
    ReplicaStatus Status { get; }

    /// <summary>The newest published view of the store. Never null once started.</summary>
    StoreView View { get; }

    /// <summary>What the node may use of memory; fixed for the life of the process.</summary>
    MemoryBudget Budget => new(MemoryBudget.MinBytes);

    /// <summary>Starting, serving or draining.</summary>
    NodePhase Phase { get; }

    /// <summary>Names and addresses of the members, in the order of the cluster list.</summary>
    IReadOnlyList<MemberInfo> Members { get; }

    /// <summary>
    /// Offers a command and waits until it is applied on this node. Cancelling the token ends the wait only: a command
    /// that was offered may still be applied, and the answer says so.
    /// </summary>
    /// <param name="envelope">From <see cref="KvCommandCodec.Encode"/> with <see cref="CommandEnvelope.HeaderBytes"/>
    /// of headroom; owned by the node from now on.</param>
    /// <param name="timeout">How long to wait; after it the answer is unknown, or no-leader when surely not
    /// applied.</param>
    ValueTask<ProposeResult> ProposeAsync(byte[] envelope, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>
    /// Waits until <see cref="View"/> has everything that was acknowledged anywhere before the call (ReadIndex).
    /// Refused means: read nothing.
    /// </summary>
    ValueTask<ReadBarrierResult> ReadBarrierAsync(TimeSpan timeout, CancellationToken cancellationToken) =>
        ReadBarrierAsync(default, timeout, cancellationToken);

    /// <summary>
    /// As the other, with what the reader can do without. Take a new <see cref="ReadPoint"/> after the grant: it is at
    /// least as new as the result's view.
    /// </summary>
    ValueTask<ReadBarrierResult> ReadBarrierAsync(ReadDemand demand, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>
    /// Waits until <see cref="ReadPoint"/>'s view has the revision; false when it has not in time. Nobody is asked for
    /// it.
    /// </summary>
    ValueTask<bool> WaitForRevisionAsync(Revision revision, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>
    /// Waits until every voter has applied the log up to there; false when that is not known in time. While somebody
    /// waits, the leader asks all voters once a tick.
    /// </summary>
    ValueTask<bool> WaitForAllAppliedAsync(LogIndex index, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>
    /// Raised when the outcome of a proposal that was answered as unknown is known after all: applied, or
    /// <see cref="ProposalOutcome.NoLeader"/> for surely without effect. On a thread of the pool. Not every one comes.
    /// </summary>
    event Action<ProposeResult> LateOutcome
    {
        add { }
        remove { }
    }

    /// <summary>
    /// Renews a lease at the leader, wherever it is, and says how long it lives. Nothing is logged. The time counts from the
    /// moment when the request was sent, not from the answer; one that is refused may have renewed all the same.
    /// </summary>
    ValueTask<LeaseTimesResult> KeepAliveAsync(LeaseId lease, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>Asks the leader how long leases still live, and renews nothing.</summary>
    /// <param name="leases">1 to <see cref="ReplicaCore.MaxLeasesPerAsk"/>; must not change until the answer.</param>
    ValueTask<LeaseTimesResult> LeaseTimesAsync(IReadOnlyList<LeaseId> leases, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>Waits until a change of role, leader or phase; for health and tests.</summary>
    ValueTask<bool> WaitForLeaderAsync(TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>
    /// Hands leadership to a voter and waits until this node sees it lead. False when that did not happen in time, or
    /// this node did not lead; then nothing is promised of who leads.
    /// </summary>
    ValueTask<bool> TransferLeadershipAsync(NodeId target, TimeSpan timeout, CancellationToken cancellationToken);
}
