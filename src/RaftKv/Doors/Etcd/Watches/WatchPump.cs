using RaftKv.Core;
using RaftKv.Core.Store;
using RaftKv.Doors.Etcd.Calls;
using RaftKv.Service.Watches;
using RaftKv.Watch;
using Proto = RaftKv.Protocol.Etcd;

namespace RaftKv.Doors.Etcd.Watches;

/// <summary>
/// Tells the changes of all watches of a stream: one flow, woken once for all that a publication concerns. A pass reads what each of
/// those has not told yet, all from one view, and parks those who are at its end. It goes in rounds, each as much as leaves at once.
/// Between two passes it holds nothing of the store.
/// </summary>
internal sealed class WatchPump : IDisposable
{
    // What a round tells: several frames of HTTP/2, and no more than a connection takes well at once. A larger batch has its own.
    private const long RoundBytes = 64 * 1024;

    // Beside key and value.
    private const long ChangeBytes = 64;

    // A read that found nothing and is not at the end takes as long as to tell so much.
    private const long FutileReadBytes = 16 * 1024;

    private readonly WatchStream _stream;
    private readonly WatchOutput _output;
    private readonly WatchProgress _progress;
    private readonly WatcherGroup _group;
    private readonly WatchPlace _place;
    private readonly CancellationToken _cancelled;

    // Those that are not at the end; the first _left of them belong to the pass that is under way.
    private readonly List<WatchFlow> _todo = [];
    private readonly List<WatchTelling> _tellings = [];
    private readonly List<Watcher> _woken = [];
    private readonly List<Watcher> _atEnd = [];
    private StoreView? _view;
    private ChangeBatch? _batch;
    private int _left;
    private int _read;
    private long _cost;

    public WatchPump(WatchStream stream, WatchOutput output, WatchProgress progress, CancellationToken cancelled)
    {
        _stream = stream;
        _output = output;
        _progress = progress;
        _cancelled = cancelled;
        _group = stream.Hub.NewGroup(cancelled);
        _place = new WatchPlace { CutOff = output.CutOff };
    }

    /// <summary>Where its watches wait.</summary>
    public WatcherGroup Group => _group;

