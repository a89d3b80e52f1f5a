namespace RaftKv.JepsenStyle.Checkers;

/// <summary>
/// Holds what a watch told against what really happened. W1 filter, W2 ordered, W3 unique, W4 a revision never split,
/// W5 equal to replay, W6 resumable, W7 bookmarks true, W8 previous values right, W9 neither ahead of commit nor before
/// its start, W10 a gone start is cancelled with the compacted revision, W11 explicit cancel and never loss, state
/// included. Pure.
/// </summary>
internal sealed class WatchChecker
{
    private readonly WatchHistory _history;
    private readonly WatchTrace _trace;
    private readonly List<string> _violations = [];
    private readonly List<(long Revision, List<WatchedChange> Changes)> _expected;
    private readonly ILookup<string, WatchedChange> _byKey;
    private readonly HashSet<long> _told = [];
    private readonly List<WatchedPair> _state = [];
    private WatchConnection _connection;
    private int _number;
    private bool _isFirstOfConnection;
    private bool _isInSnapshot;

    // Everything up to here was told; -1 while nobody knows where the watch began.
    private long _position = -1;
    private long _lastTold;

    private WatchChecker(WatchHistory history, WatchTrace trace)
    {
        _history = history;
        _trace = trace;
        _connection = new WatchConnection(0, []);
        _byKey = history.Changes.ToLookup(change => change.Key);
        _expected = [.. history.Changes.Where(trace.Scope.Matches).GroupBy(c => c.Revision).Select(g => (g.Key, g.ToList()))];
    }

    /// <summary>Sentences, each beginning with the id of the promise that is broken; empty when all hold.</summary>
    public static IReadOnlyList<string> Check(WatchHistory history, WatchTrace trace)
    {
        var checker = new WatchChecker(history, trace);
        foreach (WatchConnection connection in trace.Connections)
        {
            checker.CheckConnection(connection);
        }

        checker.CheckEnd();
        return checker._violations;
    }

    private void CheckConnection(WatchConnection connection)
    {
        _connection = connection;
        _number++;
        _isFirstOfConnection = true;
        _isInSnapshot = false;
        if (connection.Start > 0)
        {
            if (_position >= 0 && connection.Start > _position + 1)
            {
                Report("W6", $"went on at {connection.Start} though it had been told up to {_position} only");
            }

            _position = connection.Start - 1;
            _told.RemoveWhere(revision => revision > _position);
            _lastTold = 0;
        }

        for (int i = 0; i < connection.Messages.Count; i++)
        {
            if (i > 0 && connection.Messages[i - 1] is CancelMessage)
            {
                Report("W11", "something came after the cancel");
            }

            CheckMessage(connection.Messages[i]);
            _isFirstOfConnection = false;
        }
    }

    private void CheckMessage(WatchMessage message)
    {
        if (_isInSnapshot && message is (ChangeMessage or BookmarkMessage))
        {
            Report("W11", "the state was not told to its end before what follows it");
            _isInSnapshot = false;
        }

        switch (message)
        {
            case ChangeMessage change:
                CheckChange(change);
                break;
            case BookmarkMessage bookmark:
                CheckBookmark(bookmark);
                break;
            case SnapshotMessage snapshot:
                CheckSnapshot(snapshot);
                break;
            case CancelMessage cancel:
                CheckCancel(cancel);
                break;
        }
    }

    private void CheckChange(ChangeMessage change)
    {
        long revision = change.Revision;
        if (revision > _history.LastRevision)
        {
            Report("W9", $"revision {revision} was told, and the last one committed is {_history.LastRevision}");
            return;
        }

        if (revision < _connection.Start)
        {
            Report("W9", $"revision {revision} was told, though the watch starts at {_connection.Start}");
        }

        if (_connection.Start > 0 && _connection.Start < _connection.CompactedAtOpen)
        {
            Report("W10", $"revision {revision} was told, though the start {_connection.Start} was compacted already");
        }

        if (_position >= 0 && revision <= _position)
        {
            ReportBackward(revision);
            return;
        }

        if (_position >= 0 && FirstExpectedAfter(_position) is { } first && first < revision)
        {
            Report(_isFirstOfConnection && _number > 1 ? "W6" : "W5", $"revision {first} was left out: {revision} came after {_position}");
        }

        _told.Add(revision);
        _lastTold = revision;
        _position = revision;
        CheckEvents(change);
    }

    private void ReportBackward(long revision)
    {
        if (_told.Contains(revision))
        {
            Report("W3", $"revision {revision} was told twice");
        }
        else if (revision < _lastTold)
        {
            Report("W2", $"revision {revision} was told after {_lastTold}");
        }
        else
        {
            Report("W7", $"revision {revision} was told after everything up to {_position} had been called told");
        }
    }

