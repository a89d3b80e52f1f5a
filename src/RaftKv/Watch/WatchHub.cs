using RaftKv.Core;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Watch;

/// <summary>
/// Who waits for which changes on this node. The replica's loop tells of each published view; one pump at a time reads
/// what is new in it, once for all, and wakes exactly those whom a change concerns. They read it from the view
/// themselves: nothing is queued for anyone, so a slow one costs nothing and holds up nobody. Many of one flow are a
/// <see cref="WatcherGroup"/>, which is woken once for all of them. Any thread.
/// </summary>
/// <remarks>
/// Invariant, under the lock: every change at or below _pumped has been shown to everyone who was
/// parked then. So a parked watcher has missed nothing below _pumped + 1, whatever its own number says, and idle
/// watchers need no upkeep. To park, a watcher must have read beyond that revision.
/// </remarks>
public sealed partial class WatchHub : IThreadPoolWorkItem, IDisposable
{
    // Changes handled in one go under the lock: some 100 µs.
    private const int SliceChanges = 1_024;

    private readonly Lock _lock = new();
    private readonly WatcherIndex _index = new();
    private readonly WatchWheel _wheel;
    private readonly List<KeyValue> _changes = [];
    private readonly List<Watcher> _due = [];
    private readonly Action<Watcher, KeyValue> _show;
    private readonly TaskCompletionSource _emptied = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly int _maxWatchers;
    private StoreView _view;
    private Revision _pumped;
    private int _openCount;
    private int _parkedCount;
    private int _isPumpQueued;
    private bool _isStopping;
    private long _wokenCount;
    private long _wokenFlowCount;

    /// <summary>Makes the hub of a node.</summary>
    /// <param name="view">The view that is published now.</param>
    /// <param name="time">For the patience of those who wait.</param>
    /// <param name="maxWatchers">Beyond it nobody can join.</param>
    /// <param name="maxBytes">What all watches may hold together of changes that they are telling.</param>
    public WatchHub(StoreView view, TimeProvider time, int maxWatchers = 50_000, long maxBytes = long.MaxValue)
    {
        Time = time;
        Room = new WatchRoom(maxBytes, time);
        _view = view;
        _pumped = view.Revision;
        _maxWatchers = maxWatchers;
        _wheel = new WatchWheel(time, WakeDue);
        _show = Show;
    }

    /// <summary>The clock of all waits.</summary>
    public TimeProvider Time { get; }

    /// <summary>Where watches have the memory from for the changes that they are telling.</summary>
    public WatchRoom Room { get; }

    /// <summary>The newest view that was told of.</summary>
    public StoreView View => Volatile.Read(ref _view);

    /// <summary>True once the node is leaving: nobody waits any more.</summary>
    public bool IsStopping => Volatile.Read(ref _isStopping);

    /// <summary>How many watchers are open, parked or not.</summary>
    public int OpenCount => Volatile.Read(ref _openCount);

    /// <summary>Watchers that wait to be woken.</summary>
    public int ParkedCount => Volatile.Read(ref _parkedCount);

    /// <summary>How often a watcher was woken by a change; for tests and figures.</summary>
    public long WokenCount => Interlocked.Read(ref _wokenCount);

    /// <summary>How often a flow was woken by changes: a group once for all its watchers; for tests and figures.</summary>
    public long WokenFlowCount => Interlocked.Read(ref _wokenFlowCount);

    /// <summary>
    /// Opens a watcher, or gives null when there are too many. It is not parked yet, so nothing is told to it.
    /// </summary>
    /// <param name="cancellationToken">Ends its waits with <see cref="WatchWake.Cancelled"/>.</param>
    public Watcher? TryOpen(WatchSelector selector, CancellationToken cancellationToken)
    {
        var watcher = new Watcher(this, selector, group: null);
        if (!TryAdd(watcher))
        {
            return null;
        }

        // Not under the lock: a token that is cancelled already calls back at once.
        watcher.EndWith(cancellationToken);
        return watcher;
    }

