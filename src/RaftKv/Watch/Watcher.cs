using System.Threading.Tasks.Sources;
using RaftKv.Core;

namespace RaftKv.Watch;

/// <summary>
/// One place where somebody waits for changes. While it waits it is this one object, in the index and in the wheel at
/// once: no task, no timer, no queue. It holds no changes: who is woken reads them from the store's view, at its own
/// pace. Used by one flow at a time; dispose it to leave. One of a group waits there.
/// </summary>
public sealed class Watcher : IValueTaskSource<WatchWake>, IDisposable
{
    private readonly WatchHub _hub;
    private ManualResetValueTaskSourceCore<WatchWake> _wait;
    private CancellationTokenRegistration _cancellation;
    private WatcherLinks _inIndex;
    private WatcherLinks _inWheel;

    internal Watcher(WatchHub hub, WatchSelector selector, WatcherGroup? group)
    {
        _hub = hub;
        Group = group;
        Selector = selector;
        _wait.RunContinuationsAsynchronously = true;
    }

    /// <summary>What it is about.</summary>
    public WatchSelector Selector { get; }

    /// <summary>
    /// The revision to go on from, as of the last <see cref="ParkAsync"/> that ended: no change below it concerns this
    /// watcher that it has not been told of.
    /// </summary>
    public Revision Next { get; internal set; }

    /// <summary>How long one of a group waits; infinite by default.</summary>
    public TimeSpan Patience { get; internal set; } = Timeout.InfiniteTimeSpan;

    /// <summary>Why one of a group was woken last.</summary>
    public WatchWake WokenBy { get; internal set; }

    /// <summary>Whose it is, of one in a group.</summary>
    public object? Owner { get; internal set; }

    internal WatcherGroup? Group { get; }

    // All that follows is guarded by the hub's lock.
    internal bool IsParked { get; set; }

    internal bool IsCancelled { get; set; }

    internal bool IsDisposed { get; set; }

    internal bool IsPoked { get; set; }

    internal long DueTick { get; set; }

    /// <summary>Its place in the list of one kind.</summary>
    internal ref WatcherLinks LinksIn(WatcherListKind kind)
    {
        if (kind == WatcherListKind.Index)
        {
            return ref _inIndex;
        }

        return ref _inWheel;
    }

    /// <summary>
    /// Waits until something at or after <paramref name="next"/> concerns this watcher. Ends at once when that may
    /// already be so.
    /// </summary>
    /// <param name="next">Everything below has been read.</param>
    /// <param name="patience">Ends with <see cref="WatchWake.Due"/> after this time, never early; infinite for
    /// never.</param>
    public ValueTask<WatchWake> ParkAsync(Revision next, TimeSpan patience) => _hub.Park(this, next, patience);

    /// <summary>Ends the wait, or the next one, with <see cref="WatchWake.Due"/>. Any thread.</summary>
    public void Poke() => _hub.Poke(this);

    /// <summary>Ends the wait that is under way, as cancelled; the watcher can wait again.</summary>
    public void Unpark() => _hub.Unpark(this);

    /// <summary>Leaves; the hub forgets it at once.</summary>
    public void Dispose()
    {
        _cancellation.Dispose();
        _hub.Remove(this);
    }

    /// <inheritdoc/>
    WatchWake IValueTaskSource<WatchWake>.GetResult(short token) => _wait.GetResult(token);

    /// <inheritdoc/>
    ValueTaskSourceStatus IValueTaskSource<WatchWake>.GetStatus(short token) => _wait.GetStatus(token);

    /// <inheritdoc/>
    void IValueTaskSource<WatchWake>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _wait.OnCompleted(continuation, state, token, flags);

    internal void EndWith(CancellationToken cancellationToken) => _cancellation = cancellationToken.UnsafeRegister(
        static state => ((Watcher)state!)._hub.Cancel((Watcher)state), this);

    internal ValueTask<WatchWake> NewWait()
    {
        _wait.Reset();
        return new ValueTask<WatchWake>(this, _wait.Version);
    }

    internal void End(WatchWake wake) => _wait.SetResult(wake);
}
