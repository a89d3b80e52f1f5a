using RaftKv.Core;
using RaftKv.Core.Disk.Device;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Replica;
using RaftKv.Core.Store;
using RaftKv.Diagnostics;
using RaftKv.Diagnostics.Metrics;
using RaftKv.Engine;
using RaftKv.Storage;

namespace RaftKv.Backups;

/// <summary>Applied entries of a node's log from an index on; null when the log does not hold them any more.</summary>
internal delegate Task<LogPiece?> LogSource(LogIndex from, int maxBytes, CancellationToken cancellationToken);

/// <summary>
/// Puts the log behind the backups, piece after piece, while this node leads: so a restore reaches any revision. Another
/// leader goes on where the directory ends; when the log does not reach back to there, a new backup is where it goes on. Any
/// thread.
/// </summary>
internal sealed class LogShipper : IAsyncDisposable
{
    private const int PieceBytes = 4 * 1024 * 1024;

    // A file is written no later than that; its entries are in memory until then.
    private const long MaxPendingBytes = 16 * 1024 * 1024;
    private static readonly TimeSpan BarrierPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LastPatience = TimeSpan.FromSeconds(2);

    // Often enough that a leader's log, which is compacted behind its snapshots, still holds what comes next.
    private static readonly TimeSpan PullPause = TimeSpan.FromMilliseconds(250);

    // After a failure the target is left alone for a moment, each time for twice as long.
    private static readonly TimeSpan MinRetryPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxRetryPause = TimeSpan.FromSeconds(30);

    private readonly IEngine _node;
    private readonly LogSource _source;
    private readonly BackupDesk _desk;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopped = new();
    private Task _shipping = Task.CompletedTask;

    // Of the schedule's flow only. The next entry to take; null while it is not known.
    private LogIndex? _next;

    // Taken, and not written yet.
    private readonly List<LogEntry> _pending = [];
    private long _pendingBytes;
    private long _writtenAt;

    // Nothing is asked of the target for so long after a failure; zero since a piece was written.
    private TimeSpan _retryPause;
    private long _failedAt;

    // The backup that the log goes on behind, while it is made.
    private (string Id, LogIndex Index)? _base;
    private long _shippedIndex;
    private long _failedCount;

    public LogShipper(IEngine node, LogSource source, BackupDesk desk, TimeProvider time, ILogger logger, MetricRegistry metrics)
    {
        (_node, _source, _desk, _time, _logger) = (node, source, desk, time, logger);
        metrics.Gauge("raftkv_backup_log_lag_entries", "Applied entries that are not archived yet, on the leader.", ShowLag);
        metrics.AskedCounter(
            "raftkv_backup_log_failures_total", "Times that a piece of the log could not be archived.",
            sink => sink.Set(Interlocked.Read(ref _failedCount)));
    }

    /// <summary>Starts it.</summary>
    public void Start(TimeSpan every) => _shipping = Task.Run(() => RunAsync(every));