    /// <summary>Runs until the stream ends. Never faults: what goes wrong is the stream's.</summary>
    public async Task RunAsync()
    {
        try
        {
            while (true)
            {
                await PassAsync();
            }
        }
        catch (OperationCanceledException) when (_cancelled.IsCancellationRequested)
        {
            // The client has gone, or the stream has ended otherwise.
        }
        catch (Exception e)
        {
            _stream.Fail(e);
        }
        finally
        {
            _stream.Hub.Room.Release(_place);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _group.Dispose();

    private async ValueTask PassAsync()
    {
        if (_todo.Count == 0)
        {
            await _group.WaitAsync().ConfigureAwait(false);
        }
        else
        {
            // A long way to go: others may have the thread in between.
            await Task.Yield();
        }

        _cancelled.ThrowIfCancellationRequested();
        TakeWoken();
        _left = _todo.Count;
        _view = _stream.View;
        do
        {
            await RoundAsync();
        }
        while (_left > 0);
        (_view, _batch) = (null, null);
        await _progress.AnswerAsync();
    }

    private void TakeWoken()
    {
        _group.Take(_woken);
        foreach (Watcher watcher in _woken)
        {
            var flow = (WatchFlow)watcher.Owner!;
            flow.Feed.MoveTo(watcher.Next);
            _todo.Add(flow);
        }

        _woken.Clear();
    }

    private async ValueTask RoundAsync()
    {
        WatchRoom room = _stream.Hub.Room;
        if (await TryRoundAsync(room, hasRoom: false) is > 0 and long lacking)
        {
            await room.TakeAsync(_place, lacking, _cancelled);
            await TryRoundAsync(room, hasRoom: true);
        }
    }

    // The room that it lacks, for which it holds nothing meanwhile; 0 when it is done.
    private async ValueTask<long> TryRoundAsync(WatchRoom room, bool hasRoom)
    {
        await _output.EnterAsync();
        try
        {
            Read();
            if (hasRoom)
            {
                room.Resize(_place, _cost);
            }
            else if (_cost > 0 && !room.TryTake(_place, _cost))
            {
                Unread();
                return _cost;
            }

            await TellAsync();
            return 0;
        }
        finally
        {
            room.Release(_place);
            _output.Leave();
        }
    }

    // Those that the client has cancelled meanwhile are left out.
    private void Read()
    {
        StoreView newest = _stream.View;
        long bytes = 0;
        for (_cost = 0; _read < _left && bytes < RoundBytes; _read++)
        {
            WatchFlow flow = _todo[_read];
            if (!flow.IsEnded)
            {
                bytes += Read(flow, newest);
            }
        }
    }

    // How much it adds to the round.
    private long Read(WatchFlow flow, StoreView newest)
    {
        FeedStep step = flow.Feed.Read(_view!, newest, ref _batch);
        switch (step)
        {
            case FeedStep.Stopping:
                throw EtcdErrors.Stopped();
            case FeedStep.More:
                _todo.Add(flow);
                return FutileReadBytes;
            case FeedStep.AtEnd:
                if (flow.IsProgressDue)
                {
                    _tellings.Add(new WatchTelling(flow, step, null));
                }

                _atEnd.Add(flow.Feed.Watcher);
                return 0;
            case FeedStep.Changes:
                _tellings.Add(new WatchTelling(flow, step, _batch));
                _cost += _batch!.Cost;
                flow.Note();
                if (flow.Feed.Next > _view!.Revision)
                {
                    _atEnd.Add(flow.Feed.Watcher);
                }
                else
                {
                    _todo.Add(flow);
                }

                return _batch.DataBytes + (_batch.Changes.Count * ChangeBytes);
            default:
                _tellings.Add(new WatchTelling(flow, step, _batch));
                return 0;
        }
    }

    // The same is read twice rather than held while others have the room.
    private void Unread()
    {
        foreach (WatchTelling telling in _tellings)
        {
            if (telling.Step == FeedStep.Changes)
            {
                telling.Flow.Feed.MoveTo(telling.Batch!.From);
            }
        }

        _tellings.Clear();
        _atEnd.Clear();
        _todo.RemoveRange(_left, _todo.Count - _left);
        _read = 0;
        _batch = null;
    }

    private async ValueTask TellAsync()
    {
        for (int at = 0; (at = _output.PutSmall(_tellings, at)) < _tellings.Count; at++)
        {
            await TellAsync(_tellings[at]);
        }

        await _output.FlushAsync();
        _tellings.Clear();
        _todo.RemoveRange(0, _read);
        _left -= _read;
        _read = 0;
        foreach (Watcher watcher in _atEnd)
        {
            ((WatchFlow)watcher.Owner!).Wait();
        }

        _group.Park(_atEnd);
        _atEnd.Clear();
    }

    private async ValueTask TellAsync(WatchTelling telling)
    {
        WatchFlow flow = telling.Flow;
        switch (telling.Step)
        {
            case FeedStep.Changes:
                await _output.WriteAsync(flow, telling.Batch!);
                break;
            case FeedStep.AtEnd:
                // What is settled may lie in the future, for a watch that starts there; nothing is claimed of that.
                flow.Note();
                await _output.TryWriteProgressAsync(new Revision(Math.Min(flow.Feed.Told.Value, _view!.Revision.Value)), flow.Id);
                break;
            default:
                await _output.WriteAsync(new Proto.WatchResponse
                {
                    Header = _output.Header(Revision.Zero),
                    WatchId = flow.Id,
                    Canceled = true,
                    CancelReason = telling.Step == FeedStep.Denied ? EtcdErrors.WatchDenied : "",
                    CompactRevision = telling.Step == FeedStep.Compacted ? telling.Batch!.View.CompactedRevision.Value : 0,
                });
                _stream.Forget(flow);
                break;
        }
    }
}
