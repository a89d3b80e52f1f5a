namespace RaftKv.Tests.Client;

/// <summary>
/// A clock that moves only when told, and that tells when somebody begins to wait on it. Safe from any thread.
/// </summary>
internal sealed class ManualTimeProvider : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<ManualTimer> _timers = [];
    private readonly List<(TimeSpan Due, TaskCompletionSource Seen)> _watchers = [];
    private TimeSpan _now;

    /// <summary>How often a timer was set so far.</summary>
    internal int SetCount { get; private set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp()
    {
        lock (_gate)
        {
            return _now.Ticks;
        }
    }

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(GetTimestamp());

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ManualTimer timer = new(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Done when a timer with exactly this time has been, or is being, set and still waits.</summary>
    internal Task TimerSetAsync(TimeSpan due)
    {
        lock (_gate)
        {
            if (_timers.Exists(timer => timer.Span == due))
            {
                return Task.CompletedTask;
            }

            TaskCompletionSource seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _watchers.Add((due, seen));
            return seen.Task;
        }
    }

    internal void Advance(TimeSpan by)
    {
        List<ManualTimer> due;
        lock (_gate)
        {
            _now += by;
            due = _timers.FindAll(timer => timer.At <= _now);
            _timers.RemoveAll(due.Contains);
        }

        due.ForEach(static timer => timer.Fire());
    }

    private void Set(ManualTimer timer, TimeSpan dueTime)
    {
        lock (_gate)
        {
            _timers.Remove(timer);
            if (dueTime == Timeout.InfiniteTimeSpan)
            {
                return;
            }

            SetCount++;
            timer.Span = dueTime;
            timer.At = _now + dueTime;
            _timers.Add(timer);
            foreach ((_, TaskCompletionSource seen) in _watchers.Where(watcher => watcher.Due == dueTime))
            {
                seen.TrySetResult();
            }
        }
    }

    private sealed class ManualTimer(ManualTimeProvider owner, TimerCallback callback, object? state) : ITimer
    {
        internal TimeSpan Span { get; set; }

        internal TimeSpan At { get; set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            owner.Set(this, dueTime);
            return true;
        }

        public void Dispose() => owner.Set(this, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        internal void Fire() => callback(state);
    }
}
