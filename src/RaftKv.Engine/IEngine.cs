using RaftKv.Core;
using RaftKv.Core.Calls;
using RaftKv.Core.Reads;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;

namespace RaftKv.Engine;

/// <summary>
/// Consensus as doors and service see it: commands go in and come back applied, barriers are granted, a view and what is
/// proven about it are published. Safe from any thread. Nothing behind it knows HTTP, and nothing before it knows how
/// nodes agree. What an implementation must promise is in PROMISES.md beside this file, and tested by EngineConformance.
/// </summary>
public interface IEngine : IReadSource
{
    /// <summary>Most leases of one question.</summary>
    public const int MaxLeasesPerAsk = LeaseCall.MaxLeases;

    /// <summary>
    /// Bytes that <see cref="ProposeAsync"/> wants free before a command: the engine writes there what makes an entry of
    /// its own of it. Fixed for the life of the process.
    /// </summary>
    int HeadroomBytes { get; }

    /// <summary>Which engine it is, as <c>--engine</c> names it; fixed for the life of the process.</summary>
    string EngineName => EngineNames.Native;

    /// <summary>
    /// False for an engine whose leaders prove no lease: what a lease would serve is served by a quorum, and called linearizable.
    /// </summary>
    bool HasLeaderLeases => true;

    /// <summary>Who this node is; fixed for the life of the process.</summary>
    NodeIdentity Identity { get; }

    /// <summary>The newest picture of the engine; may be a few milliseconds old. Never null once started.</summary>
    EngineStatus Status { get; }

    /// <summary>The newest published view of the store. Never null once started.</summary>
    StoreView View { get; }

    /// <summary>What the node may use of memory; fixed for the life of the process.</summary>
    MemoryBudget Budget => new(MemoryBudget.MinBytes);

    /// <summary>The data directory and its disk; nothing for an engine that has none.</summary>
    DiskUse Disk => default;

    /// <summary>Starting, serving or draining.</summary>
    NodePhase Phase { get; }

    /// <summary>Names and addresses of the members, in the ordinal order of their names.</summary>
    IReadOnlyList<MemberInfo> Members { get; }

    /// <summary>
    /// Offers a command and waits until it is applied on this node. Cancelling the token ends the wait only: a command
    /// that was offered may still be applied, and the answer says so.
    /// </summary>
    /// <param name="envelope">From <see cref="KvCommandCodec.Encode"/> with <see cref="HeadroomBytes"/> free
    /// before it; owned by the engine from now on.</param>
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
    /// Waits until what a compaction made obsolete is removed from this node's view; false when it is not in time.
    /// </summary>
    ValueTask<bool> WaitForRemovalAsync(Revision compacted, TimeSpan timeout, CancellationToken cancellationToken);

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
    /// <param name="leases">1 to <see cref="MaxLeasesPerAsk"/>; must not change until the answer.</param>
    ValueTask<LeaseTimesResult> LeaseTimesAsync(IReadOnlyList<LeaseId> leases, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>Waits until a change of role, leader or phase; for health and tests.</summary>
    ValueTask<bool> WaitForLeaderAsync(TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>
    /// Changes the membership, at the leader, wherever it is, and waits until the change is in force for good and known here.
    /// The same change may be asked for again after <see cref="MemberChangeOutcome.Unknown"/>: nothing of it is done twice.
    /// </summary>
    /// <param name="change">Members that are named in none of its lists stay what they are.</param>
    ValueTask<MemberChangeAnswer> ChangeMembersAsync(MemberChange change, TimeSpan timeout, CancellationToken cancellationToken) =>
        ValueTask.FromResult(new MemberChangeAnswer(MemberChangeOutcome.Refused, MemberProblem.Unsupported));

    /// <summary>How far a member is, as the leader sees it, wherever that is; null when it is not known.</summary>
    ValueTask<MemberProgress?> ProgressOfAsync(NodeId member, TimeSpan timeout, CancellationToken cancellationToken) =>
        ValueTask.FromResult<MemberProgress?>(null);

    /// <summary>Ends with the next change of leadership or membership that this node learns of. Take it before looking.</summary>
    Task Changed => Task.Delay(Timeout.Infinite);

    /// <summary>
    /// Hands leadership to a voter and waits until this node sees it lead. False when that did not happen in time, another
    /// node leads in a later term, or this node did not lead; then nothing is promised of who leads.
    /// </summary>
    ValueTask<bool> TransferLeadershipAsync(NodeId target, TimeSpan timeout, CancellationToken cancellationToken);
}
