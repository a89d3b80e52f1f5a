using RaftKv.Core;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Tree;
using RaftKv.Doors.Etcd.Calls;
using RaftKv.Service.Watches;
using RaftKv.Watch;
using Proto = RaftKv.Protocol.Etcd;

namespace RaftKv.Doors.Etcd.Watches;

/// <summary>
/// One watch of a stream: reads from the newest view what it has not told yet, tells it, and parks at the end. Between
/// two messages it holds its place and nothing of the store.
/// </summary>
internal sealed class WatchFlow
{
    // etcd's default for --experimental-watch-progress-notify-interval.
    private static readonly TimeSpan _progressInterval = TimeSpan.FromMinutes(10);

    // A message ends at the revision in which its keys and values reach this size.
    private const int MaxMessageBytes = 1_048_576;

    private readonly WatchStream _stream;
    private readonly WatchOutput _output;
    private readonly Proto.WatchCreateRequest _request;
    private readonly ChangeFeed _feed;
    private readonly CancellationTokenSource _ended;
    private Task _running = Task.CompletedTask;
    private long _lastMessageAt;
    private long _told;

    private WatchFlow(
        WatchStream stream, WatchOutput output, long id, Proto.WatchCreateRequest request, ChangeFeed feed,
        CancellationTokenSource ended)
    {
        _stream = stream;
        _output = output;
        Id = id;
        _request = request;
        _feed = feed;
        _ended = ended;
        _lastMessageAt = stream.Hub.Time.GetTimestamp();
        _told = feed.Told.Value;
    }

    /// <summary>Names the watch on its stream.</summary>
    public long Id { get; }

    /// <summary>Everything up to here that concerns the watch has been sent. Any thread.</summary>
    public Revision Told => new(Interlocked.Read(ref _told));

    /// <summary>Opens a watch that does not run yet; null when the node has too many.</summary>
    public static WatchFlow? TryOpen(
        WatchStream stream, WatchOutput output, long id, Proto.WatchCreateRequest request, WatchSelector selector, Revision start,
        CancellationToken cancelled)
    {
        var ended = CancellationTokenSource.CreateLinkedTokenSource(cancelled);
        KeyRights rights = KeyRights.Watch | (request.PrevKv ? KeyRights.Read : KeyRights.None);
        if (ChangeFeed.TryOpen(stream.BeginCall(), selector, start, ended.Token, rights) is { } feed)
        {
            feed.CutOff = output.CutOff;
            return new WatchFlow(stream, output, id, request, feed, ended);
        }

        ended.Dispose();
        return null;
    }

    /// <summary>True when the caller may not see all these keys.</summary>
    public bool IsDenied => _feed.Refusal is not null;

    /// <summary>Lets it run.</summary>
    public void Start() => _running = RunAsync();

    /// <summary>Makes it come round once more, so that it confirms what it has told.</summary>
    public void Poke() => _feed.Poke();

    /// <summary>Ends it, and waits until it says nothing more.</summary>
    public async Task EndAsync()
    {
        if (!_running.IsCompleted)
        {
            await _ended.CancelAsync();
            await _running;
        }

        _feed.Dispose();
        _ended.Dispose();
    }

    // Never faults: what goes wrong is the stream's.
    private async Task RunAsync()
    {
        try
        {
            // The stream's reader goes on meanwhile.
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            while (await TellNewsAsync())
            {
                await _stream.ConfirmAsync(this);
                if (!await WaitAsync())
                {
                    break;
                }
            }
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested)
        {
            // The client has cancelled the watch, or gone.
        }
        catch (Exception e)
        {
            _stream.Fail(e);
        }
        finally
        {
            _stream.Forget(this);
            _feed.Dispose();
        }
    }

    // True when everything that there is has been told; false when the watch has ended.
    private async ValueTask<bool> TellNewsAsync()
    {
        while (true)
        {
            _ended.Token.ThrowIfCancellationRequested();
            FeedStep step = await _feed.ReadAsync();
            switch (step)
            {
                case FeedStep.Stopping:
                    throw EtcdErrors.Stopped();
                case FeedStep.Denied:
                    await _output.SendAsync(new Proto.WatchResponse
                    {
                        Header = _output.Header(Revision.Zero),
                        WatchId = Id,
                        Canceled = true,
                        CancelReason = EtcdErrors.WatchDenied,
                    });
                    return false;
                case FeedStep.Compacted:
                    await _output.SendAsync(new Proto.WatchResponse
                    {
                        Header = _output.Header(Revision.Zero),
                        WatchId = Id,
                        Canceled = true,
                        CompactRevision = _feed.View.CompactedRevision.Value,
                    });
                    return false;
            }

            await TellAsync();
            if (step == FeedStep.AtEnd)
            {
                return true;
            }

            // A long way to go: others may have the thread in between.
            await Task.Yield();
        }
    }

    private async ValueTask TellAsync()
    {
        Revision told = _feed.Told;
        List<KeyValue> changes = _feed.Changes;
        for (int from = 0; from < changes.Count;)
        {
            var answer = new Proto.WatchResponse { WatchId = Id };
            int end = Collect(changes, from, answer);
            Revision complete = end < changes.Count ? changes[end - 1].ModRevision : told;
            answer.Header = _output.Header(complete);
            await _output.SendAsync(answer, _request.Fragment, changes[end - 1].ModRevision);
            _lastMessageAt = _stream.Hub.Time.GetTimestamp();
            from = end;
        }

        Interlocked.Exchange(ref _told, told.Value);
    }

    // Whole revisions, until the message is large enough; the end in the list.
    private int Collect(List<KeyValue> changes, int from, Proto.WatchResponse answer)
    {
        int bytes = 0;
        int at = from;
        while (at < changes.Count)
        {
            KeyValue change = changes[at];
            if (bytes >= MaxMessageBytes && change.ModRevision != changes[at - 1].ModRevision)
            {
                break;
            }

            answer.Events.Add(WatchMapping.ToEvent(change, _feed.View, _request.PrevKv));
            bytes += change.DataBytes;
            at++;
        }

        return at;
    }

    // True when it goes on.
    private async ValueTask<bool> WaitAsync()
    {
        WatchWake wake = await _feed.WaitAsync(Patience());
        if (wake == WatchWake.Due && _request.ProgressNotify && Patience() <= TimeSpan.Zero)
        {
            // What is settled may lie in the future, for a watch that starts there; nothing is claimed of that.
            Revision now = _stream.View.Revision;
            var told = new Revision(Math.Min(_feed.Told.Value, now.Value));
            await _output.TrySendProgressAsync(told, Id);
            _lastMessageAt = _stream.Hub.Time.GetTimestamp();
        }

        return wake != WatchWake.Cancelled;
    }

    private TimeSpan Patience()
    {
        if (!_request.ProgressNotify)
        {
            return Timeout.InfiniteTimeSpan;
        }

        TimeSpan left = _progressInterval - _stream.Hub.Time.GetElapsedTime(_lastMessageAt);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
