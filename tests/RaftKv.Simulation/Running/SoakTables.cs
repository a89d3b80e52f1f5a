using RaftKv.Core.Raft.Log;
using RaftKv.Core.Replica.Proposals;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Once;
using RaftKv.Simulation.Checking;
using RaftKv.Simulation.Cluster;

namespace RaftKv.Simulation.Running;

/// <summary>
/// Looks at every table of a soak's nodes, often, and judges them at the end. Draws nothing and changes nothing.
/// </summary>
internal sealed class SoakTables
{
    // A revision of the mix: a txn puts three keys, a delete of a prefix or the end of a lease takes some more.
    private const long VersionsOfARevision = 4;

    // Four windows and more in each third.
    private const long EnoughWindows = 4 * TableWindows.FewestWindows;

    // A share takes a record while it is not full, so that the last one may go beyond it.
    private const long LargestRecord = 700;

    private readonly SimulatedCluster _cluster;
    private readonly OnceLimits _limits;
    private readonly TableWindows _answers;
    private readonly TableWindows _sessions;
    private readonly TableWindows _log;
    private readonly TableWindows _versions;
    private int _seen;
    private long _logBytes;
    private long _opened;
    private long? _limitsSinceMs;

    public SoakTables(SimulatedCluster cluster)
    {
        _cluster = cluster;
        _limits = cluster.Profile.OnceLimits!;
        _answers = new TableWindows("kept answers, bytes", _limits.WindowMs, slack: 1_000);
        _sessions = new TableWindows("client sessions", _limits.MaxSessions, slack: 1);
        _log = new TableWindows("log in memory, bytes", cluster.Profile.MaxLogBytes, slack: cluster.Profile.LargestEntryBytes);
        _versions = new TableWindows("versions", SwarmProfile.SoakRetention, slack: 40);
    }

    /// <summary>Every table has turned over often enough for its thirds to be compared.</summary>
    public bool IsEnough => Array.TrueForAll([_answers, _sessions, _log, _versions], static table => table.Passed >= EnoughWindows);

    /// <summary>How far it went, in words.</summary>
    public string Summary => FormattableString.Invariant(
        $"windows and peaks: kept answers {_answers.Passed}, {_answers.Peak}; sessions {_sessions.Passed}, {_sessions.Peak}; ")
        + FormattableString.Invariant($"log {_log.Passed}, {_log.Peak}; versions {_versions.Passed}, {_versions.Peak}");

    /// <summary>Looks once.</summary>
    public void Look()
    {
        CountCommitted();
        StoreView view = _cluster.Observer.CommittedView;
        long retained = SwarmProfile.SoakRetention + (SwarmProfile.SoakRetention / 10);
        long notCompacted = view.Revision.Value - view.CompactedRevision.Value;
        _versions.Look(
            view.Revision.Value, view.VersionCount, view.KeyCount + (VersionsOfARevision * Math.Max(retained, notCompacted)));
        LookAtAnswers(view);
        foreach (SimulatedNode node in _cluster.SoundNodes)
        {
            if (node.Replica is { } replica)
            {
                _log.Look(_logBytes, ReplicaProbe.LogBytesOf(replica), replica.Raft.MostLogBytes(_cluster.Profile.LargestEntryBytes));
            }
        }
    }

    /// <summary>Judges all tables.</summary>
    public void Check()
    {
        _answers.Check();
        _sessions.Check();
        _log.Check();
        _versions.Check();
    }

    // The limits come by a command. What was kept before it goes in its own time: not judged until a window has passed.
    private void LookAtAnswers(StoreView view)
    {
        OnceFacts once = view.Once;
        if (once.Limits != _limits)
        {
            return;
        }

        _limitsSinceMs ??= view.ClusterTimeMs;
        long sinceMs = view.ClusterTimeMs - _limitsSinceMs.Value;
        bool isSettled = sinceMs > _limits.WindowMs;
        long mostBytes = _limits.SharedBytes + (_limits.MaxOwners * _limits.OwnerBytes) + ((1 + _limits.MaxOwners) * LargestRecord);
        _answers.Look(sinceMs, once.KeyBytes, isSettled ? mostBytes : long.MaxValue);
        _sessions.Look(_opened, once.Sessions, isSettled ? _limits.MaxSessions : long.MaxValue);
        if (isSettled && once.SessionAnswers > _limits.MaxSessions * _limits.MaxAnswersPerSession)
        {
            throw new Engine.SimulationViolationException("Q1", $"{once.SessionAnswers} answers are kept in {once.Sessions} sessions");
        }
    }

    private void CountCommitted()
    {
        List<LogEntry> committed = _cluster.Observer.Committed;
        for (; _seen < committed.Count; _seen++)
        {
            LogEntry entry = committed[_seen];
            _logBytes += entry.SizeBytes;
            if (entry.Kind == EntryKind.Command
                && KvCommandCodec.TryDecode(entry.Payload[CommandEnvelope.HeaderBytes..], out KvCommand? command)
                && command is OpenSessionCommand)
            {
                _opened++;
            }
        }
    }
}
