using RaftKv.Core;
using RaftKv.Core.Calls;

namespace RaftKv.Engine.Calls;

/// <summary>
/// The calls of <see cref="IEngine"/> as tasks: the same for every engine, which brings an <see cref="ICallInbox"/> into
/// its thread and answers there through <see cref="CallTable"/>. Any thread.
/// </summary>
/// <param name="tickMs">Length of the ticks by which the engine's table counts deadlines, in milliseconds.</param>
public sealed class EngineCalls(ICallInbox inbox, int tickMs)
{
    private readonly CallPool<AwaitedCall<ProposalCall, ProposeResult>> _proposals = new();
    private readonly CallPool<AwaitedCall<BarrierCall, ReadBarrierResult>> _barriers = new();
    private readonly CallPool<AwaitedCall<LeaseCall, LeaseTimesResult>> _leases = new();
    private volatile bool _isRefusingProposals;

    /// <summary>Every proposal from now on is answered as shutting down.</summary>
    public void RefuseProposals() => _isRefusingProposals = true;

    /// <summary>As <see cref="IEngine.ProposeAsync"/>.</summary>
    public ValueTask<ProposeResult> ProposeAsync(byte[] envelope, TimeSpan timeout, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_isRefusingProposals)
        {
            return new ValueTask<ProposeResult>(Refused(ProposalOutcome.ShuttingDown));
        }

        AwaitedCall<ProposalCall, ProposeResult> call = _proposals.Rent();
        call.Call.Begin(envelope, TicksOf(timeout));
        return call.TryPost(_proposals, inbox, envelope.Length, cancellationToken, out PostAnswer answer)
            ?? new ValueTask<ProposeResult>(
                Refused(answer == PostAnswer.Full ? ProposalOutcome.Overloaded : ProposalOutcome.ShuttingDown));
    }

    /// <summary>As <see cref="IEngine.ReadBarrierAsync(ReadDemand, TimeSpan, CancellationToken)"/>.</summary>
    public ValueTask<ReadBarrierResult> ReadBarrierAsync(ReadDemand demand, TimeSpan timeout, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        AwaitedCall<BarrierCall, ReadBarrierResult> call = _barriers.Rent();
        call.Call.Begin(demand, TicksOf(timeout));
        return call.TryPost(_barriers, inbox, bytes: 0, cancellationToken, out PostAnswer answer)
            ?? new ValueTask<ReadBarrierResult>(ReadBarrierResult.Refused(isShuttingDown: answer == PostAnswer.Closed));
    }

    /// <summary>As <see cref="IEngine.KeepAliveAsync"/> and <see cref="IEngine.LeaseTimesAsync"/>.</summary>
    public ValueTask<LeaseTimesResult> AskLeasesAsync(
        IReadOnlyList<LeaseId> leases, bool isRenewal, TimeSpan timeout, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfZero(leases.Count, nameof(leases));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(leases.Count, IEngine.MaxLeasesPerAsk, nameof(leases));
        cancellationToken.ThrowIfCancellationRequested();
        AwaitedCall<LeaseCall, LeaseTimesResult> call = _leases.Rent();
        call.Call.Begin(leases, isRenewal, TicksOf(timeout));
        return call.TryPost(_leases, inbox, leases.Count * sizeof(long), cancellationToken, out PostAnswer answer)
            ?? new ValueTask<LeaseTimesResult>(LeaseTimesResult.Refused(isShuttingDown: answer == PostAnswer.Closed));
    }

    /// <summary>
    /// Lets the thread pool bring these results to their callers, several with one work item. The engine's thread only;
    /// the list may be cleared afterwards.
    /// </summary>
    public static void Publish(List<Call> decided) => CompletionBatch.Publish(decided);

    /// <summary>A caller's patience in ticks, rounded up; a negative one is "for ever" by the habit of .NET.</summary>
    internal long TicksOf(TimeSpan patience) =>
        patience < TimeSpan.Zero ? int.MaxValue : (long)Math.Min(Math.Ceiling(patience.TotalMilliseconds / tickMs), int.MaxValue);

    private static ProposeResult Refused(ProposalOutcome outcome) => new(outcome, null, EntryId.Zero, null, default);
}
