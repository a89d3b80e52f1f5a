using RaftKv.Core.Calls;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Tree;
using RaftKv.Core;
using RaftKv.Service.Calls;
using RaftKv.Watch;

namespace RaftKv.Service.Coordination;

/// <summary>How a wait for a place to hold ended.</summary>
internal enum AcquireEnd
{
    /// <summary>It holds.</summary>
    Held = 0,

    /// <summary>The place is gone: its lease ended, or somebody released it.</summary>
    Gone = 1,

    /// <summary>The time was over; the place was given back.</summary>
    TimedOut = 2,

    /// <summary>Nobody waits for the answer any more; the place was given back.</summary>
    ClientGone = 3,

    /// <summary>The node leaves; the place was given back.</summary>
    Stopping = 4,

    /// <summary>Too many wait on this node; the place was given back.</summary>
    TooMany = 5,
}

/// <summary>
/// The one way in which a lock, a semaphore's place or a leadership is waited for, at whichever door: after each wake it
/// looks at its own place first (one whose lease ended while it waited holds nothing), and whatever ends the wait without
/// holding gives the place back. One flow only.
/// </summary>
/// <param name="gone">Ends when nobody waits for the answer any more.</param>
internal sealed class Acquisition(ServiceCall call, IPlaceLine line, CancellationToken gone)
{
    private const int LeaveAttempts = 3;

    private static readonly TimeSpan _leaveTimeout = TimeSpan.FromSeconds(5);

    private readonly WatchHub _hub = call.Node.Watches;
    private readonly long _startedAt = call.Node.Watches.Time.GetTimestamp();
    private long _renewedAt = call.Node.Watches.Time.GetTimestamp();

    /// <summary>The place; null until it was taken.</summary>
    public KeyValue? Place { get; private set; }

    /// <summary>The newest view that the place was looked up in; null before it was taken.</summary>
    public StoreView? View { get; private set; }

    /// <summary>The lease that was made for this call and nobody else keeps alive; none when the client brought its own.</summary>
    public LeaseId OwnLease { get; init; }

    /// <summary>Life of <see cref="OwnLease"/>; 0 when there is none.</summary>
    public long OwnTtlMs { get; init; }

    /// <summary>Tells of the place that was taken or found.</summary>
    public void Take(KeyValue place, StoreView view)
    {
        Place = place;
        View = view;
    }

    /// <summary>Where the place stands now.</summary>
    public PlaceState State => line.StateOf(View!, Place!);

    /// <summary>Waits until the place holds, at most so long; infinite for as long as the client waits.</summary>
    public async ValueTask<AcquireEnd> HoldAsync(TimeSpan wait)
    {
        PlaceState state = State;
        if (state.Standing != PlaceStanding.Waits)
        {
            return state.Standing == PlaceStanding.Holds ? AcquireEnd.Held : AcquireEnd.Gone;
        }

        call.Share?.Rest();
        using PlaceWait? waiting = PlaceWait.TryOpen(_hub, Place!.Key, gone);
        AcquireEnd? end = waiting is null ? AcquireEnd.TooMany : null;
        while (end is null && state.Standing == PlaceStanding.Waits)
        {
            (state, end) = await WakeAsync(waiting!, state, wait);
        }

        if (end is not null)
        {
            await LeaveAsync();
            return end.Value;
        }

        await RenewAsync(isForced: true);
        if (gone.IsCancellationRequested)
        {
            await LeaveAsync();
            return AcquireEnd.ClientGone;
        }

        return state.Standing == PlaceStanding.Holds ? AcquireEnd.Held : AcquireEnd.Gone;
    }

    /// <summary>
    /// Deletes the place unless somebody has asked for it again, and then the lease when it was made for this call. No right of
    /// the caller's is asked for: what this call made goes, whatever he may do by now.
    /// </summary>
    public async Task LeaveAsync()
    {
        if (Place is not null)
        {
            KeyRange key = KeyRange.Single(Place.Key);
            var leave = new MutateCommand(
                new DeleteRangeOp(key),
                new Compare(key, CompareTarget.ModRevision, CompareOperator.Equal, Place.ModRevision.Value, default));
            if (await SettleAsync(leave) != CommandStatus.Ok)
            {
                return;
            }
        }

        if (OwnTtlMs > 0)
        {
            await SettleAsync(new RevokeLeaseCommand(Place?.Lease ?? OwnLease));
        }
    }

    // One wait: where the place stands then, and why the whole is over, if it is.
    private async ValueTask<(PlaceState State, AcquireEnd? End)> WakeAsync(PlaceWait waiting, PlaceState state, TimeSpan wait)
    {
        bool isEndless = wait == Timeout.InfiniteTimeSpan;
        TimeSpan left = isEndless ? TimeSpan.MaxValue : wait - _hub.Time.GetElapsedTime(_startedAt);
        WatchWake? wake = left > TimeSpan.Zero
            ? await waiting.ChangedAsync(state.Ahead!, View!.Revision.Next, Shorter(left, UntilRenewal()))
            : WatchWake.Due;
        StoreView newest = _hub.View;
        View = newest.Revision > View!.Revision ? newest : View;
        state = State;
        switch (wake)
        {
            case null:
                return (state, AcquireEnd.TooMany);
            case WatchWake.Stopping:
                return (state, AcquireEnd.Stopping);
            case WatchWake.Cancelled:
                return (state, AcquireEnd.ClientGone);
        }

        if (left <= TimeSpan.Zero && state.Standing == PlaceStanding.Waits)
        {
            return (state, AcquireEnd.TimedOut);
        }

        await RenewAsync();
        return (state, null);
    }

    // While a lease that was made for this call waits, nobody else keeps it alive.
    private TimeSpan UntilRenewal() => OwnTtlMs > 0
        ? Longer(TimeSpan.FromMilliseconds(OwnTtlMs / 3.0) - _hub.Time.GetElapsedTime(_renewedAt), TimeSpan.FromMilliseconds(1))
        : TimeSpan.FromSeconds(10);

    private async ValueTask RenewAsync(bool isForced = false)
    {
        if (OwnTtlMs == 0 || (!isForced && UntilRenewal() > TimeSpan.FromMilliseconds(1)))
        {
            return;
        }

        _renewedAt = _hub.Time.GetTimestamp();
        TimeSpan timeout = Shorter(TimeSpan.FromMilliseconds(OwnTtlMs), TimeSpan.FromSeconds(1));
        await call.Node.KeepAliveAsync(OwnLease, timeout, CancellationToken.None);
    }

    // A leader that is missing for a while is waited for: a place of a client's own lease would else stay as long as that
    // lives. Null when there was none.
    private async Task<CommandStatus?> SettleAsync(KvCommand command)
    {
        for (int attempt = 0; attempt < LeaveAttempts; attempt++)
        {
            ProposeResult settled = await call.Node.ProposeAsync(call.EncodeOwn(command), _leaveTimeout, CancellationToken.None);
            View = settled.View ?? View;
            if (settled.Outcome == ProposalOutcome.Applied)
            {
                return settled.Result!.Status;
            }

            if (settled.Outcome == ProposalOutcome.ShuttingDown)
            {
                break;
            }
        }

        return null;
    }

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static TimeSpan Longer(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
