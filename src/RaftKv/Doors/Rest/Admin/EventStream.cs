using System.Text;
using System.Text.Json;
using RaftKv.Contract.Bodies;
using RaftKv.Doors.Http;
using RaftKv.Doors.Http.Terms;
using RaftKv.Doors.Rest.Watches;
using RaftKv.Engine;
using RaftKv.Node;

namespace RaftKv.Doors.Rest.Admin;

/// <summary>
/// GET /events: the cluster as this node sees it, as Server-Sent Events. A stream holds what it told last and nothing else:
/// who reads slowly is told of what is so by then. One flow only.
/// </summary>
internal static class EventStream
{
    // Leaders and members are told at once; alarms, and who is not heard, within this.
    private static readonly TimeSpan _look = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _silence = TimeSpan.FromSeconds(10);

    /// <summary>Streams until the client goes, the time is over or the node stops.</summary>
    public static async Task GetAsync(Exchange exchange)
    {
        KvQuery query = exchange.ParseRead(QueryField.Timeout);
        exchange.Observe();
        exchange.ApplyHeaders();
        exchange.Share?.Rest();
        var output = new WatchOutput(exchange);
        await output.StartAsync("text/event-stream");
        try
        {
            await RunAsync(exchange, output, query.Timeout > TimeSpan.Zero ? query.Timeout : Timeout.InfiniteTimeSpan);
        }
        catch (SlowConsumerException)
        {
            await output.EndSlowAsync();
        }
    }

    private static async Task RunAsync(Exchange exchange, WatchOutput output, TimeSpan timeout)
    {
        INode node = exchange.Node;
        TimeProvider time = exchange.Context.Time;
        long startedAt = time.GetTimestamp();
        long toldAt = startedAt;
        ClusterPicture? told = null;
        while (true)
        {
            Task changed = node.Changed;
            ClusterPicture now = ClusterPicture.Of(node);
            bool hasTold = false;
            foreach ((string kind, ClusterEventBody body) in told is null ? [now.Whole] : now.Since(told))
            {
                Tell(output, kind, body);
                hasTold = true;
            }

            told = now;
            if (exchange.Access.RefusalByRule(node.View) is not null)
            {
                output.Write("event: cancel\ndata: {\"code\":\"access-denied\",\"detail\":\"The right to this was taken away.\"}\n\n"u8);
                await output.FlushAsync();
                return;
            }

            TimeSpan left = timeout == Timeout.InfiniteTimeSpan ? _look : timeout - time.GetElapsedTime(startedAt);
            bool isEnding = node.Phase is NodePhase.Draining or NodePhase.Failed;
            if (isEnding)
            {
                output.Write("event: cancel\ndata: {\"code\":\"shutting-down\",\"detail\":\"Ask another node.\"}\n\n"u8);
            }
            else if (!hasTold && time.GetElapsedTime(toldAt) >= _silence)
            {
                output.Write(":\n\n"u8);
                hasTold = true;
            }

            if (hasTold || isEnding)
            {
                toldAt = time.GetTimestamp();
                await output.FlushAsync();
            }

            if (isEnding || left <= TimeSpan.Zero)
            {
                return;
            }

            await Task.WhenAny(changed, Task.Delay(left < _look ? left : _look, time, exchange.ClientGone));
            exchange.ClientGone.ThrowIfCancellationRequested();
        }
    }

    private static void Tell(WatchOutput output, string kind, ClusterEventBody body)
    {
        output.Write(Encoding.ASCII.GetBytes($"event: {kind}\ndata: "));
        output.Write(JsonSerializer.SerializeToUtf8Bytes(body, AnswerJson.Default.ClusterEventBody));
        output.Write("\n\n"u8);
    }
}
