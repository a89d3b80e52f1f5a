namespace RaftKv.Engine.Publishing;

/// <summary>
/// Callers that wait until a number which only grows has reached theirs. The engine wakes exactly those, when it publishes;
/// nobody polls. Any thread.
/// </summary>
internal sealed class ThresholdWaits(TimeProvider time)
{
    // As many as reads may be pending in our engine; beyond it a wait fails at once.
    private const int MaxWaits = 64 * 1024;

    private readonly Lock _gate = new();
    private readonly SortedSet<Wait> _waits = new(Comparer<Wait>.Create(static (a, b) =>
        a.Threshold != b.Threshold ? a.Threshold.CompareTo(b.Threshold) : a.Number.CompareTo(b.Number)));
    private long _lastNumber;
    private long _lowest = long.MaxValue;
    private bool _isEnded;

    /// <summary>True while somebody waits.</summary>
    public bool HasWaits => Volatile.Read(ref _lowest) != long.MaxValue;

    /// <summary>Waits; false when the time is over, too many wait, or the node stops.</summary>
    /// <param name="current">Gives the number's present value; called after the wait is known to the engine, so that no
    /// publication is missed.</param>
    public async ValueTask<bool> WaitAsync(long threshold, Func<long> current, TimeSpan timeout, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (current() >= threshold)
        {
            return true;
        }

        Wait? wait = timeout == TimeSpan.Zero ? null : TryAdd(threshold);
        if (wait is null)
        {
            return false;
        }

        // Pairs with the barrier in Reached: either the engine sees this wait, or this look sees its value.
        Interlocked.MemoryBarrier();
        if (current() >= threshold)
        {
            Remove(wait);
            return true;
        }

        ITimer? timer = timeout < TimeSpan.Zero
            ? null
            : time.CreateTimer(static state => ((Wait)state!).Done.TrySetResult(false), wait, timeout, Timeout.InfiniteTimeSpan);
        try
        {
            return await wait.Done.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            timer?.Dispose();
            Remove(wait);
        }
    }

    /// <summary>The number is published with this value. The engine's thread only.</summary>
    public void Reached(long value)
    {
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _lowest) > value)
        {
            return;
        }

        lock (_gate)
        {
            while (_waits.Min is { } first && first.Threshold <= value)
            {
                _waits.Remove(first);
                first.Done.TrySetResult(true);
            }

            NoteLowest();
        }
    }

    /// <summary>Ends every wait, and those to come.</summary>
    public void End()
    {
        lock (_gate)
        {
            _isEnded = true;
            foreach (Wait wait in _waits)
            {
                wait.Done.TrySetResult(false);
            }

            _waits.Clear();
            NoteLowest();
        }
    }

    private Wait? TryAdd(long threshold)
    {
        lock (_gate)
        {
            if (_isEnded || _waits.Count >= MaxWaits)
            {
                return null;
            }

            var wait = new Wait(threshold, ++_lastNumber);
            _waits.Add(wait);
            NoteLowest();
            return wait;
        }
    }

    private void Remove(Wait wait)
    {
        lock (_gate)
        {
            _waits.Remove(wait);
            NoteLowest();
        }
    }

    private void NoteLowest() => Volatile.Write(ref _lowest, _waits.Min?.Threshold ?? long.MaxValue);

    private sealed class Wait(long threshold, long number)
    {
        public long Threshold { get; } = threshold;

        public long Number { get; } = number;

        public TaskCompletionSource<bool> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
