using System.Globalization;
using System.Net;
using RaftKv.Core.Store;
using RaftKv.JepsenStyle.Checkers;
using RaftKv.Tests.Api;

namespace RaftKv.Tests.Watch;

/// <summary>
/// A client that watches, now slowly, now fast, hangs up when it likes, and goes on after the last message that it has:
/// what it was told is held against the checker.
/// </summary>
internal sealed class WatchRobot(string name, ApiHost host, Func<StoreView> view, WatchScope scope, int seed)
{
    private readonly Random _random = new(seed);
    private readonly List<WatchConnection> _connections = [];
    private readonly bool _wantsPrevious = seed % 2 == 0;
    private readonly string _accept = seed % 3 == 0 ? "application/x-ndjson" : "text/event-stream";
    private long _told = -1;

    /// <summary>Watches until it was told everything up to a revision, which is known only when the writers end.</summary>
    public async Task<WatchTrace> RunAsync(Task<long> end)
    {
        bool isGone = false;
        while (!end.IsCompleted || _told < await end)
        {
            isGone = await ConnectAsync(isGone, end);
        }

        return new WatchTrace(name, scope, _wantsPrevious, _connections, await end);
    }

    // True when what comes next is compacted, so that only a state can follow.
    private async Task<bool> ConnectAsync(bool isGone, Task<long> end)
    {
        long start = isGone || _told < 0 ? 0 : _told + 1;
        long compacted = view().CompactedRevision.Value;
        HttpResponseMessage response = await WatchClient.SendAsync(host.Client, Query(isGone), _accept, start > 0 ? Id(_told) : null);
        if (response.StatusCode == HttpStatusCode.Gone)
        {
            long at = (await response.JsonAsync()).GetProperty("compactedRevision").GetInt64();
            _connections.Add(new WatchConnection(start, [new CancelMessage("compacted", at)], compacted));
            return true;
        }

        Assert.True(response.IsSuccessStatusCode, name);
        var messages = new List<WatchMessage>();
        _connections.Add(new WatchConnection(start, messages, compacted));
        await using WatchClient watch = WatchClient.Of(response);
        for (int patience = _random.Next(1, 200); patience > 0 && !(end.IsCompleted && _told >= await end); patience--)
        {
            WatchMessage? message = await watch.NextAsync();
            Assert.NotNull(message);
            messages.Add(message);
            if (message is CancelMessage cancel)
            {
                Assert.Equal("compacted", cancel.Code);
                return true;
            }

            _told = message switch
            {
                ChangeMessage change => change.Revision,
                BookmarkMessage bookmark => bookmark.Revision,
                SnapshotMessage { IsComplete: true } snapshot => snapshot.Revision,
                _ => _told,
            };
            if (_random.Next(20) == 0)
            {
                await Task.Delay(_random.Next(20));
            }
        }

        return false;
    }

    private string Query(bool isGone)
    {
        string keys = scope.Key is not null ? "key=" + scope.Key
            : scope.Prefix is not null ? "prefix=" + scope.Prefix
            : $"start={scope.Start}&end={scope.End}";
        string filter = scope.Puts && scope.Deletes ? "" : scope.Puts ? "&filter=put" : "&filter=delete";
        string previous = _wantsPrevious ? "&prevValue=true" : "";
        return $"{keys}{filter}{previous}&bookmarkInterval=100ms{(isGone ? "&snapshot=true" : "")}";
    }

    private static string Id(long revision) => revision.ToString(CultureInfo.InvariantCulture);
}