    /// <summary>Ends it after the piece at hand; what was taken is written.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync().ConfigureAwait(false);
        await _shipping.ConfigureAwait(false);
    }

    private async Task RunAsync(TimeSpan every)
    {
        using var timer = new PeriodicTimer(PullPause, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopped.Token).ConfigureAwait(false))
            {
                await StepAsync(every).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The node stops: what was taken is written, if that is quick.
            await FlushLastAsync().ConfigureAwait(false);
        }
    }

    private async Task FlushLastAsync()
    {
        using var moment = new CancellationTokenSource(LastPatience, _time);
        try
        {
            await TryAsync(() => FlushAsync(moment.Token)).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The next leader takes the same entries from its own log.
        }
    }

    private async Task StepAsync(TimeSpan every)
    {
        if (_node.Phase != NodePhase.Ready || _node.Status.Role != Role.Leader)
        {
            // What is applied is committed, whoever leads now.
            await TryAsync(() => FlushAsync(_stopped.Token)).ConfigureAwait(false);
            (_next, _base) = (null, null);
            return;
        }

        if (_retryPause > TimeSpan.Zero && _time.GetElapsedTime(_failedAt) < _retryPause)
        {
            return;
        }

        bool isAsked = await TryAsync(FindNextAsync).ConfigureAwait(false);
        if (isAsked && (_next is null || !await TakeAsync().ConfigureAwait(false)))
        {
            await BeginBaseAsync().ConfigureAwait(false);
        }
        else if (isAsked && _time.GetElapsedTime(_writtenAt) >= every)
        {
            await TryAsync(() => FlushAsync(_stopped.Token)).ConfigureAwait(false);
        }
    }

    // False when it failed: then nothing is known of what comes next, and the target is left alone for a moment.
    private async Task<bool> TryAsync(Func<Task> work)
    {
        try
        {
            await work().ConfigureAwait(false);
            return true;
        }
        catch (Exception failure) when (failure is StorageFailedException or StorageCorruptException or IOException
            or UnauthorizedAccessException or DataDirectoryException)
        {
            _next = null;
            _pending.Clear();
            _pendingBytes = 0;
            _failedAt = _time.GetTimestamp();
            _retryPause = _retryPause < MinRetryPause ? MinRetryPause : _retryPause * 2 < MaxRetryPause ? _retryPause * 2 : MaxRetryPause;
            Interlocked.Increment(ref _failedCount);
            BackupLog.LogFailed(_logger, _desk.Target.Shown, failure.Message);
            return false;
        }
    }

    // Behind the backup that was made for it, else behind what is archived.
    private async Task FindNextAsync()
    {
        if (_next is not null)
        {
            return;
        }

        if (_base is { } made)
        {
            BackupState? state = _desk.StateOf(made.Id);
            _base = state == BackupState.Running ? made : null;
            _next = state == BackupState.Done ? made.Index.Next : null;
            NoteShipped();
            if (state is not (BackupState.Running or BackupState.Done))
            {
                throw new IOException($"the backup {made.Id}, which it was to go on behind, failed.");
            }

            return;
        }

        _next = await _desk.Shelf.ArchivedEndAsync(_node.Identity.ClusterId, _stopped.Token).ConfigureAwait(false) is { } end
            ? end.Next
            : null;
        NoteShipped();
    }

    // What the backup has, or another leader has written, lags no more.
    private void NoteShipped()
    {
        if (_next is { } next)
        {
            Interlocked.Exchange(ref _shippedIndex, next.Value - 1);
        }
    }

    // False when the log does not reach back so far.
    private async Task<bool> TakeAsync()
    {
        while (_next is { } next)
        {
            LogPiece? piece = await _source(next, PieceBytes, _stopped.Token).ConfigureAwait(false);
            if (piece is null)
            {
                // A failure is waited for as any other; only a target that answers gets a new backup to go on behind.
                bool isWritten = await TryAsync(() => FlushAsync(_stopped.Token)).ConfigureAwait(false);
                _next = null;
                return !isWritten;
            }

            if (piece.Entries.Count == 0)
            {
                return true;
            }

            _pending.AddRange(piece.Entries);
            _pendingBytes += piece.Entries.Sum(static entry => (long)entry.SizeBytes);
            _next = piece.Entries[^1].Index.Next;
            if (_pendingBytes >= MaxPendingBytes)
            {
                await TryAsync(() => FlushAsync(_stopped.Token)).ConfigureAwait(false);
            }
        }

        return true;
    }

    private async Task FlushAsync(CancellationToken cancellationToken)
    {
        _writtenAt = _time.GetTimestamp();
        if (_pending.Count == 0)
        {
            return;
        }

        await _desk.Shelf.WriteArchiveAsync(_node, _pending, cancellationToken).ConfigureAwait(false);
        _retryPause = TimeSpan.Zero;
        Interlocked.Exchange(ref _shippedIndex, _pending[^1].Index.Value);
        _pending.Clear();
        _pendingBytes = 0;
    }

    private async Task BeginBaseAsync()
    {
        if (_base is null && (await _node.ReadBarrierAsync(BarrierPatience, _stopped.Token).ConfigureAwait(false)).IsGranted)
        {
            StoreView view = _node.View;
            BackupRun run = _desk.Begin(view, isScheduled: true);
            _base = (run.Name.Id, run.AppliedIndex);
        }
    }

    private void ShowLag(GaugeSink sink)
    {
        if (_node.Status.Role == Role.Leader)
        {
            sink.Set(Math.Max(0, _node.View.AppliedIndex.Value - Interlocked.Read(ref _shippedIndex)));
        }
    }
}
