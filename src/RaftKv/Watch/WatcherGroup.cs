using System.Threading.Tasks.Sources;
using RaftKv.Core;

namespace RaftKv.Watch;

/// <summary>
/// Watchers of one flow that waits for all of them at once: however many of them a publication concerns, the flow is woken once, and
/// finds them in a list. One flow, <see cref="Call"/> aside; dispose it when its watchers are.
/// </summary>
public sealed class WatcherGroup : IValueTaskSource, IDisposable
{
    private readonly WatchHub _hub;
    private readonly CancellationTokenRegistration _cancellation;
    private ManualResetValueTaskSourceCore<bool> _wait;

    internal WatcherGroup(WatchHub hub, CancellationToken cancellationToken)
    {
        _hub = hub;
        _wait.RunContinuationsAsynchronously = true;
        _cancellation = cancellationToken.UnsafeRegister(static state => ((WatcherGroup)state!).Call(), this);
    }

    // All that follows is guarded by the hub's lock.
    internal List<Watcher> Woken { get; } = [];

    internal bool IsWaiting { get; set; }

    internal bool IsCalled { get; set; }

    /// <summary>Waits until one of the watchers is woken or the flow is called; ends at once when that is so already.</summary>
    public ValueTask WaitAsync() => _hub.Wait(this);

    /// <summary>
    /// Moves those who were woken behind the others in <paramref name="into"/>, in the order of their waking;
    /// <see cref="Watcher.WokenBy"/> says why. They are not parked any more.
    /// </summary>
    public void Take(List<Watcher> into) => _hub.Take(this, into);

    /// <summary>
    /// Parks watchers of the group, each from its <see cref="Watcher.Next"/> on and for its <see cref="Watcher.Patience"/>. One for
    /// whom there may be something already is woken at once.
    /// </summary>
    public void Park(List<Watcher> watchers) => _hub.Park(this, watchers);

    /// <summary>Wakes a watcher of the group that was never parked: its flow begins with it.</summary>
    public void Begin(Watcher watcher) => _hub.Begin(this, watcher);

    /// <summary>As <see cref="Watcher.Poke"/>, for many. Any thread.</summary>
    public void Poke(List<Watcher> watchers) => _hub.Poke(watchers);

    /// <summary>Ends the flow's wait, or its next one. Any thread.</summary>
    public void Call() => _hub.Call(this);

    /// <inheritdoc/>
    public void Dispose() => _cancellation.Dispose();

    /// <inheritdoc/>
    void IValueTaskSource.GetResult(short token) => _wait.GetResult(token);

    /// <inheritdoc/>
    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _wait.GetStatus(token);

    /// <inheritdoc/>
    void IValueTaskSource.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _wait.OnCompleted(continuation, state, token, flags);

    internal ValueTask NewWait()
    {
        Check.That(!IsWaiting, "a group has one flow");
        _wait.Reset();
        IsWaiting = true;
        return new ValueTask(this, _wait.Version);
    }

    /// <summary>Lets the flow go on; whoever calls it has taken <see cref="IsWaiting"/> back.</summary>
    internal void End() => _wait.SetResult(true);
}
