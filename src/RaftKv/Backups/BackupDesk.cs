using RaftKv.Backups.Targets;
using RaftKv.Core;
using RaftKv.Core.Disk.Device;
using RaftKv.Core.Disk.Snapshots;
using RaftKv.Core.Store;
using RaftKv.Diagnostics;
using RaftKv.Diagnostics.Metrics;
using RaftKv.Engine;
using RaftKv.Storage;

namespace RaftKv.Backups;

/// <summary>
/// Makes a node's backups, one at a time: on demand, and on the leader by schedule. A backup that fails is told, counted and
/// tried again; the node goes on. Any thread.
/// </summary>
internal sealed class BackupDesk : IAsyncDisposable
{
    // Finished ones that are remembered beside what the target shows; for those that failed.
    private const int MaxRemembered = 64;

    private static readonly TimeSpan LookPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan BarrierPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan TellPause = TimeSpan.FromMinutes(1);

    private readonly IEngine _node;
    private readonly BackupPlan _plan;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly BackupShelf _shelf;
    private readonly CancellationTokenSource _stopped = new();
    private readonly Lock _gate = new();
    private readonly List<BackupRun> _runs = [];
    private readonly long _startedMs;
    private Task _schedule = Task.CompletedTask;
    private Task _running = Task.CompletedTask;
    private bool _hasLooked;
    private long _toldOverdueMs;

    // Unix milliseconds, 0 for never.
    private long _lastSuccessMs;
    private long _lastFailureMs;
    private long _doneCount;
    private long _failedCount;

    /// <summary>Makes the desk; <see cref="Start"/> starts its schedule.</summary>
    public BackupDesk(
        IEngine node, IBackupTarget target, BackupPlan plan, TimeProvider time, ILogger logger, MetricRegistry metrics)
    {
        _node = node;
        _plan = plan;
        _time = time;
        _logger = logger;
        _shelf = new BackupShelf(target, time);
        _startedMs = NowMs();
        metrics.AskedCounter(
            "raftkv_backups_done_total", "Backups of this node that are whole.", sink => sink.Set(Interlocked.Read(ref _doneCount)));
        metrics.AskedCounter(
            "raftkv_backups_failed_total", "Backups of this node that failed.", sink => sink.Set(Interlocked.Read(ref _failedCount)));
        metrics.Gauge("raftkv_backup_age_seconds", "Age of the newest backup, as the leader knows it.", ShowAge);
        metrics.Gauge(
            "raftkv_backup_overdue", "1 on a leader whose newest backup is twice as old as it should be.",
            sink => sink.Set(IsOverdue() ? 1 : 0));
    }

    /// <summary>What is in the place where backups go.</summary>
    internal BackupShelf Shelf => _shelf;

    /// <summary>Where backups go.</summary>
    public IBackupTarget Target => _shelf.Target;

    /// <summary>What is done by itself.</summary>
    public BackupPlan Plan => _plan;

    /// <summary>Starts the schedule, if there is one.</summary>
    public void Start()
    {
        if (_plan.Every is { } every)
        {
            _schedule = Task.Run(() => RunScheduleAsync(every));
        }
    }

    /// <summary>Begins a backup of a view, or tells of the one that is under way.</summary>
    public BackupRun Begin(StoreView view, bool isScheduled = false)
    {
        lock (_gate)
        {
            if (_runs.Find(static run => run.State == BackupState.Running) is { } present)
            {
                return present;
            }

            var name = new BackupName(_node.Identity.ClusterId, view.Revision.Value, _time.GetUtcNow());
            var run = new BackupRun(name, BackupState.Running, isScheduled, view.DataBytes + (view.VersionCount * 48))
            {
                AppliedIndex = view.AppliedIndex,
            };
            _runs.RemoveAll(older => older.Name == name);
            _runs.RemoveRange(0, Math.Max(0, _runs.Count - MaxRemembered));
            _runs.Add(run);

            // A thread of its own: it writes and syncs a file, perhaps for minutes.
            _running = Task.Factory.StartNew(
                () => MakeAsync(run, view), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();
            return run;
        }
    }

    /// <summary>
    /// The backups of this cluster in the target, and those of this node that run or failed, the newest last. Throws
    /// <see cref="IOException"/> and <see cref="UnauthorizedAccessException"/> when the target can't be looked at.
    /// </summary>
    public async Task<List<BackupRun>> ListAsync(CancellationToken cancellationToken)
    {
        List<ShelvedBackup> shelved = await _shelf.ListAsync(_node.Identity.ClusterId, cancellationToken).ConfigureAwait(false);
        List<BackupRun> all = [.. shelved.Select(RunOf)];
        lock (_gate)
        {
            all.AddRange(_runs.Where(run => run.State != BackupState.Done));
        }

        all.Sort(static (a, b) => string.CompareOrdinal(a.Name.Id, b.Name.Id));
        return all;
    }

    /// <summary>How far one of this node's last backups is; null for any other. Nothing is asked of the target.</summary>
    internal BackupState? StateOf(string id)
    {
        lock (_gate)
        {
            return _runs.Find(run => run.Name.Id == id)?.State;
        }
    }

    /// <summary>Ends the schedule; a backup under way is waited for a moment, and else leaves what does not count as one.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync().ConfigureAwait(false);
        await _schedule.ConfigureAwait(false);
        await Task.WhenAny(_running, Task.Delay(TimeSpan.FromSeconds(1))).ConfigureAwait(false);
    }

