using RaftKv.Core.Store;
using RaftKv.Core.Store.Reading;

namespace RaftKv.Core.Calls;

/// <summary>Names a proposal for ever: origin, its incarnation, its number.</summary>
public readonly record struct OperationId(NodeId Origin, ulong Incarnation, long Number)
{
    /// <summary>The form that the API shows: three hex fields.</summary>
    public override string ToString() => $"{Origin.Value:x16}-{Incarnation:x16}-{Number:x}";
}

/// <summary>How a proposal ended for its caller.</summary>
/// <param name="Entry">Where it was applied; zero unless applied.</param>
/// <param name="View">The view that was published with the entry's batch; null unless applied.</param>
/// <param name="OperationId">Names the proposal for <c>GET /operations/{id}</c>.</param>
public readonly record struct ProposeResult(
    ProposalOutcome Outcome, CommandResult? Result, EntryId Entry, StoreView? View, OperationId OperationId);

/// <summary>How a read barrier ended for its caller.</summary>
/// <param name="IsGranted">False: no leader could be confirmed in time.</param>
/// <param name="View">A view that has the read index applied; null when refused.</param>
public readonly record struct ReadBarrierResult(bool IsGranted, bool IsShuttingDown, Term Term, LogIndex ReadIndex, StoreView? View)
{
    /// <summary>Read nothing.</summary>
    public static ReadBarrierResult Refused(bool isShuttingDown) => new(IsGranted: false, isShuttingDown, Term.Zero, LogIndex.Zero, null);
}

/// <summary>How a question about leases ended for its caller.</summary>
/// <param name="IsGranted">False: no leader answered in time.</param>
/// <param name="Times">In the order asked, also for leases that do not live; empty when refused.</param>
public readonly record struct LeaseTimesResult(bool IsGranted, bool IsShuttingDown, IReadOnlyList<LeaseTime> Times)
{
    /// <summary>Nothing is known.</summary>
    public static LeaseTimesResult Refused(bool isShuttingDown) => new(IsGranted: false, isShuttingDown, []);
}
