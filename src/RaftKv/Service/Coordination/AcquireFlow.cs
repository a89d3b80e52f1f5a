using System.Text.Json;
using RaftKv.Core;
using RaftKv.Core.Calls;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Locks;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Tree;
using RaftKv.Doors.Http;
using RaftKv.Doors.Http.Terms;
using RaftKv.Doors.Rest.Coordination;
using RaftKv.Node;
using RaftKv.Service.Operations;
using RaftKv.Service.Refusals;
using RaftKv.Watch;

namespace RaftKv.Service.Coordination;

/// <summary>
/// Takes a place in a queue, waits until it holds, and answers; or leaves the queue, whatever ends the wait: its time,
/// the client that went away, the node that leaves. After each wake it looks at its own place first: one whose lease
/// ended while it waited holds nothing. One flow only.
/// </summary>
internal sealed class AcquireFlow(Exchange exchange, AcquireTerms terms)
{
    private const int LeaveAttempts = 3;

    private static readonly TimeSpan _leaveTimeout = TimeSpan.FromSeconds(5);

    // For the look-up of an outcome that was unknown.
    private static readonly WriteKind _kind = new() { WriteBody = WriteOutcome };

    private readonly WatchHub _hub = exchange.Node.Watches;
    private readonly long _startedAt = exchange.Node.Watches.Time.GetTimestamp();
    private long _renewedAt = exchange.Node.Watches.Time.GetTimestamp();
    private KeyValue? _place;
    private StoreView? _view;

    /// <summary>Takes, waits, answers.</summary>
    public async Task RunAsync()
    {
        // Danger: 1. The place is on its way. 2. The node drains: nobody waits yet, so nobody is waited for. 3. The place
        // comes, and can't be given back any more. So the hub knows of the request before its place is asked for.
        AcquireOp place = terms.Operation;
        byte[] key = LockKeys.KeyOf(place.Kind, place.Name.Span, place.Mode, place.Lease);
        using Watcher? presence = place.IsTry ? null : Watchers.Open(exchange, WatchSelector.OfKey(key));
        ProposeResult proposed = await exchange.ProposeAsync(exchange.Seal(new MutateCommand(terms.Operation)));
        if (proposed.Outcome != ProposalOutcome.Applied)
        {
            await RefuseAsync(proposed);
            return;
        }

        CommandResult result = proposed.Result!;
        if (result.IsReplayed)
        {
            exchange.Context.Response.Headers[HeaderNames.Replayed] = "true";
        }

        _view = proposed.View!;
        if (result.Status != CommandStatus.Ok)
        {
            ApiError error = ErrorMapper.FromStore(result);
            await ProblemWriter.SendAsync(exchange, result.Status == CommandStatus.LockHeld ? await WithHoldersAsync(error) : error);
            return;
        }

        var acquired = (AcquireResult)result.Result!;
        _place = acquired.Entry;
        if (result.IsReplayed && !acquired.IsHolder && !await TakeOverAsync())
        {
            return;
        }

        if (OwnEntry(out LockQueue queue) is { IsHolder: false } waiting)
        {
            await WaitAsync(queue, waiting);
        }
        else
        {
            await SendAsync();
        }
    }

    // The request that came first had to wait: it may do so still, or be about to give its place back. Asking again,
    // without the key, makes the place this request's (see CommandExecutor.AcquireAgain). False when the answer was sent.
    private async Task<bool> TakeOverAsync()
    {
        ProposeResult proposed = await exchange.ProposeAsync(new MutateCommand(
            terms.Operation with { Lease = _place!.Lease, TtlMs = 0, IsTry = false },
            IsStill(CompareTarget.CreateRevision, _place.CreateRevision)));
        if (proposed.Outcome != ProposalOutcome.Applied)
        {
            await ProblemWriter.SendAsync(exchange, WriteFlow.FailureOf(exchange, proposed, _kind));
            return false;
        }

        _view = proposed.View!;
        if (proposed.Result!.Status == CommandStatus.Ok)
        {
            _place = ((AcquireResult)proposed.Result.Result!).Entry;
            return true;
        }

        await ProblemWriter.SendAsync(exchange, PlaceIsGone());
        return false;
    }

    private Compare IsStill(CompareTarget target, Revision revision) =>
        new(KeyRange.Single(_place!.Key), target, CompareOperator.Equal, revision.Value, default);

    private async Task WaitAsync(LockQueue queue, LockEntry waiting)
    {
        using QueueWait wait = await OpenWaitAsync();
        LockEntry? own = waiting;
        while (own is { IsHolder: false })
        {
            TimeSpan left = terms.Wait - _hub.Time.GetElapsedTime(_startedAt);
            WatchWake wake = left > TimeSpan.Zero
                ? await wait.ChangedAsync(queue, own, _view!.Revision.Next, Shorter(left, UntilRenewal()))
                : WatchWake.Due;
            StoreView newest = _hub.View;
            _view = newest.Revision > _view!.Revision ? newest : _view;
            own = OwnEntry(out queue);
            if (wake is WatchWake.Stopping or WatchWake.Cancelled || (left <= TimeSpan.Zero && own is { IsHolder: false }))
            {
                await LeaveAsync();
                await TellAsync(wake);
                return;
            }

            await RenewAsync();
        }

        exchange.Advanced(_view!);
        await RenewAsync(isForced: true);
        if (exchange.Context.RequestAborted.IsCancellationRequested)
        {
            await LeaveAsync();
            return;
        }

        await SendAsync();
    }

    private async ValueTask<QueueWait> OpenWaitAsync()
    {
        try
        {
            return new QueueWait(exchange, _place!.Key);
        }
        catch (ApiException)
        {
            await LeaveAsync();
            throw;
        }
    }

