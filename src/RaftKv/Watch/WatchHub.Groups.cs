namespace RaftKv.Watch;

/// <summary>What groups of watchers ask of the hub.</summary>
public sealed partial class WatchHub
{
    // Groups that the pump has someone for: they go on once it has let go of the lock, which they need next. The pump's own.
    private readonly List<WatcherGroup> _called = [];
    private bool _isPumping;

    /// <summary>A group without watchers yet.</summary>
    /// <param name="cancellationToken">Calls its flow.</param>
    public WatcherGroup NewGroup(CancellationToken cancellationToken) => new(this, cancellationToken);

    /// <summary>Opens a watcher of a group, or gives null when there are too many.</summary>
    public Watcher? TryOpen(WatchSelector selector, WatcherGroup group)
    {
        var watcher = new Watcher(this, selector, group);
        return TryAdd(watcher) ? watcher : null;
    }

    internal void Park(WatcherGroup group, List<Watcher> watchers)
    {
        lock (_lock)
        {
            foreach (Watcher watcher in watchers)
            {
                if (TryPark(watcher) is { } wake)
                {
                    Tell(group, watcher, wake);
                }
            }

            PumpForParked();
        }
    }

    internal void Begin(WatcherGroup group, Watcher watcher)
    {
        lock (_lock)
        {
            Tell(group, watcher, WatchWake.Due);
        }
    }

    internal ValueTask Wait(WatcherGroup group)
    {
        lock (_lock)
        {
            return group.IsCalled || group.Woken.Count > 0 ? ValueTask.CompletedTask : group.NewWait();
        }
    }

    internal void Take(WatcherGroup group, List<Watcher> into)
    {
        lock (_lock)
        {
            group.IsCalled = false;
            into.AddRange(group.Woken);
            group.Woken.Clear();
        }
    }

    internal void Call(WatcherGroup group)
    {
        lock (_lock)
        {
            group.IsCalled = true;
            GoOn(group);
        }
    }

    internal void Poke(List<Watcher> watchers)
    {
        lock (_lock)
        {
            watchers.ForEach(PokeOne);
        }
    }

    // The pump, without the lock. Nobody else ends the wait of these: they are not waiting any more.
    private void EndCalled()
    {
        foreach (WatcherGroup group in _called)
        {
            group.End();
        }

        _called.Clear();
    }

    private void Tell(WatcherGroup group, Watcher watcher, WatchWake wake)
    {
        watcher.WokenBy = wake;
        group.Woken.Add(watcher);
        if (group.IsWaiting)
        {
            NoteFlow(wake);
            GoOn(group);
        }
    }

    private void GoOn(WatcherGroup group)
    {
        if (!group.IsWaiting)
        {
            return;
        }

        group.IsWaiting = false;
        if (_isPumping)
        {
            _called.Add(group);
            return;
        }

        group.End();
    }
}
