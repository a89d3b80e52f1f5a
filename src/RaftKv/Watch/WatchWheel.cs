namespace RaftKv.Watch;

/// <summary>
/// When whose patience ends. One timer for all, set to the next slot with somebody in it; none while nobody waits.
/// Guarded by the hub's lock, which the timer's callback takes.
/// </summary>
internal sealed class WatchWheel : IDisposable
{
    /// <summary>Length of a tick: how late a wait may end.</summary>
    internal const int TickMs = 20;

    // One turn is about 10 s: bookmarks fit. What is further off stays in its slot until its turn comes.
    private const int SlotCount = 512;

    private readonly WatcherList?[] _slots = new WatcherList?[SlotCount];
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly ITimer _timer;
    private long _nowTick;
    private long _armedTick = long.MaxValue;
    private int _count;

    public WatchWheel(TimeProvider time, Action due)
    {
        _time = time;
        _start = time.GetTimestamp();
        _timer = time.CreateTimer(static state => ((Action)state!)(), due, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Adds a watcher that is in no slot.</summary>
    public void Add(Watcher watcher, TimeSpan patience)
    {
        double ticks = Math.Ceiling((_time.GetElapsedTime(_start) + patience).TotalMilliseconds / TickMs);
        watcher.DueTick = Math.Max((long)ticks, _nowTick + 1);
        int slot = (int)(watcher.DueTick % SlotCount);
        (_slots[slot] ??= new WatcherList(WatcherListKind.Wheel)).Add(watcher);
        _count++;
        if (watcher.DueTick < _armedTick)
        {
            Arm(watcher.DueTick);
        }
    }

    /// <summary>Takes a watcher out; nothing happens when it is in no slot.</summary>
    public void Remove(Watcher watcher)
    {
        if (watcher.LinksIn(WatcherListKind.Wheel).List is { } list)
        {
            list.Remove(watcher);
            _count--;
        }
    }

    /// <summary>Takes everyone out whose time has come, and sets the timer to the next one.</summary>
    public void TakeDue(List<Watcher> due)
    {
        long now = (long)(_time.GetElapsedTime(_start).TotalMilliseconds / TickMs);
        long turns = Math.Min(now - _nowTick, SlotCount);
        for (long tick = now - turns + 1; tick <= now; tick++)
        {
            WatcherList? list = _slots[(int)(tick % SlotCount)];
            for (Watcher? watcher = list?.First; watcher is not null;)
            {
                Watcher? next = list!.After(watcher);
                if (watcher.DueTick <= now)
                {
                    Remove(watcher);
                    due.Add(watcher);
                }

                watcher = next;
            }
        }

        _nowTick = Math.Max(_nowTick, now);
        ArmNext();
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void ArmNext()
    {
        _armedTick = long.MaxValue;
        for (long tick = _nowTick + 1; _count > 0 && tick <= _nowTick + SlotCount; tick++)
        {
            if (_slots[(int)(tick % SlotCount)]?.First is not null)
            {
                Arm(tick);
                return;
            }
        }
    }

    private void Arm(long tick)
    {
        _armedTick = tick;
        TimeSpan left = TimeSpan.FromMilliseconds(tick * TickMs) - _time.GetElapsedTime(_start);
        _timer.Change(left > TimeSpan.Zero ? left : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }
}
