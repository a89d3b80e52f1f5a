using RaftKv.Core;
using RaftKv.Core.Store.Commands;
using RaftKv.Service.Calls;
using RaftKv.Service.Watches;
using RaftKv.Watch;
using Proto = RaftKv.Protocol.Etcd;

namespace RaftKv.Doors.Etcd.Watches;

/// <summary>One watch of a stream: what its client asked for, and the place up to which it was told. Used in the output's turn.</summary>
internal sealed class WatchFlow : IDisposable
{
    // etcd's default for --experimental-watch-progress-notify-interval.
    private static readonly TimeSpan _progressInterval = TimeSpan.FromMinutes(10);

    private readonly TimeProvider _time;
    private readonly bool _wantsProgress;
    private long _lastMessageAt;

    private WatchFlow(long id, Proto.WatchCreateRequest request, GroupFeed feed, TimeProvider time)
    {
        Id = id;
        Feed = feed;
        WantsPrevious = request.PrevKv;
        WantsFragments = request.Fragment;
        _wantsProgress = request.ProgressNotify;
        _time = time;
        Note();
        feed.Watcher.Owner = this;
        Wait();
    }

    /// <summary>Names the watch on its stream.</summary>
    public long Id { get; }

    /// <summary>Where it stands. Everything below has been told, once the pass that read it has ended.</summary>
    public GroupFeed Feed { get; }

    /// <summary>True when the pair before each change is told with it.</summary>
    public bool WantsPrevious { get; }

    /// <summary>True when large answers are cut.</summary>
    public bool WantsFragments { get; }

    /// <summary>True once nothing more may be told.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>True when it has been silent for so long that its client is told how far it is.</summary>
    public bool IsProgressDue => _wantsProgress && Patience() == TimeSpan.Zero;

    /// <summary>Opens a watch; null when the node has too many.</summary>
    public static WatchFlow? TryOpen(
        ServiceCall call, WatcherGroup group, long id, Proto.WatchCreateRequest request, WatchSelector selector, Revision start)
    {
        KeyRights rights = KeyRights.Watch | (request.PrevKv ? KeyRights.Read : KeyRights.None);
        return GroupFeed.TryOpen(call, selector, group, start, rights) is { } feed
            ? new WatchFlow(id, request, feed, call.Node.Watches.Time)
            : null;
    }

    /// <summary>Its client hears of it now.</summary>
    public void Note()
    {
        if (_wantsProgress)
        {
            _lastMessageAt = _time.GetTimestamp();
        }
    }

    /// <summary>Says how it waits from here on.</summary>
    public void Wait() => Feed.Wait(_wantsProgress ? Patience() : Timeout.InfiniteTimeSpan);

    /// <inheritdoc/>
    public void Dispose()
    {
        IsEnded = true;
        Feed.Dispose();
    }

    private TimeSpan Patience()
    {
        TimeSpan left = _progressInterval - _time.GetElapsedTime(_lastMessageAt);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
