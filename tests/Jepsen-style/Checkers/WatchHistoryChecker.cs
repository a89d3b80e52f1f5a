using RaftKv.JepsenStyle.History;
using RaftKv.JepsenStyle.Http;

namespace RaftKv.JepsenStyle.Checkers;

/// <summary>Holds what every watcher of a run was told against the full watch that was read at the end.</summary>
internal static class WatchHistoryChecker
{
    private const string Name = "watch";

    public static Verdict Check(IReadOnlyList<HistoryLine> history)
    {
        List<WatchMessage> final = [.. history.OfType<FinalWatch>().Select(line => WatchWire.ParseLine(line.Line))];
        if (final.LastOrDefault() is not BookmarkMessage last)
        {
            return Verdict.Unknown(Name, "the full history could not be read to its end");
        }

        List<WatchedChange> changes = [.. final.OfType<ChangeMessage>().SelectMany(change => change.Events)];
        var real = new WatchHistory(changes, last.Revision);
        List<WatchTrace> traces = Traces(history);
        if (changes.Count < 100 || traces.Count == 0 || traces.Exists(trace => trace.EndRevision == 0))
        {
            return Verdict.Unknown(Name, $"{changes.Count} changes and {traces.Count} watchers, of which some did not end");
        }

        if (real.Changes.Select(c => c.Revision).Zip(real.Changes.Skip(1).Select(c => c.Revision)).Any(pair => pair.First > pair.Second))
        {
            return Verdict.Of(Name, ["W2: the full history is not in order"]);
        }

        return Verdict.Of(Name, [.. AckedAndMissing(history, changes), .. traces.SelectMany(trace => WatchChecker.Check(real, trace))]);
    }

    // The full watch is itself a watch: each acknowledged write must be in it, at its revision.
    private static IEnumerable<string> AckedAndMissing(IReadOnlyList<HistoryLine> history, List<WatchedChange> changes)
    {
        var told = changes.ToDictionary(change => (change.Key, change.Revision), change => change.Value);
        return history.OfType<Operation>()
            .Where(o => o is { Kind: OperationKind.Write, Outcome: Outcome.Ok, Revision: not null })
            .Where(o => !told.TryGetValue((o.Key, o.Revision!.Value), out string? value) || value != o.Value?.ToString(System.Globalization.CultureInfo.InvariantCulture))
            .Select(o => $"W5: the acknowledged write of {o.Key} at {o.Revision} is not in the full history")
            .Take(10);
    }

    private static List<WatchTrace> Traces(IReadOnlyList<HistoryLine> history)
    {
        var connections = new Dictionary<string, List<(long Start, List<WatchMessage> Messages)>>();
        var ends = new Dictionary<string, long>();
        foreach (HistoryLine line in history)
        {
            switch (line)
            {
                case WatchOpened opened:
                    connections.TryAdd(opened.Watcher, []);
                    connections[opened.Watcher].Add((opened.Start, []));
                    break;
                case WatchTold message:
                    connections[message.Watcher][^1].Messages.Add(WatchWire.ParseLine(message.Line));
                    break;
                case WatchEnded ended:
                    ends[ended.Watcher] = ended.EndRevision;
                    break;
            }
        }

        return [.. connections.Select(pair => new WatchTrace(
            pair.Key,
            new WatchScope(Prefix: "watch/"),
            WantsPrevious: false,
            [.. pair.Value.Select(c => new WatchConnection(c.Start, c.Messages))],
            ends.GetValueOrDefault(pair.Key)))];
    }
}
