using System.Text.Json;
using RaftKv.Contract;
using RaftKv.Core;
using RaftKv.Core.Reads;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Tree;
using RaftKv.Doors.Http;
using RaftKv.Service.Reads;
using RaftKv.Service.Refusals;
using RaftKv.Service.Watches;
using RaftKv.Watch;

namespace RaftKv.Doors.Rest.Watches;

/// <summary>One watch as a long poll: one answer, at the first changes or at the end of the wait. One flow only.</summary>
internal sealed class WatchPoll(Exchange exchange, WatchRequest request, Revision next)
{
    private readonly WatchHub _hub = exchange.Node.Watches;
    private readonly long _startedAt = exchange.Node.Watches.Time.GetTimestamp();

    /// <summary>Waits and answers.</summary>
    public async Task RunAsync()
    {
        using ChangeFeed feed = Feeds.Open(exchange, request.Selector, next, request.Rights);
        feed.CutOff = exchange.Http.Abort;
        while (true)
        {
            FeedStep step = await feed.ReadAsync();
            TimeSpan left = request.Timeout - _hub.Time.GetElapsedTime(_startedAt);
            if (step == FeedStep.Compacted)
            {
                exchange.Answered(feed.View, ReadLevel.Eventual, Term.Zero);
                await ProblemWriter.SendAsync(exchange, RevisionErrors.From(exchange, ReadStatus.Compacted));
                return;
            }

            if (step == FeedStep.Denied)
            {
                throw new ApiException(feed.Refusal!);
            }

            if (step == FeedStep.Changes || (step is FeedStep.More or FeedStep.AtEnd && left <= TimeSpan.Zero))
            {
                await SendAsync(feed);
                return;
            }

            WatchWake wake = step == FeedStep.Stopping ? WatchWake.Stopping : WatchWake.Changes;
            if (step == FeedStep.AtEnd)
            {
                wake = await feed.WaitAsync(left);
            }
            else if (step == FeedStep.More)
            {
                await Task.Yield();
            }

            switch (wake)
            {
                case WatchWake.Stopping:
                    throw new ApiException(ErrorMapper.FromRefusedBarrier(isShuttingDown: true, exchange.Node.Phase));
                case WatchWake.Cancelled:
                    throw new OperationCanceledException(exchange.ClientGone);
            }
        }
    }

    // Ends early, but only between revisions, once it has what was asked for or a page's bytes.
    private Task SendAsync(ChangeFeed feed)
    {
        StoreView view = feed.View;
        List<KeyValue> changes = feed.Changes;
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
        int count = CountToTell(changes);
        bool isAll = count == changes.Count;
        json.WriteNumber("revision"u8, isAll ? feed.Told.Value : changes[count - 1].ModRevision.Value);
        json.WriteStartArray("events"u8);
        for (int i = 0; i < count; i++)
        {
            ChangeWriter.Write(json, changes[i], view, request);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        return AnswerWriter.SendJsonAsync(exchange, answer, SuccessStatus.Ok);
    }

    private int CountToTell(List<KeyValue> changes)
    {
        long bytes = 0;
        int count = 0;
        while (count < changes.Count && bytes < ApiLimits.MaxPageBytes && (request.Limit == 0 || count < request.Limit))
        {
            int end = count + ChangeGroups.CountFrom(changes, count);
            for (; count < end; count++)
            {
                bytes += changes[count].DataBytes;
            }
        }

        return count;
    }
}
