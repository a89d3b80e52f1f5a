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

    // Often enough that a leader's log, which is compacted behind its snapshots, still holds what comes next.
    private static readonly TimeSpan PullPause = TimeSpan.FromMilliseconds(250);

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
            // The node stops.
            Try(Flush);
        }
    }

    private async Task StepAsync(TimeSpan every)
    {
        if (_node.Phase != NodePhase.Ready || _node.Status.Role != Role.Leader)
        {
            // What is applied is committed, whoever leads now.
            Try(Flush);
            (_next, _base) = (null, null);
            return;
        }

        bool isKnown = false;
        Try(() => isKnown = (_next ??= FindNext()) is not null);
        if (!isKnown || !await TakeAsync().ConfigureAwait(false))
        {
            await BeginBaseAsync().ConfigureAwait(false);
        }
        else if (_time.GetElapsedTime(_writtenAt) >= every)
        {
            Try(Flush);
        }
    }

    private void Try(Action work)
    {
        try
        {
            work();
        }
        catch (Exception failure) when (failure is StorageFailedException or StorageCorruptException or IOException
            or UnauthorizedAccessException or DataDirectoryException)
        {
            _next = null;
            _pending.Clear();
            _pendingBytes = 0;
            Interlocked.Increment(ref _failedCount);
            BackupLog.LogFailed(_logger, _desk.Directory, failure.Message);
        }
    }

    // Behind the backup that was made for it, else behind what is archived.
    private LogIndex? FindNext()
    {
        if (_base is { } made)
        {
            BackupRun? run = _desk.Find(made.Id);
            if (run is { State: BackupState.Running })
            {
                return null;
            }

            _base = null;
            return run is { State: BackupState.Done } ? made.Index.Next : null;
        }

        return _desk.Shelf.ArchivedEnd(_node.Identity.ClusterId) is { } end ? end.Next : null;
    }

    // False when the log does not reach back so far.
    private async Task<bool> TakeAsync()
    {
        while (_next is { } next)
        {
            LogPiece? piece = await _source(next, PieceBytes, _stopped.Token).ConfigureAwait(false);
            if (piece is null)
            {
                Try(Flush);
                _next = null;
                return false;
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
                Try(Flush);
            }
        }

        return true;
    }

    private void Flush()
    {
        _writtenAt = _time.GetTimestamp();
        if (_pending.Count == 0)
        {
            return;
        }

        _desk.Shelf.WriteArchive(_node, _pending);
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
