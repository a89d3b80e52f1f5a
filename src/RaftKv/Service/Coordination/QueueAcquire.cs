using RaftKv.Core.Calls;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Locks;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Rights;
using RaftKv.Core.Store.Tree;
using RaftKv.Node;
using RaftKv.Service.Calls;
using RaftKv.Service.Refusals;
using RaftKv.Service.Writes;
using RaftKv.Watch;

namespace RaftKv.Service.Coordination;

/// <summary>How an <see cref="AcquireOrder"/> ended; neither place nor error when nobody is left to be told.</summary>
/// <param name="Own">The place that holds; null when none does.</param>
/// <param name="View">The view in which it was seen; null when nothing was written.</param>
/// <param name="IsReplayed">It is the repeat of a keyed call.</param>
internal readonly record struct QueueGrant(LockEntry? Own, ApiError? Error, StoreView? View, bool IsReplayed);

/// <summary>Takes a place in one of RaftKv's own queues and waits until it holds. One flow only.</summary>
internal sealed class QueueAcquire(ServiceCall call, Writer writer, AcquireOrder order, WriteRules rules)
{
    private readonly Acquisition _acquisition = new(call, new QueueLine(order.Kind, order.Name), call.ClientGone)
    {
        OwnLease = order.Lease,
        OwnTtlMs = order.OwnTtlMs,
    };

    private bool _isReplayed;

    /// <summary>Takes and waits.</summary>
    public async Task<QueueGrant> RunAsync()
    {
        if (call.Share?.Enter(new MutateCommand(order.Operation)) is { } tooMuch)
        {
            return Refused(tooMuch);
        }

        if (!writer.KeysInFlight.TryEnter(call.User, call.Terms, out KeysInFlight.Entry inFlight))
        {
            return Refused(ErrorMapper.InFlight());
        }

        using (inFlight)
        {
            // Danger: 1. The place is on its way. 2. The node drains: nobody waits yet, so nobody is waited for. 3. The
            // place comes, and can't be given back any more. So the hub knows of the call before its place is asked for.
            AcquireOp place = order.Operation;
            byte[] key = LockKeys.KeyOf(place.Kind, place.Name.Span, place.Mode, place.Lease);
            using Watcher? presence = place.IsTry ? null : call.Node.Watches.TryOpen(WatchSelector.OfKey(key), call.ClientGone);
            return presence is null && !place.IsTry ? Refused(ErrorMapper.TooManyWatchers()) : await TakeAsync();
        }
    }

    private async ValueTask<QueueGrant> TakeAsync()
    {
        call.WillRead(UserRights.QueueOf(order.Kind, order.Name));
        WriteOutcome entered = await writer.ProposeAsync(call, call.Seal(new MutateCommand(order.Operation)), rules);
        if (!entered.IsApplied)
        {
            // The lease and the place may be there. Who sent an idempotency key will ask again; for anybody else they
            // are of no use.
            if (entered.Proposed is { Outcome: ProposalOutcome.Unknown } && order.MakesLease && !call.Terms.IsOnce)
            {
                _ = _acquisition.LeaveAsync();
            }

            return Refused(entered.Error!);
        }

        _isReplayed = entered.IsReplayed;
        StoreView view = entered.Proposed!.Value.View!;
        if (entered.Error is { } error)
        {
            return Refused(error, view);
        }

        var acquired = (AcquireResult)entered.Result!.Result!;
        _acquisition.Take(acquired.Entry, view);
        return _isReplayed && !acquired.IsHolder && await TakeOverAsync(acquired.Entry) is { } failed ? Refused(failed) : await HoldAsync();
    }

    // The call that came first had to wait: it may do so still, or be about to give its place back. Asking again,
    // without the key, makes the place this call's (see CommandExecutor.AcquireAgain). Null when it is.
    private async ValueTask<ApiError?> TakeOverAsync(KeyValue place)
    {
        WriteOutcome again = await writer.ProposeAsync(
            call,
            new MutateCommand(
                order.Operation with { Lease = place.Lease, TtlMs = 0, IsTry = false },
                new Compare(
                    KeyRange.Single(place.Key), CompareTarget.CreateRevision, CompareOperator.Equal, place.CreateRevision.Value, default)),
            rules);
        if (!again.IsApplied)
        {
            return again.Error;
        }

        if (again.Error is not null)
        {
            return PlaceIsGone();
        }

        _acquisition.Take(((AcquireResult)again.Result!.Result!).Entry, again.Proposed!.Value.View!);
        return null;
    }

    private async ValueTask<QueueGrant> HoldAsync()
    {
        StoreView before = _acquisition.View!;
        AcquireEnd end = await _acquisition.HoldAsync(order.Wait);
        StoreView view = _acquisition.View!;
        if (!ReferenceEquals(before, view))
        {
            call.Advanced(view);
        }

        // Whoever lost the right while waiting holds nothing: the place is given back, or ends with its lease.
        if (end == AcquireEnd.Held && call.RefusalFor(view) is { } denied)
        {
            await _acquisition.LeaveAsync();
            return Refused(denied, view);
        }

        return end switch
        {
            AcquireEnd.Held => new QueueGrant(
                view.GetLockQueue(order.Kind, order.Name).Find(_acquisition.Place!.CreateRevision), Error: null, view, _isReplayed),
            AcquireEnd.Gone => Refused(PlaceIsGone(), view),
            AcquireEnd.TimedOut => Refused(ErrorMapper.LockHeld(), view),
            AcquireEnd.Stopping => Refused(ErrorMapper.FromRefusedBarrier(isShuttingDown: true, call.Node.Phase), view),
            AcquireEnd.TooMany => Refused(ErrorMapper.TooManyWatchers(), view),
            _ => new QueueGrant(Own: null, Error: null, view, _isReplayed),
        };
    }

    private QueueGrant Refused(ApiError error, StoreView? view = null) => new(Own: null, error, view, _isReplayed);

    private static ApiError PlaceIsGone() =>
        new(ErrorCode.LeaseNotFound, "The place is gone: its lease ended, or it was released, since the request was first made.");
}
