using RaftKv.Core.Store;
using RaftKv.Core.Store.Tree;
using RaftKv.Simulation.Clients;
using RaftKv.Simulation.Engine;
using RaftKv.Watch;

namespace RaftKv.Simulation.Checking;

/// <summary>
/// W1 to W11: what a watcher was told, over all its connections, against the changes that replay of the log gives.
/// (Never ahead of commit, W9, is asked at the moment of telling.)
/// </summary>
internal sealed class WatchChecker
{
    private readonly SimulatedWatch _watch;
    private readonly List<NaiveVersion> _wanted;
    private readonly HashSet<(long, string)> _told = [];
    private int _next;
    private long _last;
    private long _promised;
    private int _connection;

    private WatchChecker(SimulatedWatch watch, List<NaiveVersion> changes)
    {
        _watch = watch;
        _wanted = changes.FindAll(c => Wants(watch.Selector, c));
    }

    /// <param name="changes">Every version ever written, in the order of the writes.</param>
    /// <param name="compactions">Every revision that was compacted at.</param>
    /// <param name="revision">The last revision; everybody has read up to there.</param>
    public static void Check(SimulatedWatch watch, List<NaiveVersion> changes, List<long> compactions, long revision)
    {
        var checker = new WatchChecker(watch, changes);
        for (int i = 0; i < watch.Segments.Count; i++)
        {
            bool isLast = i == watch.Segments.Count - 1 && !watch.IsCancelled;
            checker.CheckSegment(watch.Segments[i], changes, compactions, isLast ? revision : 0);
        }
    }

    private void CheckSegment(WatchSegment segment, List<NaiveVersion> changes, List<long> compactions, long endRevision)
    {
        Demand(
            !segment.IsOfFormer || (segment.Messages.Count == 0 && (segment.CancelledAtCompacted > 0 || endRevision == 0)), "T16",
            $"goes on at {segment.StartRevision} over a restore");
        Demand(segment.StartRevision > _last, "W11", $"begins anew at {segment.StartRevision}, after {_last} was told");
        if (segment.Snapshot is { } snapshot)
        {
            CheckSnapshot(snapshot, segment.StartRevision - 1, changes);
        }

        _last = segment.StartRevision - 1;
        _promised = _last;
        _next = _wanted.FindIndex(c => c.Mod >= segment.StartRevision);
        _next = _next < 0 ? _wanted.Count : _next;
        foreach (WatchMessage message in segment.Messages)
        {
            bool isResumed = message.Connection != _connection;
            _connection = message.Connection;
            if (message.IsBookmark)
            {
                CheckBookmark(message.Revision);
            }
            else
            {
                CheckEvents(segment, message, isResumed);
            }
        }

        CheckEnd(segment, compactions, endRevision);
    }

    private void CheckEnd(WatchSegment segment, List<long> compactions, long endRevision)
    {
        if (segment.CancelledAtCompacted > 0)
        {
            Demand(
                compactions.Contains(segment.CancelledAtCompacted) && segment.CancelledNext < segment.CancelledAtCompacted, "W10",
                $"is cancelled as compacted at {segment.CancelledAtCompacted}, stood at {segment.CancelledNext}");
        }
        else if (endRevision > 0)
        {
            Demand(_next == _wanted.Count, "W11", $"read to {endRevision} and never got {Next()}");
        }
    }

    private void CheckBookmark(long revision)
    {
        Demand(revision >= _last, "W7", $"a bookmark at {revision} after {_last} was told");
        Demand(_next == _wanted.Count || _wanted[_next].Mod > revision, "W7", $"a bookmark at {revision}, {Next()} was not told");
        _promised = Math.Max(_promised, revision);
    }

    private void CheckEvents(WatchSegment segment, WatchMessage message, bool isResumed)
    {
        for (int i = 0; i < message.Events.Count; i++)
        {
            KeyValue change = message.Events[i];
            long revision = change.ModRevision.Value;
            string key = System.Text.Encoding.Latin1.GetString(change.Key.Span);
            Demand(_watch.Selector.Matches(change), "W1", $"is told of {key} at {revision}");
            Demand(revision >= segment.StartRevision, "W9", $"began at {segment.StartRevision}, is told of {revision}");
            Demand(_told.Add((revision, key)), isResumed ? "W6" : "W3", $"is told twice of {key} at {revision}");
            Demand(revision > _promised, "W7", $"is told of {revision} after it had been promised that all up to {_promised} were told");
            Demand(
                revision > _last || (i > 0 && revision == _last), revision == _last ? "W4" : "W2", $"is told of {revision} after {_last}");
            Demand(revision == message.Revision, "W4", $"is told of {revision} as part of {message.Revision}");
            _last = revision;
            Demand(_next < _wanted.Count, "W5", $"is told of {key} at {revision}, which never happened");
            NaiveVersion expected = _wanted[_next++];
            bool isRight = expected.Is(change);
            Demand(
                isRight, expected.Mod == revision && expected.Key != key ? "W2" : isResumed && expected.Mod < revision ? "W6" : "W5",
                $"is told of {key} at {revision}, expected {expected.Key} at {expected.Mod}");
            if (message.IsPreviousKnown)
            {
                CheckPrevious(expected, message.Previous[i]);
            }
        }

        Demand(_next == _wanted.Count || _wanted[_next].Mod != message.Revision, "W4", $"gets {message.Revision} without {Next()}");
    }

    private void CheckPrevious(NaiveVersion expected, KeyValue? previous)
    {
        bool isRight = expected.Previous is null ? previous is null : previous is not null && expected.Previous.Is(previous);
        Demand(isRight, "W8", $"gets a wrong pair before {expected.Key} at {expected.Mod}");
    }

    private void CheckSnapshot(IReadOnlyList<KeyValue> snapshot, long revision, List<NaiveVersion> changes)
    {
        var state = new SortedDictionary<string, NaiveVersion>(StringComparer.Ordinal);
        foreach (NaiveVersion change in changes)
        {
            if (change.Mod > revision)
            {
                break;
            }

            if (_watch.Selector.Keys.Contains(System.Text.Encoding.Latin1.GetBytes(change.Key)))
            {
                state[change.Key] = change;
            }
        }

        List<NaiveVersion> live = [.. state.Values.Where(static v => v.Version > 0)];
        bool isRight = live.Count == snapshot.Count;
        for (int i = 0; isRight && i < live.Count; i++)
        {
            isRight = live[i].Is(snapshot[i]);
        }

        Demand(isRight, "W11", $"begins anew with another state than that of {revision}");
    }

    private static bool Wants(WatchSelector selector, NaiveVersion change) =>
        (change.Version == 0 ? selector.WantsDeletes : selector.WantsPuts)
        && selector.Keys.Contains(System.Text.Encoding.Latin1.GetBytes(change.Key));

    private string Next() => _next < _wanted.Count ? $"{_wanted[_next].Key} at {_wanted[_next].Mod}" : "nothing";

    private void Demand(
        bool condition, string rule,
        [System.Runtime.CompilerServices.InterpolatedStringHandlerArgument(nameof(condition))] DemandText problem)
    {
        if (!condition)
        {
            throw new SimulationViolationException(rule, $"watch {_watch.Id} {problem.ToString()}");
        }
    }
}
