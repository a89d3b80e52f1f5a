using System.Globalization;
using System.Text.Json;
using RaftKv.JepsenStyle.Checkers;
using RaftKv.JepsenStyle.Cluster;
using RaftKv.JepsenStyle.Http;

namespace RaftKv.JepsenStyle.Tests.Coordination;

/// <summary>
/// Watches watch/ at one node, goes on after each break where it was, and after a cancel for compaction with the state
/// first, as a user would. Keeps all that it was told.
/// </summary>
internal sealed class TracingWatcher(ServerProcess node, string name, long start, string query)
{
    private readonly List<(long Start, List<WatchMessage> Messages)> _connections = [];
    private long _told;

    /// <summary>Watches until cancelled; gives how far it was told.</summary>
    public async Task<long> RunAsync(CancellationToken stop)
    {
        (long from, string terms) = (start, query);
        while (!stop.IsCancellationRequested)
        {
            List<WatchMessage> messages = [];
            try
            {
                await StreamAsync(from, terms, messages, stop);
            }
            catch (HttpFailureException) when (!stop.IsCancellationRequested)
            {
                await Task.Delay(50, CancellationToken.None);
            }
            catch (HttpFailureException)
            {
                break;
            }

            bool isCompacted = messages.LastOrDefault() is CancelMessage { Code: "compacted" };
            from = isCompacted || _told == 0 ? 0 : _told + 1;
            terms = from == 0 ? "&snapshot=true" : string.Create(CultureInfo.InvariantCulture, $"&startRevision={from}");
        }

        return _told;
    }

    /// <summary>Returns once everything up to the revision was told.</summary>
    public async Task WaitUntilToldAsync(long revision, TimeSpan patience)
    {
        DateTime end = DateTime.UtcNow + patience;
        while (Interlocked.Read(ref _told) < revision)
        {
            Assert.True(DateTime.UtcNow < end, $"The watch '{name}' was told up to {_told} only, and not up to {revision}.");
            await Task.Delay(20);
        }
    }

    public WatchTrace ToTrace(long endRevision) => new(
        $"'{name}' on {node.Name}",
        new WatchScope(Prefix: "watch/"),
        WantsPrevious: false,
        [.. _connections.Select(c => new WatchConnection(c.Start, c.Messages))],
        endRevision);

    private async Task StreamAsync(long from, string terms, List<WatchMessage> messages, CancellationToken stop)
    {
        string target = $"/api/v1/watch?prefix=watch/&bookmarkInterval=200ms{terms}";
        using EventStream stream = await EventStream.OpenAsync(node.ClientPort, target, [], stop);
        _connections.Add((from, messages));
        if (stream.Head.Status == 410)
        {
            using var session = new NodeSession(node.Name, node.ClientPort, TimeSpan.FromSeconds(10));
            HttpAnswer refused = await session.GetAsync(target, "Accept: text/event-stream");
            Assert.Equal("410 compacted", $"{refused.Status} {refused.JsonString("code")}");
            messages.Add(new CancelMessage("compacted", refused.Json().GetProperty("compactedRevision").GetInt64()));
            return;
        }

        Assert.Equal(200, stream.Head.Status);
        while (await stream.NextAsync(stop) is { } told)
        {
            JsonElement data = JsonDocument.Parse(told.Data).RootElement;
            WatchMessage message = WatchWire.Parse(told.Event, data);
            messages.Add(message);
            if (message is CancelMessage)
            {
                return;
            }

            if (message is not SnapshotMessage { IsComplete: false })
            {
                Interlocked.Exchange(ref _told, data.GetProperty("revision").GetInt64());
            }
        }
    }
}