    private void CheckEvents(ChangeMessage change)
    {
        foreach (WatchedChange told in change.Events)
        {
            if (!_trace.Scope.Matches(told))
            {
                Report("W1", $"{told.Key} at {change.Revision} is none of the watch's");
            }

            if (told.Revision != change.Revision)
            {
                Report("W4", $"the message of {change.Revision} has a change of {told.Revision}");
            }
        }

        if (change.Events.Count == 0)
        {
            Report("W5", $"the message of {change.Revision} has no change");
        }

        List<WatchedChange> expected = ExpectedAt(change.Revision);
        List<WatchedChange> inScope = [.. change.Events.Where(_trace.Scope.Matches)];
        if (!inScope.Select(told => told.Key).SequenceEqual(expected.Select(real => real.Key)))
        {
            Report(
                expected.Count == 0 ? "W5" : "W4",
                $"revision {change.Revision} has {Keys(expected)} in this order, and {Keys(inScope)} was told");
            return;
        }

        for (int i = 0; i < expected.Count; i++)
        {
            if (inScope[i] with { Previous = null } != expected[i] with { Previous = null })
            {
                Report("W5", $"{expected[i].Key} at {change.Revision} was told otherwise than it happened");
            }

            CheckPrevious(inScope[i]);
        }
    }

    // Absent is right when there was none, and excused when compaction had taken it.
    private void CheckPrevious(WatchedChange told)
    {
        if (!_trace.WantsPrevious)
        {
            return;
        }

        string? before = _byKey[told.Key].LastOrDefault(change => change.Revision < told.Revision)?.Value;
        bool isExcused = told.Previous is null && told.Revision - 1 < _history.CompactedRevision;
        if (told.Previous != before && !isExcused)
        {
            Report("W8", $"{told.Key} at {told.Revision} came with a wrong value before it");
        }
    }

    private void CheckBookmark(BookmarkMessage bookmark)
    {
        if (bookmark.Revision > _history.LastRevision)
        {
            Report("W9", $"a bookmark of {bookmark.Revision}, and the last revision committed is {_history.LastRevision}");
        }

        if (bookmark.Revision < _position)
        {
            Report(
                bookmark.Revision < _connection.Start - 1 ? "W9" : "W7",
                $"a bookmark of {bookmark.Revision} after everything up to {_position}");
            return;
        }

        if (_position >= 0 && FirstExpectedAfter(_position) is { } first && first <= bookmark.Revision)
        {
            Report("W7", $"a bookmark of {bookmark.Revision}, though {first} had not been told");
        }

        _position = bookmark.Revision;
    }

    private void CheckSnapshot(SnapshotMessage snapshot)
    {
        if (!_isInSnapshot)
        {
            _state.Clear();
        }

        _isInSnapshot = !snapshot.IsComplete;
        _state.AddRange(snapshot.Pairs);
        if (_isInSnapshot)
        {
            return;
        }

        if (snapshot.Revision < _position)
        {
            Report("W11", $"the state of {snapshot.Revision} was told after {_position}");
        }

        List<WatchedPair> real = StateAt(snapshot.Revision);
        if (!real.SequenceEqual(_state))
        {
            Report("W11", $"the state of {snapshot.Revision} has {real.Count} pairs, and {_state.Count} others were told");
        }

        _position = snapshot.Revision;
    }

    private void CheckCancel(CancelMessage cancel)
    {
        if (cancel.Code != "compacted")
        {
            return;
        }

        long next = _position + 1;
        if (cancel.CompactedRevision is not { } compacted)
        {
            Report("W10", "cancelled as compacted, without the compacted revision");
        }
        else if (compacted <= next || compacted > _history.CompactedRevision)
        {
            Report("W10", $"cancelled as compacted at {compacted}, though {next} was next and {_history.CompactedRevision} is compacted");
        }
    }

    private void CheckEnd()
    {
        if (_trace.EndRevision > 0 && _position < _trace.EndRevision && FirstExpectedAfter(_position) is { } first && first <= _trace.EndRevision)
        {
            Report("W11", $"revision {first} never came, and nobody was told why");
        }
    }

    private long? FirstExpectedAfter(long position) =>
        IndexAfter(position) is var index && index < _expected.Count ? _expected[index].Revision : null;

    private int IndexAfter(long position)
    {
        int low = 0;
        int high = _expected.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = _expected[middle].Revision <= position ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private List<WatchedChange> ExpectedAt(long revision) =>
        FirstExpectedAfter(revision - 1) == revision ? _expected[IndexAfter(revision - 1)].Changes : [];

    private List<WatchedPair> StateAt(long revision)
    {
        var state = new SortedDictionary<string, WatchedPair>(StringComparer.Ordinal);
        foreach (WatchedChange change in _history.Changes.Where(c => c.Revision <= revision && _trace.Scope.HasKey(c.Key)))
        {
            if (change.IsDelete)
            {
                state.Remove(change.Key);
            }
            else
            {
                state[change.Key] = new WatchedPair(change.Key, change.Value!, change.Revision);
            }
        }

        return [.. state.Values];
    }

    private static string Keys(List<WatchedChange> changes) => "[" + string.Join(", ", changes.Select(c => c.Key)) + "]";

    private void Report(string promise, string what)
    {
        if (_violations.Count < 50)
        {
            _violations.Add($"{promise} {_trace.Name}, stream {_number}: {what}");
        }
    }
}
