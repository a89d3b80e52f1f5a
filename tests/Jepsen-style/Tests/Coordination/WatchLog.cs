using System.Globalization;
using System.Text.Json;
using RaftKv.Contract;
using RaftKv.JepsenStyle.Checkers;
using RaftKv.JepsenStyle.Cluster;
using RaftKv.JepsenStyle.Http;

namespace RaftKv.JepsenStyle.Tests.Coordination;

/// <summary>Reads what happened under a prefix from the first revision on, by a watch.</summary>
internal static class WatchLog
{
    /// <summary>All changes up to the newest revision at the time of the call, in order.</summary>
    public static async Task<List<WatchedChange>> ReadAsync(ServerProcess node, string prefix)
    {
        using var session = new NodeSession(node.Name, node.ClientPort, TimeSpan.FromSeconds(20));
        long end = (await session.GetAsync($"/api/v1/kv?prefix={prefix}&countOnly=true")).Number(HeaderNames.Revision)!.Value;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        string target = $"/api/v1/watch?prefix={prefix}&startRevision=1&bookmarkInterval=200ms";
        using EventStream stream = await EventStream.OpenAsync(node.ClientPort, target, [], patience.Token);
        Assert.Equal(200, stream.Head.Status);
        List<WatchedChange> changes = [];
        for (long told = 0; told < end;)
        {
            StreamEvent message = await stream.NextAsync(patience.Token) ?? throw new InvalidOperationException("The watch ended.");
            JsonElement data = JsonDocument.Parse(message.Data).RootElement;
            switch (WatchWire.Parse(message.Event, data))
            {
                case ChangeMessage change:
                    changes.AddRange(change.Events);
                    told = change.Revision;
                    break;
                case BookmarkMessage bookmark:
                    told = bookmark.Revision;
                    break;
                default:
                    throw new InvalidOperationException($"The watch said {message.Event}: {message.Data}");
            }
        }

        return changes;
    }

    /// <summary>Finds where a token came after a larger one: a write of a holder that had been followed by another.</summary>
    public static string? FindStepBack(IEnumerable<(long Revision, long Token)> writes)
    {
        long highest = 0;
        foreach ((long revision, long token) in writes)
        {
            if (token < highest)
            {
                return string.Create(CultureInfo.InvariantCulture, $"revision {revision} was written under token {token}, after {highest}");
            }

            highest = token;
        }

        return null;
    }
}
