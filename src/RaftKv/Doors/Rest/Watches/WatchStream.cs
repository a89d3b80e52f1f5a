using RaftKv.Contract;
using RaftKv.Core;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Tree;
using RaftKv.Doors.Http;
using RaftKv.Service.Watches;
using RaftKv.Watch;

namespace RaftKv.Doors.Rest.Watches;

/// <summary>
/// One watch as a stream: reads from the newest view what it has not told yet, tells it, and parks at the end. Between
/// two messages it holds its place and nothing of the store. One flow only.
/// </summary>
internal sealed class WatchStream
{
    private readonly Exchange _exchange;
    private readonly WatchRequest _request;
    private readonly WatchHub _hub;
    private readonly WatchOutput _output;
    private readonly WatchMessages _messages;
    private readonly Revision _next;
    private readonly long _startedAt;
    private long _lastMessageAt;
    private int _toldCount;

    public WatchStream(Exchange exchange, WatchRequest request, Revision next)
    {
        _exchange = exchange;
        _request = request;
        _hub = exchange.Node.Watches;
        _output = new WatchOutput(exchange);
        _messages = new WatchMessages(request, _output);
        _next = next;
        _startedAt = _hub.Time.GetTimestamp();
        _lastMessageAt = _startedAt;
    }

    /// <summary>Streams until the client goes, a limit is reached, or the watch is cancelled with a reason.</summary>
    /// <param name="snapshot">The view whose state is told first; null for none.</param>
    public async Task RunAsync(StoreView? snapshot)
    {
        using ChangeFeed feed = Feeds.Open(_exchange, _request.Selector, _next, _request.Rights);
        feed.CutOff = _output.CutOff;
        _exchange.ApplyHeaders();
        await _output.StartAsync(_request.Format == WatchFormat.EventStream ? "text/event-stream" : "application/x-ndjson");
        try
        {
            await OpenAsync(snapshot, feed.Told);
            snapshot = null;
            while (await TellNewsAsync(feed) && await WaitAsync(feed))
            {
            }

            await FlushAsync();
        }
        catch (SlowConsumerException)
        {
            feed.Drop();
            await EndSlowAsync();
        }
    }

    private async ValueTask EndSlowAsync()
    {
        if (_messages.IsAmid)
        {
            _output.Break();
            return;
        }

        _messages.Cancel("slow-consumer", null, "The client took nothing for too long. Resume from the last id that was received.");
        await _output.EndSlowAsync();
    }

    private bool IsOver => _request.Timeout != Timeout.InfiniteTimeSpan && _hub.Time.GetElapsedTime(_startedAt) >= _request.Timeout;

    // A watch from now says where it begins, so that whoever loses the connection before the first change can resume.
    private async ValueTask OpenAsync(StoreView? snapshot, Revision told)
    {
        if (snapshot is not null)
        {
            await _messages.SnapshotAsync(snapshot);
        }
        else if (_request.Start == Revision.Zero)
        {
            _messages.Bookmark(told);
        }

        await FlushAsync();
    }

    // True when everything that there is has been told; false when the stream ends.
    private async ValueTask<bool> TellNewsAsync(ChangeFeed feed)
    {
        while (true)
        {
            switch (await feed.ReadAsync())
            {
                case FeedStep.Stopping:
                    _messages.Cancel("shutting-down", null, "This node is shutting down. Resume at another one from the last id received.");
                    return false;
                case FeedStep.Compacted:
                    _messages.Cancel(
                        "compacted",
                        feed.View.CompactedRevision,
                        "Changes that were not told yet are compacted. Start again with snapshot=true.");
                    return false;
                case FeedStep.Denied:
                    _messages.Cancel(ErrorCodes.AccessDenied, null, "The right to these keys was taken away, or the proof of who asks.");
                    return false;
                case FeedStep.AtEnd:
                    return true;
                case FeedStep.Changes when !await TellAsync(feed):
                    return false;
            }

            if (IsOver && feed.Next <= feed.View.Revision)
            {
                _messages.Bookmark(feed.Told);
                return false;
            }

            // A long way to go: others may have the thread in between.
            await Task.Yield();
        }
    }

    private async ValueTask<bool> TellAsync(ChangeFeed feed)
    {
        List<KeyValue> changes = feed.Changes;
        for (int from = 0; from < changes.Count;)
        {
            int count = ChangeGroups.CountFrom(changes, from);
            await _messages.ChangeAsync(feed.View, changes, from, count);
            from += count;
            _toldCount += count;
            if (_request.Limit > 0 && _toldCount >= _request.Limit)
            {
                return false;
            }

            if (_output.IsFull)
            {
                await FlushAsync();
            }
        }

        await FlushAsync();
        return true;
    }

    // True when it goes on.
    private async ValueTask<bool> WaitAsync(ChangeFeed feed)
    {
        WatchWake wake = await feed.WaitAsync(Patience());
        if (wake == WatchWake.Cancelled)
        {
            return false;
        }

        if (wake == WatchWake.Due)
        {
            // A start that is still to come is not told of: whoever resumed from what has happened would get older
            // changes.
            if (feed.Told <= _hub.View.Revision)
            {
                _messages.Bookmark(feed.Told);
            }
            else
            {
                _messages.KeepAlive();
            }

            await FlushAsync();
            return !IsOver;
        }

        return true;
    }

    private TimeSpan Patience()
    {
        TimeSpan toBookmark = _request.BookmarkInterval - _hub.Time.GetElapsedTime(_lastMessageAt);
        if (_request.Timeout != Timeout.InfiniteTimeSpan)
        {
            TimeSpan toEnd = _request.Timeout - _hub.Time.GetElapsedTime(_startedAt);
            toBookmark = toEnd < toBookmark ? toEnd : toBookmark;
        }

        return toBookmark > TimeSpan.Zero ? toBookmark : TimeSpan.Zero;
    }

    private ValueTask FlushAsync()
    {
        _lastMessageAt = _hub.Time.GetTimestamp();
        return _output.FlushAsync();
    }
}