    private LockEntry? OwnEntry(out LockQueue queue)
    {
        queue = _view!.GetLockQueue(terms.Kind, terms.Name);
        return queue.Find(_place!.CreateRevision);
    }

    // The end of a wait that did not lead to holding.
    private async Task TellAsync(WatchWake wake)
    {
        if (wake == WatchWake.Cancelled)
        {
            return;
        }

        exchange.Advanced(_view!);
        await ProblemWriter.SendAsync(
            exchange,
            wake == WatchWake.Stopping
                ? ErrorMapper.FromRefusedBarrier(isShuttingDown: true, exchange.Node.Phase)
                : await WithHoldersAsync(ErrorMapper.LockHeld()));
    }

    private Task SendAsync()
    {
        if (OwnEntry(out _) is not { IsHolder: true } own)
        {
            return ProblemWriter.SendAsync(exchange, PlaceIsGone());
        }

        JsonAnswer answer = JsonAnswer.Rent();
        WriteGrant(answer.Json, own);
        return AnswerWriter.SendJsonAsync(exchange, answer, SuccessStatus.Created);
    }

    private static ApiError PlaceIsGone() =>
        new(ErrorCode.LeaseNotFound, "The place is gone: its lease ended, or it was released, since the request was first made.");

    private void WriteGrant(Utf8JsonWriter json, LockEntry own)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, terms.Name);
        if (terms.Kind == LockKind.Election)
        {
            json.WriteNumber("token"u8, own.Token.Value);
            PairWriter.WriteValue(json, own.Owner.Span, isBase64: false);
        }
        else
        {
            json.WriteString("kind"u8, QueueNames.WordOf(terms.Kind));
            json.WriteString("mode"u8, QueueNames.WordOf(own.Mode));
            json.WriteNumber("fencingToken"u8, own.Token.Value);
            json.WriteString("owner"u8, own.Owner.Span);
        }

        json.WriteString("lease"u8, own.Lease.ToString());
        json.WriteNumber("ttlMs"u8, _view!.GetLease(own.Lease)?.TtlMs ?? 0);
        PairWriter.WriteKey(json, own.Pair.Key.Span);
        json.WriteNumber("revision"u8, _view.Revision.Value);
        json.WriteEndObject();
    }

    private async ValueTask<ApiError> WithHoldersAsync(ApiError error)
    {
        LockQueue queue = _view!.GetLockQueue(terms.Kind, terms.Name);
        IReadOnlyList<LeaseTime> times = await QueueWriter.TimesOfAsync(exchange.Node, queue);
        return error with
        {
            WriteMore = json =>
            {
                QueueWriter.WriteHolders(json, queue, times);
                json.WriteNumber("queueLength"u8, queue.WaiterCount);
            },
        };
    }

    private async Task RefuseAsync(ProposeResult proposed)
    {
        // The lease and the place may be there. Who sent an idempotency key will ask again; for anybody else they are
        // of no use.
        if (proposed.Outcome == ProposalOutcome.Unknown && terms.MakesLease && !exchange.Terms.IsOnce)
        {
            _ = LeaveAsync();
        }

        await ProblemWriter.SendAsync(exchange, WriteFlow.FailureOf(exchange, proposed, _kind));
    }

    // While a lease that was made for this request waits, nobody else keeps it alive.
    private TimeSpan UntilRenewal() => terms.MakesLease
        ? Longer(TimeSpan.FromMilliseconds(terms.OwnTtlMs / 3.0) - _hub.Time.GetElapsedTime(_renewedAt), TimeSpan.FromMilliseconds(1))
        : TimeSpan.FromSeconds(10);

    private async ValueTask RenewAsync(bool isForced = false)
    {
        if (!terms.MakesLease || (!isForced && UntilRenewal() > TimeSpan.FromMilliseconds(1)))
        {
            return;
        }

        _renewedAt = _hub.Time.GetTimestamp();
        TimeSpan timeout = Shorter(TimeSpan.FromMilliseconds(terms.OwnTtlMs), TimeSpan.FromSeconds(1));
        await exchange.Node.KeepAliveAsync(terms.Lease, timeout, CancellationToken.None);
    }

    // Deletes its own place unless somebody has asked for it again, and then the lease when it was made for it.
    private async Task LeaveAsync()
    {
        if (_place is not null)
        {
            var leave = new MutateCommand(new DeleteRangeOp(KeyRange.Single(_place.Key)), IsStill(CompareTarget.ModRevision, _place.ModRevision));
            if (await SettleAsync(leave) != CommandStatus.Ok)
            {
                return;
            }
        }

        if (terms.MakesLease)
        {
            await SettleAsync(new RevokeLeaseCommand(_place?.Lease ?? terms.Lease));
        }
    }

    // A leader that is missing for a while is waited for: a place of a client's own lease would else stay as long as that
    // lives. Null when there was none.
    private async Task<CommandStatus?> SettleAsync(KvCommand command)
    {
        for (int attempt = 0; attempt < LeaveAttempts; attempt++)
        {
            ProposeResult settled = await exchange.Node.ProposeAsync(Exchange.Encode(command), _leaveTimeout, CancellationToken.None);
            _view = settled.View ?? _view;
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

    private static void WriteOutcome(Utf8JsonWriter json, CommandResult result)
    {
        var acquired = (AcquireResult)result.Result!;
        json.WriteStartObject();
        json.WriteNumber("fencingToken"u8, acquired.Token.Value);
        json.WriteString("lease"u8, acquired.Entry.Lease.ToString());
        json.WriteBoolean("holder"u8, acquired.IsHolder);
        json.WriteNumber("revision"u8, result.Revision.Value);
        json.WriteEndObject();
    }

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static TimeSpan Longer(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
