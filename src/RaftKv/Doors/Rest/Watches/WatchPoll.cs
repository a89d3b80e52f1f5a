using System.Text.Json;
using RaftKv.Core;
using RaftKv.Core.Reads;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Tree;
using RaftKv.Doors.Http;
using RaftKv.Service;
using RaftKv.Service.Coordination;
using RaftKv.Service.Reads;
using RaftKv.Service.Refusals;
using RaftKv.Watch;

namespace RaftKv.Doors.Rest.Watches;

/// <summary>One watch as a long poll: one answer, at the first changes or at the end of the wait. One flow only.</summary>
internal sealed class WatchPoll(Exchange exchange, WatchRequest request, Revision next)
{
    private readonly WatchHub _hub = exchange.Node.Watches;
    private readonly ChangeReader _reader = new(request.Selector, next);
    private readonly List<KeyValue> _changes = [];
    private readonly long _startedAt = exchange.Node.Watches.Time.GetTimestamp();

    /// <summary>Waits and answers.</summary>
    public async Task RunAsync()
    {
        using Watcher watcher = Watchers.Open(exchange, request.Selector);
        while (true)
        {
            StoreView view = _hub.View;
            if (_reader.Read(view, _changes) == ReadStatus.Compacted)
            {
                exchange.Answered(view, ReadLevel.Eventual, Term.Zero);
                await ProblemWriter.SendAsync(exchange, RevisionErrors.From(exchange, ReadStatus.Compacted));
                return;
            }

            if (_changes.Count > 0)
            {
                await SendAsync(view);
                return;
            }

            TimeSpan left = request.Timeout - _hub.Time.GetElapsedTime(_startedAt);
            if (!_reader.IsAtEnd(view) && left > TimeSpan.Zero)
            {
                await Task.Yield();
                continue;
            }

            WatchWake wake = left > TimeSpan.Zero ? await watcher.ParkAsync(_reader.Next, left) : WatchWake.Due;
            switch (wake)
            {
                case WatchWake.Changes:
                    _reader.MoveTo(watcher.Next);
                    break;
                case WatchWake.Due:
                    _reader.MoveTo(left > TimeSpan.Zero ? watcher.Next : _reader.Next);
                    await SendAsync(_hub.View);
                    return;
                case WatchWake.Stopping:
                    throw new ApiException(ErrorMapper.FromRefusedBarrier(isShuttingDown: true, exchange.Node.Phase));
                default:
                    throw new OperationCanceledException(exchange.Context.RequestAborted);
            }
        }
    }

    // Ends early, but only between revisions, once it has what was asked for or a page's bytes.
    private Task SendAsync(StoreView view)
    {
        // Where a view was read first, its level stays the answer's; how old the newer one is, is told apart from that.
        if (view.Revision > exchange.View.Revision)
        {
            if (request.Start == Revision.Zero)
            {
                exchange.Advanced(view);
            }
            else
            {
                exchange.Answered(view, ReadLevel.Eventual, Term.Zero);
            }
        }

        JsonAnswer answer = JsonAnswer.Rent();
        Utf8JsonWriter json = answer.Json;
        json.WriteStartObject();
        int count = CountToTell();
        bool isAll = count == _changes.Count;
        json.WriteNumber("revision"u8, isAll ? _reader.Next.Value - 1 : _changes[count - 1].ModRevision.Value);
        json.WriteStartArray("events"u8);
        for (int i = 0; i < count; i++)
        {
            ChangeWriter.Write(json, _changes[i], view, request);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        return AnswerWriter.SendJsonAsync(exchange, answer, SuccessStatus.Ok);
    }

    private int CountToTell()
    {
        long bytes = 0;
        int count = 0;
        while (count < _changes.Count && bytes < ApiLimits.MaxPageBytes && (request.Limit == 0 || count < request.Limit))
        {
            int end = count + ChangeGroups.CountFrom(_changes, count);
            for (; count < end; count++)
            {
                bytes += _changes[count].Key.Length + _changes[count].Value.Length;
            }
        }

        return count;
    }
}