    /// <summary>Tells of a newly published view. One thread, views in order.</summary>
    public void Published(StoreView view)
    {
        bool hasNewRights = _view.Access != view.Access;
        Volatile.Write(ref _view, view);
        if (hasNewRights)
        {
            // Not on this thread: whoever watches asks for its right again, and there may be many.
            ThreadPool.UnsafeQueueUserWorkItem(static hub => hub.PokeAll(), this, preferLocal: false);
        }

        // Pairs with Park: either it sees the view that was just written, or this sees that somebody is parked.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _parkedCount) > 0)
        {
            QueuePump();
        }
    }

    /// <summary>Ends all waits, now and from now on.</summary>
    public void Stop()
    {
        lock (_lock)
        {
            if (_isStopping)
            {
                return;
            }

            _isStopping = true;
            _index.VisitAll(watcher => Wake(watcher, WatchWake.Stopping));
            NoteWhenEmpty();
        }
    }

    /// <summary>Ends all waits and gives those who waited some time to clean up behind themselves.</summary>
    /// <returns>True when all have left.</returns>
    public async Task<bool> StopAsync(TimeSpan patience)
    {
        Stop();
        await Task.WhenAny(_emptied.Task, Task.Delay(patience, Time)).ConfigureAwait(false);
        return _emptied.Task.IsCompleted;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Stop();
        _wheel.Dispose();
    }

