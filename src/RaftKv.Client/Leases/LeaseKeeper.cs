using RaftKv.Client.Http;

namespace RaftKv.Client;

/// <summary>
/// Keeps one lease alive, and tells when it may be lost, by its own clock: also when no server answers any more. Safe
/// from any thread.
/// </summary>
/// <remarks>
/// The lease is renewed at a third of its ttl. Its deadline here is the time at which the last confirmed renewal was
/// sent, plus the ttl, on this machine's monotonic clock; the server counts from later, and a little slower, so it never
/// gives the lease away before <see cref="LostToken"/> has fired, unless this process itself stands still (a paused
/// machine): then the token fires when it wakes, and a <see cref="Client.Fence"/> on writes is what protects.
/// Disposing revokes the lease.
/// </remarks>
public sealed class LeaseKeeper : IAsyncDisposable
{
    private static readonly TimeSpan LongestRevoke = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly LeaseClient _leases;
    private readonly TimeProvider _time;
    private readonly Func<double> _jitter;
    private readonly CancellationTokenSource _lost = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ITimer _deadlineTimer;
    private readonly Task _renewals;
    private long _renewedAt;
    private bool _isEnded;
    private int _isDisposed;

    internal LeaseKeeper(LeaseClient leases, string id, TimeSpan ttl, long sentAt, RaftKvClientOptions options)
    {
        _leases = leases;
        _time = options.TimeProvider;
        _jitter = options.Jitter;
        _renewedAt = sentAt;
        Id = id;
        Ttl = ttl;
        LostToken = _lost.Token;
        _deadlineTimer = _time.CreateTimer(static state => ((LeaseKeeper)state!).CheckDeadline(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        CheckDeadline();

        // Renewals belong to the keeper, not to the trace or the causal context of whoever made it.
        using (ExecutionContext.SuppressFlow())
        {
            _renewals = Task.Run(RenewAsync);
        }
    }

    /// <summary>The lease's id, as hex.</summary>
    public string Id { get; }

    /// <summary>How long it lives without a renewal.</summary>
    public TimeSpan Ttl { get; }

    /// <summary>Fires when the lease has ended, may have ended, or was given back.</summary>
    public CancellationToken LostToken { get; }

    /// <summary>True while the lease surely lives, looked up by the clock at the time of the call.</summary>
    public bool IsAlive => Remaining > TimeSpan.Zero;

    /// <summary>Time for which the lease surely lives, without a further renewal; zero when it is lost.</summary>
    public TimeSpan Remaining
    {
        get
        {
            lock (_gate)
            {
                TimeSpan left = Ttl - _time.GetElapsedTime(_renewedAt);
                return _isEnded || left <= TimeSpan.Zero ? TimeSpan.Zero : left;
            }
        }
    }

    /// <summary>Stops renewing, fires <see cref="LostToken"/> and revokes the lease; when no server answers, it ends by its ttl.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        bool wasAlive = IsAlive;
        await _stop.CancelAsync().ConfigureAwait(false);
        await _renewals.ConfigureAwait(false);
        End();
        await _deadlineTimer.DisposeAsync().ConfigureAwait(false);
        if (wasAlive)
        {
            await RevokeAsync().ConfigureAwait(false);
        }

        _stop.Dispose();
    }

    private async Task RevokeAsync()
    {
        try
        {
            await _leases.RevokeAsync(Id, Ttl < LongestRevoke ? Ttl : LongestRevoke, CancellationToken.None).ConfigureAwait(false);
        }
        catch (RaftKvException)
        {
            // Nobody renews it any more, so it ends by itself.
        }
        catch (ObjectDisposedException)
        {
            // The client went first: the same.
        }
    }

    private async Task RenewAsync()
    {
        int failures = 0;
        try
        {
            while (Remaining > TimeSpan.Zero)
            {
                await Task.Delay(ChooseWait(failures), _time, _stop.Token).ConfigureAwait(false);
                TimeSpan left = Remaining;
                if (left <= TimeSpan.Zero)
                {
                    break;
                }

                failures = await RenewOnceAsync(left).ConfigureAwait(false) ? 0 : failures + 1;
            }

            End();
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
        catch (ObjectDisposedException)
        {
            // The client is gone; the deadline's timer tells when the lease is.
        }
    }

    /// <summary>False when no server has said anything.</summary>
    private async Task<bool> RenewOnceAsync(TimeSpan left)
    {
        long sentAt = _time.GetTimestamp();
        try
        {
            // Not for as long as the lease lives: after a third of the ttl another call begins, with a later send time.
            TimeSpan limit = left < Ttl / 3 ? left : Ttl / 3;
            if (!await _leases.KeepAliveAsync(Id, limit, _stop.Token).ConfigureAwait(false))
            {
                End();
                return true;
            }

            lock (_gate)
            {
                _renewedAt = Math.Max(_renewedAt, sentAt);
            }

            ClientMetrics.LeaseRenewals.Add(1);
            return true;
        }
        catch (RaftKvException)
        {
            ClientMetrics.LeaseRenewalFailures.Add(1);
            return false;
        }
    }

    /// <summary>A third of the ttl after the last renewal was sent; after a failure soon again.</summary>
    private TimeSpan ChooseWait(int failures)
    {
        if (failures > 0)
        {
            TimeSpan backoff = RetryPolicy.Backoff(failures, _jitter());
            return backoff < Ttl / 10 ? backoff : Ttl / 10;
        }

        long renewedAt;
        lock (_gate)
        {
            renewedAt = _renewedAt;
        }

        TimeSpan wait = (Ttl / 3) - _time.GetElapsedTime(renewedAt);
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    private void CheckDeadline()
    {
        TimeSpan left = Remaining;
        if (left <= TimeSpan.Zero)
        {
            End();
            return;
        }

        // Timers of the platform take at most some 49 days at once.
        _deadlineTimer.Change(left < TimeSpan.FromDays(1) ? left : TimeSpan.FromDays(1), Timeout.InfiniteTimeSpan);
    }

    private void End()
    {
        Task told;
        lock (_gate)
        {
            if (_isEnded)
            {
                return;
            }

            // One step for whoever looks: no longer alive, and the token fired. Its callbacks run elsewhere.
            _isEnded = true;
            told = _lost.CancelAsync();
        }

        if (Volatile.Read(ref _isDisposed) == 0)
        {
            ClientMetrics.LeasesLost.Add(1);
        }

        // What callbacks throw is theirs: it must not keep the others from being told, nor end the timer's thread.
        _ = told.ContinueWith(
            static told => _ = told.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }
}
