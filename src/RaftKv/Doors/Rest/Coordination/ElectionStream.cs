using System.Globalization;
using System.Text;
using System.Text.Json;
using RaftKv.Contract;
using RaftKv.Contract.Bodies;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Tree;
using RaftKv.Core;
using RaftKv.Doors.Http;
using RaftKv.Doors.Rest.Watches;
using RaftKv.Service.Watches;
using RaftKv.Watch;

namespace RaftKv.Doors.Rest.Coordination;

/// <summary>One observer of an election, as Server-Sent Events. One flow only.</summary>
internal sealed class ElectionStream
{
    private static readonly TimeSpan _silence = TimeSpan.FromSeconds(10);

    private readonly Exchange _exchange;
    private readonly WatchHub _hub;
    private readonly WatchOutput _output;
    private readonly WatchSelector _selector;
    private readonly LeaderHistory _history;
    private readonly TimeSpan _timeout;
    private readonly long _startedAt;
    private readonly Revision _start;

    public ElectionStream(Exchange exchange, byte[] name, StoreView view, TimeSpan timeout)
    {
        _exchange = exchange;
        _hub = exchange.Node.Watches;
        _output = new WatchOutput(exchange);
        _selector = WatchSelector.OfPrefix(LockKeys.QueuePrefix(LockKind.Election, name));
        _history = new LeaderHistory(view.GetLockQueue(LockKind.Election, name));
        _timeout = timeout;
        _startedAt = _hub.Time.GetTimestamp();
        _start = view.Revision;
    }

    /// <summary>Tells who leads now, and then every change of it.</summary>
    public async Task RunAsync()
    {
        using ChangeFeed feed = Feeds.Open(_exchange, _selector, _start.Next);
        feed.CutOff = _output.CutOff;
        _exchange.ApplyHeaders();
        await _output.StartAsync("text/event-stream");
        try
        {
            Tell(_start.Value);
            await _output.FlushAsync();
            while (await TellNewsAsync(feed) && await WaitAsync(feed))
            {
            }

            await _output.FlushAsync();
        }
        catch (SlowConsumerException)
        {
            feed.Drop();
            Cancel("slow-consumer");
            await _output.EndSlowAsync();
        }
    }

    private async ValueTask<bool> TellNewsAsync(ChangeFeed feed)
    {
        while (true)
        {
            switch (await feed.ReadAsync())
            {
                case FeedStep.Stopping:
                    Cancel("shutting-down");
                    return false;
                case FeedStep.Compacted:
                    Cancel("compacted");
                    return false;
                case FeedStep.Denied:
                    Cancel(ErrorCodes.AccessDenied);
                    return false;
                case FeedStep.AtEnd:
                    return true;
                case FeedStep.Changes:
                    TellChanges(feed.Changes);
                    await _output.FlushAsync();
                    break;
            }
        }
    }

    private void TellChanges(List<KeyValue> changes)
    {
        for (int from = 0; from < changes.Count;)
        {
            int count = ChangeGroups.CountFrom(changes, from);
            if (_history.Apply(changes, from, count))
            {
                Tell(changes[from].ModRevision.Value);
            }

            from += count;
        }
    }

    private async ValueTask<bool> WaitAsync(ChangeFeed feed)
    {
        TimeSpan left = _timeout == Timeout.InfiniteTimeSpan ? _silence : _timeout - _hub.Time.GetElapsedTime(_startedAt);
        if (left <= TimeSpan.Zero)
        {
            return false;
        }

        WatchWake wake = await feed.WaitAsync(left < _silence ? left : _silence);
        if (wake == WatchWake.Due)
        {
            _output.Write(":\n\n"u8);
            await _output.FlushAsync();
        }

        return wake != WatchWake.Cancelled;
    }

    private void Tell(long revision)
    {
        string head = _history.Leader is null ? StreamMessages.Vacant : StreamMessages.Leader;
        _output.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"id: {revision}\nevent: {head}\ndata: ")));
        JsonAnswer answer = JsonAnswer.Rent();
        if (_history.Leader is { } leader)
        {
            JsonSerializer.Serialize(answer.Json, ElectionEndpoints.LeaderOf(leader), AnswerJson.Default.LeaderBody);
        }
        else
        {
            JsonSerializer.Serialize(answer.Json, new CompactAnswer { Revision = revision }, AnswerJson.Default.CompactAnswer);
        }

        _output.Write(answer.Finish().Span);
        answer.Return();
        _output.Write("\n\n"u8);
    }

    private void Cancel(string code) =>
        _output.Write(Encoding.ASCII.GetBytes($"event: cancel\ndata: {{\"code\":\"{code}\",\"detail\":\"Observe anew.\"}}\n\n"));
}