    /// <summary>The pump. Pool thread; one at a time.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        while (true)
        {
            while (PumpSlice(View))
            {
            }

            // Whoever came while the pump was about to end relied on it: look once more after saying that it ends.
            Interlocked.Exchange(ref _isPumpQueued, 0);
            if (!HasWork() || Interlocked.Exchange(ref _isPumpQueued, 1) != 0)
            {
                return;
            }
        }
    }

    internal ValueTask<WatchWake> Park(Watcher watcher, Revision next, TimeSpan patience)
    {
        lock (_lock)
        {
            (watcher.Next, watcher.Patience) = (next, patience);
            if (TryPark(watcher) is { } wake)
            {
                return new ValueTask<WatchWake>(wake);
            }

            PumpForParked();
            return watcher.NewWait();
        }
    }

    /// <summary>
    /// Ends a watcher's wait, or its next one when it is not waiting, as if its patience had ended: so its flow comes
    /// round once from now on.
    /// </summary>
    internal void Poke(Watcher watcher)
    {
        lock (_lock)
        {
            PokeOne(watcher);
        }
    }

    private void PokeAll()
    {
        lock (_lock)
        {
            _index.VisitAll(PokeOne);
        }
    }

    private void PokeOne(Watcher watcher)
    {
        watcher.IsPoked |= !watcher.IsParked;
        WakeSettled(watcher);
    }

    internal void Cancel(Watcher watcher)
    {
        lock (_lock)
        {
            watcher.IsCancelled = true;
            Wake(watcher, WatchWake.Cancelled);
        }
    }

    internal void Unpark(Watcher watcher)
    {
        lock (_lock)
        {
            Wake(watcher, WatchWake.Cancelled);
        }
    }

    internal void Remove(Watcher watcher)
    {
        lock (_lock)
        {
            if (watcher.IsDisposed)
            {
                return;
            }

            watcher.IsDisposed = true;
            Wake(watcher, WatchWake.Cancelled);
            _index.Remove(watcher);
            _openCount--;
            NoteWhenEmpty();
        }
    }

    private bool TryAdd(Watcher watcher)
    {
        lock (_lock)
        {
            if (_openCount >= _maxWatchers)
            {
                return false;
            }

            _openCount++;
            _index.Add(watcher);
            return true;
        }
    }

    // Null when it is parked, else why it need not wait. What was published meanwhile is for PumpForParked.
    private WatchWake? TryPark(Watcher watcher)
    {
        Check.That(!watcher.IsParked, "a watcher waits once at a time");
        if (watcher.IsCancelled || watcher.IsDisposed)
        {
            return WatchWake.Cancelled;
        }

        if (_isStopping)
        {
            return WatchWake.Stopping;
        }

        if (watcher.IsPoked)
        {
            watcher.IsPoked = false;
            return WatchWake.Due;
        }

        if (_parkedCount == 0)
        {
            // Nobody else is parked: nothing below its own revision has to be shown to anyone. Never beyond what
            // has happened.
            Revision settled = new(Math.Min(watcher.Next.Value - 1, View.Revision.Value));
            _pumped = settled > _pumped ? settled : _pumped;
        }

        if (watcher.Next <= _pumped)
        {
            return WatchWake.Changes;
        }

        watcher.IsParked = true;
        if (watcher.Patience != Timeout.InfiniteTimeSpan)
        {
            _wheel.Add(watcher, watcher.Patience);
        }

        Volatile.Write(ref _parkedCount, _parkedCount + 1);
        return null;
    }

    private void PumpForParked()
    {
        // Pairs with Published.
        Interlocked.MemoryBarrier();
        if (_parkedCount > 0 && View.Revision > _pumped)
        {
            QueuePump();
        }
    }

    private void NoteWhenEmpty()
    {
        if (_isStopping && _openCount == 0)
        {
            _emptied.TrySetResult();
        }
    }

    private void QueuePump()
    {
        if (Interlocked.Exchange(ref _isPumpQueued, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    private bool HasWork()
    {
        lock (_lock)
        {
            return _parkedCount > 0 && View.Revision > _pumped;
        }
    }

    // True while there is more to do in this view.
    private bool PumpSlice(StoreView view)
    {
        bool hasMore;
        lock (_lock)
        {
            _isPumping = true;
            hasMore = ShowSlice(view);
            _isPumping = false;
        }

        EndCalled();
        return hasMore;
    }

    private bool ShowSlice(StoreView view)
    {
        if (_parkedCount == 0 || view.Revision <= _pumped)
        {
            return false;
        }

        _changes.Clear();
        if (view.ReadChanges(_pumped.Next, SliceChanges, _changes, out Revision next) == ReadStatus.Compacted)
        {
            // The store was replaced, or compacted before the pump came: what was in the gap, nobody can tell.
            SkipTo(view.CompactedRevision);
            return true;
        }

        for (int i = 0; i < _changes.Count; i++)
        {
            _index.Visit(_changes[i], _show);
        }

        _changes.Clear();
        Check.That(next.Value - 1 > _pumped.Value, "the pump moves on", next.Value, _pumped.Value);
        _pumped = new Revision(next.Value - 1);
        return _pumped < view.Revision;
    }

    // Those who needed a change in the gap are woken, and find it compacted. Those who start after it wait on.
    private void SkipTo(Revision compacted)
    {
        Revision from = _pumped.Next;
        _index.VisitAll(watcher =>
        {
            if (watcher.IsParked && watcher.Next < compacted)
            {
                watcher.Next = watcher.Next > from ? watcher.Next : from;
                Wake(watcher, WatchWake.Changes);
            }
        });
        _pumped = new Revision(compacted.Value - 1);
    }

    private void Show(Watcher watcher, KeyValue change)
    {
        if (watcher.IsParked && change.ModRevision >= watcher.Next && watcher.Selector.WantsKind(change))
        {
            watcher.Next = change.ModRevision;
            Wake(watcher, WatchWake.Changes);
        }
    }

    private void WakeDue()
    {
        lock (_lock)
        {
            _wheel.TakeDue(_due);
            _due.ForEach(WakeSettled);
            _due.Clear();
        }
    }

    // All that was pumped is settled for one who was parked meanwhile, whatever its own number says: what it began at may be
    // compacted by now.
    private void WakeSettled(Watcher watcher)
    {
        if (watcher.IsParked)
        {
            Revision settled = _pumped.Next;
            watcher.Next = watcher.Next > settled ? watcher.Next : settled;
            Wake(watcher, WatchWake.Due);
        }
    }

    private void Wake(Watcher watcher, WatchWake wake)
    {
        if (!watcher.IsParked)
        {
            return;
        }

        watcher.IsParked = false;
        _wheel.Remove(watcher);
        Volatile.Write(ref _parkedCount, _parkedCount - 1);
        if (wake == WatchWake.Changes)
        {
            Volatile.Write(ref _wokenCount, _wokenCount + 1);
        }

        if (watcher.Group is { } group)
        {
            Tell(group, watcher, wake);
            return;
        }

        NoteFlow(wake);
        watcher.End(wake);
    }

    private void NoteFlow(WatchWake wake)
    {
        if (wake == WatchWake.Changes)
        {
            Volatile.Write(ref _wokenFlowCount, _wokenFlowCount + 1);
        }
    }
}
