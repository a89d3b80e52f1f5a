using System.Threading.RateLimiting;
using RaftKv.Client;

namespace RaftKv.RateLimiting;

/// <summary>
/// At most so many permits in a window, all processes that use the same name together. Safe from any thread.
/// </summary>
/// <remarks>
/// The synchronous <see cref="RateLimiter.AttemptAcquire"/> gives only what this process holds already, so with
/// <see cref="RaftKvRateLimiterOptions.ChunkPermits"/> of 1 it always refuses; ASP.NET Core's middleware asks
/// <see cref="RateLimiter.AcquireAsync"/> then. A refused lease says by <see cref="MetadataName.RetryAfter"/> how long the
/// window may last, when the cluster told. Permits are not given back by disposing their lease. A write whose outcome is
/// not known counts as taken and is refused here, so that the limit holds under every fault.
/// <code>
/// await using RaftKvRateLimiter limiter = new(client, "payments", new() { PermitLimit = 100, Window = TimeSpan.FromSeconds(1) });
/// using RateLimitLease lease = await limiter.AcquireAsync();
/// if (lease.IsAcquired) { await PayAsync(); }
/// </code>
/// </remarks>
public sealed class RaftKvRateLimiter : RateLimiter
{
    private readonly RaftKvRateLimiterOptions _options;
    private readonly SharedWindow _window;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private int _chunk;
    private long _chunkEndsAt;
    private int _queued;
    private bool _isWindowFull;
    private long _usedAt;
    private long _acquiredCount;
    private long _refusedCount;

    /// <summary>The limiter of this name.</summary>
    /// <param name="client">Not disposed here.</param>
    public RaftKvRateLimiter(RaftKvClient client, string name, RaftKvRateLimiterOptions options)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _window = new SharedWindow(client, options.Prefix + name, options);
        _usedAt = options.TimeProvider.GetTimestamp();
    }

    /// <inheritdoc/>
    public override TimeSpan? IdleDuration
    {
        get
        {
            lock (_gate)
            {
                return _queued > 0 ? null : _options.TimeProvider.GetElapsedTime(_usedAt);
            }
        }
    }

    /// <summary>What this process knows: permits that it holds, and its own counts.</summary>
    public override RateLimiterStatistics GetStatistics()
    {
        lock (_gate)
        {
            return new RateLimiterStatistics
            {
                CurrentAvailablePermits = ChunkNow(),
                CurrentQueuedCount = _queued,
                TotalSuccessfulLeases = _acquiredCount,
                TotalFailedLeases = _refusedCount,
            };
        }
    }

    /// <inheritdoc/>
    protected override RateLimitLease AttemptAcquireCore(int permitCount)
    {
        RequireWithinLimit(permitCount);
        return TryTakeFromChunk(permitCount) ? Acquired() : Refused(retryAfter: null);
    }

    /// <inheritdoc/>
    protected override async ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken)
    {
        RequireWithinLimit(permitCount);
        if (permitCount > 0 && TryTakeFromChunk(permitCount))
        {
            return Acquired();
        }

        lock (_gate)
        {
            // Who comes while others wait for the next window waits behind them, or not at all. More than this window and the
            // queue hold are not let in: this also bounds those who wait for their turn to ask.
            long room = _isWindowFull ? _options.QueueLimit : (long)_options.PermitLimit + _options.QueueLimit;
            if (_queued + permitCount > room)
            {
                return Refused(retryAfter: null);
            }

            _queued += permitCount;
        }

        try
        {
            using var any = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stop.Token);
            return await InTurnAsync(permitCount, any.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Disposed: the library ends what waits with a refusal.
            return Refused(retryAfter: null);
        }
        finally
        {
            lock (_gate)
            {
                _queued -= permitCount;
            }
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stop.Cancel();
        }
    }

    /// <inheritdoc/>
    protected override async ValueTask DisposeAsyncCore() => await _stop.CancelAsync().ConfigureAwait(false);

    /// <summary>One after the other, in order of arrival: so that a chunk that one fetched serves those behind it.</summary>
    private async Task<RateLimitLease> InTurnAsync(int permitCount, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            while (true)
            {
                if (permitCount > 0 && TryTakeFromChunk(permitCount))
                {
                    return Acquired();
                }

                Taking taking = await _window
                    .TakeAsync(permitCount, Math.Max(permitCount, permitCount == 0 ? 0 : _options.ChunkPermits), cancellationToken)
                    .ConfigureAwait(false);
                if (permitCount == 0 ? taking.Left > 0 : taking.Taken >= permitCount)
                {
                    KeepRest(taking, permitCount);
                    return Acquired();
                }

                if (permitCount > _options.QueueLimit || permitCount == 0)
                {
                    return Refused(taking.Remaining);
                }

                await WaitForNextWindowAsync(taking.Revision, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (RaftKvException) when (_options.AllowsWhenAway)
        {
            return Acquired();
        }
        catch (RaftKvException)
        {
            return Refused(retryAfter: null);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task WaitForNextWindowAsync(long revision, CancellationToken cancellationToken)
    {
        SetWindowFull(true);
        try
        {
            await _window.WaitForEndAsync(revision, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            SetWindowFull(false);
        }
    }

    private void SetWindowFull(bool isFull)
    {
        lock (_gate)
        {
            _isWindowFull = isFull;
        }
    }

    private void RequireWithinLimit(int permitCount)
    {
        ObjectDisposedException.ThrowIf(_stop.IsCancellationRequested, this);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(permitCount, _options.PermitLimit);
    }

    private bool TryTakeFromChunk(int permitCount)
    {
        lock (_gate)
        {
            if (ChunkNow() < permitCount || (permitCount == 0 && ChunkNow() == 0))
            {
                return false;
            }

            _chunk -= permitCount;
            return true;
        }
    }

    /// <summary>Within the gate. A chunk of a window that may have ended is worth nothing.</summary>
    private int ChunkNow() => _options.TimeProvider.GetTimestamp() < _chunkEndsAt ? _chunk : 0;

    private void KeepRest(Taking taking, int permitCount)
    {
        if (taking.EndsAt is { } endsAt && taking.Taken > permitCount)
        {
            lock (_gate)
            {
                _chunk = taking.Taken - permitCount;
                _chunkEndsAt = endsAt;
            }
        }
    }

    private Permit Acquired()
    {
        lock (_gate)
        {
            _acquiredCount++;
            _usedAt = _options.TimeProvider.GetTimestamp();
        }

        return new Permit(isAcquired: true, retryAfter: null);
    }

    private Permit Refused(TimeSpan? retryAfter)
    {
        lock (_gate)
        {
            _refusedCount++;
            _usedAt = _options.TimeProvider.GetTimestamp();
        }

        return new Permit(isAcquired: false, retryAfter);
    }

    private sealed class Permit(bool isAcquired, TimeSpan? retryAfter) : RateLimitLease
    {
        public override bool IsAcquired => isAcquired;

        public override IEnumerable<string> MetadataNames => retryAfter is null ? [] : [MetadataName.RetryAfter.Name];

        public override bool TryGetMetadata(string metadataName, out object? metadata)
        {
            metadata = metadataName == MetadataName.RetryAfter.Name ? retryAfter : null;
            return metadata is not null;
        }
    }
}
