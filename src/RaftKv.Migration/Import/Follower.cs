using Google.Protobuf;
using Grpc.Core;
using RaftKv.Migration.Etcd;
using RaftKv.Migration.Keys;
using RaftKv.Protocol.Etcd;

namespace RaftKv.Migration.Import;

/// <summary>
/// Watches the source and writes what changes there, a transaction for each revision; a revision that does not fit into one is
/// written in several, in order. One watch from the first range to the last: several would tear revisions apart.
/// </summary>
internal sealed class Follower(
    EtcdPeer source, SourceState state, ImportTarget target, IReadOnlyList<KeyRange> ranges, Func<ByteString, bool> isLeftOut,
    LeaseKeeper leases, ImportOrder order, TimeProvider time, Action<string> say)
{
    private static readonly TimeSpan _step = TimeSpan.FromMilliseconds(200);

    private readonly List<Change> _changes = [];
    private ImportProgress _progress = null!;
    private long _revisionOfChanges;
    private long _reported;

    // What the source says that it has told, and what it had said when it was reported last.
    private long _heard;
    private long _heardBefore;

    /// <summary>How far it is, to go on from.</summary>
    public ImportProgress Progress => _progress;

    /// <summary>
    /// The newest revision up to which the source says that it has told everything. An etcd before 3.4.25 may say so a moment too
    /// early, so that nothing goes on from here: only a comparison is made of it, and what comes late is applied.
    /// </summary>
    public long ReachedRevision => Math.Max(_progress.Revision, _heard);

    /// <summary>Goes on from there until something else is to be done.</summary>
    /// <param name="isCutOverWanted">Asked often; once true, it ends when it has caught up.</param>
    public async Task<FollowEnd> RunAsync(ImportProgress from, Func<bool> isCutOverWanted, CancellationToken cancellationToken)
    {
        _progress = from;
        _heard = 0;
        _heardBefore = 0;
        _reported = time.GetTimestamp();
        bool isAway = false;
        while (true)
        {
            try
            {
                using AsyncDuplexStreamingCall<WatchRequest, WatchResponse> call =
                    await source.OpenAsync(EtcdMethods.Watch, cancellationToken).ConfigureAwait(false);
                await CreateAsync(call, cancellationToken).ConfigureAwait(false);
                await state.CheckKeptAsync(_progress.Revision, cancellationToken).ConfigureAwait(false);
                isAway = SayItIsBack(isAway);
                return await ReadAsync(call, isCutOverWanted, cancellationToken).ConfigureAwait(false);
            }
            catch (RpcException refusal) when (EtcdPeer.IsCompacted(refusal))
            {
                return FollowEnd.Compacted;
            }
            catch (RpcException) when (cancellationToken.IsCancellationRequested)
            {
                throw new OperationCanceledException(cancellationToken);
            }
            catch (RpcException refusal) when (EtcdPeer.IsOutage(refusal))
            {
                if (!isAway)
                {
                    say($"the watch of the source broke: {EtcdPeer.TextOf(refusal)}."
                        + $" Opening it again behind revision {_progress.Revision}.");
                }

                isAway = true;
                await source.PauseAsync(cancellationToken).ConfigureAwait(false);

                // Waits for somebody who answers, and gives up as every call does.
                await state.NowAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (RpcException refusal)
            {
                throw new ImportException($"the source does not let the import watch: {EtcdPeer.TextOf(refusal)}.") { IsRefusal = true };
            }
        }
    }

    private bool SayItIsBack(bool isAway)
    {
        if (isAway)
        {
            say($"the watch of the source is open again, behind revision {_progress.Revision}.");
        }

        return false;
    }

    private async Task CreateAsync(AsyncDuplexStreamingCall<WatchRequest, WatchResponse> call, CancellationToken cancellationToken)
    {
        _changes.Clear();
        var create = new WatchCreateRequest
        {
            Key = ranges[0].From,
            RangeEnd = ranges[^1].ToExclusive,
            StartRevision = _progress.Revision + 1,
            ProgressNotify = true,
            Fragment = true,
        };
        await call.RequestStream.WriteAsync(new WatchRequest { CreateRequest = create }, cancellationToken).ConfigureAwait(false);
    }

    private async Task<FollowEnd> ReadAsync(
        AsyncDuplexStreamingCall<WatchRequest, WatchResponse> call, Func<bool> isCutOverWanted, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(_step, time);
        Task<bool> next = call.ResponseStream.MoveNext(cancellationToken);
        Task<bool> tick = timer.WaitForNextTickAsync(cancellationToken).AsTask();
        long? goal = null;
        while (true)
        {
            await Task.WhenAny(next, tick).ConfigureAwait(false);
            if (next.IsCompleted)
            {
                if (!await next.ConfigureAwait(false))
                {
                    throw new RpcException(new Status(StatusCode.Unavailable, "the stream ended"));
                }

                await TakeAsync(call.ResponseStream.Current, cancellationToken).ConfigureAwait(false);
                next = call.ResponseStream.MoveNext(cancellationToken);
            }

            if (leases.HasLostOne)
            {
                return FollowEnd.LostLease;
            }

            if (goal <= ReachedRevision)
            {
                return FollowEnd.CaughtUp;
            }

            if (!tick.IsCompleted)
            {
                continue;
            }

            await tick.ConfigureAwait(false);
            tick = timer.WaitForNextTickAsync(cancellationToken).AsTask();
            bool isWanted = isCutOverWanted() || order.UntilRevision <= ReachedRevision;
            goal ??= isWanted ? (await state.NowAsync(cancellationToken).ConfigureAwait(false)).Revision : null;
            if (goal is not null || order.UntilRevision is not null || IsReportDue())
            {
                await call.RequestStream.WriteAsync(new WatchRequest { ProgressRequest = new() }, cancellationToken).ConfigureAwait(false);
            }

            await ReportAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task TakeAsync(WatchResponse answer, CancellationToken cancellationToken)
    {
        if (answer.CompactRevision > 0)
        {
            throw new RpcException(new Status(StatusCode.OutOfRange, "compacted"));
        }

        if (answer.Canceled)
        {
            // What etcd says to one who may not read there.
            throw new RpcException(new Status(StatusCode.PermissionDenied, answer.CancelReason));
        }

        foreach (Event change in answer.Events)
        {
            if (change.Kv.ModRevision != _revisionOfChanges)
            {
                await FlushAsync(cancellationToken).ConfigureAwait(false);
                _revisionOfChanges = change.Kv.ModRevision;
            }

            if (!isLeftOut(change.Kv.Key) && ranges.Any(range => range.Holds(change.Kv.Key)))
            {
                _changes.Add(change.Type == Event.Types.EventType.Delete
                    ? new Change(change.Kv.Key, Value: null, Lease: 0)
                    : new Change(change.Kv.Key, change.Kv.Value, change.Kv.Lease));
            }
        }

        // A fragment may end within a revision; anything else does not.
        if (!answer.Fragment)
        {
            await FlushAsync(cancellationToken).ConfigureAwait(false);
            _heard = answer.Events.Count == 0 && !answer.Created ? Math.Max(_heard, answer.Header.Revision) : _heard;
        }
    }

    private async Task FlushAsync(CancellationToken cancellationToken)
    {
        // Those of before a break are applied, and come again when only a part of their revision was.
        int at = _revisionOfChanges == _progress.Revision + 1 ? _progress.ChangesBehind : 0;
        while (at < _changes.Count)
        {
            int count = ImportTarget.Fitting(_changes, at);
            bool isLast = at + count == _changes.Count;
            ImportProgress next = isLast
                ? _progress with { Revision = _revisionOfChanges, ChangesBehind = 0 }
                : _progress with { Revision = _revisionOfChanges - 1, ChangesBehind = at + count };
            await target.WriteAsync(_changes[at..(at + count)], next, leases, cancellationToken).ConfigureAwait(false);
            _progress = next;
            at += count;
        }

        _changes.Clear();
    }

    private bool IsReportDue() => time.GetElapsedTime(_reported) + _step >= order.ReportEvery;

    private async Task ReportAsync(CancellationToken cancellationToken)
    {
        if (time.GetElapsedTime(_reported) < order.ReportEvery)
        {
            return;
        }

        _reported = time.GetTimestamp();
        long now = (await state.NowAsync(cancellationToken).ConfigureAwait(false)).Revision;
        say($"following: at revision {ReachedRevision} of {now}, {Math.Max(0, now - ReachedRevision)} behind;"
            + $" {target.ChangeCount} changes written, {leases.Count} leases kept alive");

        // Revisions that change nothing here are noted now and then, so that a start anew need not ask for what is compacted by then;
        // those that were told of by the last report, since what comes late has come by then.
        if (_heardBefore > _progress.Revision && _progress.ChangesBehind == 0)
        {
            ImportProgress next = _progress with { Revision = _heardBefore };
            await target.WriteAsync([], next, leases: null, cancellationToken).ConfigureAwait(false);
            _progress = next;
        }

        _heardBefore = _heard;
    }
}