    private static BackupRun RunOf(ShelvedBackup file) => new(file.Name, BackupState.Done, false, file.Bytes)
    {
        WrittenBytes = file.Bytes,
        Sha256 = file.Sha256,
    };

    private async Task MakeAsync(BackupRun run, StoreView view)
    {
        try
        {
            WrittenBackup written = await _shelf.WriteAsync(
                _node, view, run.Name, run.EstimatedBytes, bytes => run.WrittenBytes = bytes, _stopped.Token).ConfigureAwait(false);
            Finish(run with { State = BackupState.Done, Sha256 = written.Sha256 });
            Interlocked.Increment(ref _doneCount);
            BackupLog.Done(_logger, run.Name.Id, written.Bytes, written.Sha256);
            await _shelf.RetainAsync(_node.Identity.ClusterId, _plan.Keep, _stopped.Token).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is StorageFailedException or StorageCorruptException or IOException
            or UnauthorizedAccessException or DataDirectoryException or OperationCanceledException)
        {
            Finish(run with { State = BackupState.Failed, Problem = failure.Message });
            Interlocked.Increment(ref _failedCount);
            BackupLog.Failed(_logger, run.Name.Id, failure.Message);
        }
    }

    private void Finish(BackupRun end)
    {
        lock (_gate)
        {
            int at = _runs.FindIndex(run => run.Name == end.Name);
            if (at >= 0 && !(_runs[at].State == BackupState.Done))
            {
                _runs[at] = end;
            }
        }

        Interlocked.Exchange(
            ref (end.State == BackupState.Done ? ref _lastSuccessMs : ref _lastFailureMs),
            end.State == BackupState.Done ? end.Name.Taken.ToUnixTimeMilliseconds() : NowMs());
    }

    private async Task RunScheduleAsync(TimeSpan every)
    {
        using var timer = new PeriodicTimer(LookPause, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopped.Token).ConfigureAwait(false))
            {
                if (await IsDueAsync(every).ConfigureAwait(false)
                    && (await _node.ReadBarrierAsync(BarrierPatience, _stopped.Token).ConfigureAwait(false)).IsGranted)
                {
                    Begin(_node.View, isScheduled: true);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The node stops.
        }
    }

    // The leader does it; what another one has put into a shared target counts. The target is asked when a node begins to lead
    // and when a backup is due, and after a failure not before the pause is over.
    private async Task<bool> IsDueAsync(TimeSpan every)
    {
        if (_node.Phase != NodePhase.Ready || _node.Status.Role != Role.Leader || !_running.IsCompleted)
        {
            _hasLooked &= _node.Status.Role == Role.Leader;
            return false;
        }

        TellOverdue(every);
        long everyMs = (long)every.TotalMilliseconds;
        long retryMs = Math.Min(everyMs, (long)RetryPause.TotalMilliseconds);
        if (!IsOlderThan(ref _lastFailureMs, retryMs) || (_hasLooked && !IsOlderThan(ref _lastSuccessMs, everyMs)))
        {
            return false;
        }

        await LookForNewestAsync().ConfigureAwait(false);
        return IsOlderThan(ref _lastSuccessMs, everyMs);
    }

    private void TellOverdue(TimeSpan every)
    {
        if (IsOverdue() && IsOlderThan(ref _toldOverdueMs, (long)TellPause.TotalMilliseconds))
        {
            _toldOverdueMs = NowMs();
            BackupLog.Overdue(_logger, Target.Shown, AgeMs() / 1000, (long)every.TotalSeconds);
        }
    }

    private async Task LookForNewestAsync()
    {
        try
        {
            BackupName? newest = await _shelf.NewestOfAsync(_node.Identity.ClusterId, _stopped.Token).ConfigureAwait(false);
            Interlocked.Exchange(ref _lastSuccessMs, newest?.Taken.ToUnixTimeMilliseconds() ?? 0);
            _hasLooked = true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // To be told by the backup that fails for the same reason; what is known of the newest one stays known.
            Interlocked.Exchange(ref _lastFailureMs, NowMs());
        }
    }

    private long NowMs() => _time.GetUtcNow().ToUnixTimeMilliseconds();

    // A clock that was put back makes nothing young: what comes from the future is old, as is what never was.
    private bool IsOlderThan(ref long momentMs, long ageMs)
    {
        long age = NowMs() - Interlocked.Read(ref momentMs);
        return age < 0 || age >= ageMs;
    }

    private long AgeMs()
    {
        long last = Interlocked.Read(ref _lastSuccessMs);
        return Math.Max(0, NowMs() - (last == 0 ? _startedMs : last));
    }

    private bool IsOverdue() =>
        _plan.Every is { } every && _node.Status.Role == Role.Leader && AgeMs() > 2 * (long)every.TotalMilliseconds;

    private void ShowAge(GaugeSink sink)
    {
        if (_plan.Every is not null && _node.Status.Role == Role.Leader)
        {
            sink.Set(AgeMs() / 1000.0);
        }
    }
}
