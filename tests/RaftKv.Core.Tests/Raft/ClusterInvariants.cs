using RaftKv.Core.Raft;
using RaftKv.Core.Raft.Log;

namespace RaftKv.Core.Tests.Raft;

/// <summary>
/// What must hold between nodes, over the whole life of a test (R1, R3, R4, R5 of the list of invariants). Sees all
/// nodes after each step and remembers what was once true for ever: who led a term, and which entry was committed at an
/// index.
/// </summary>
internal sealed class ClusterInvariants
{
    private readonly SortedDictionary<Term, NodeId> _leaders = [];
    private readonly List<LogEntry> _committed = [];

    public void Check(IReadOnlyList<RaftCore> nodes)
    {
        foreach (RaftCore node in nodes)
        {
            CheckOneLeaderATerm(node);
            CheckCommitted(node);
        }

        for (int a = 0; a < nodes.Count; a++)
        {
            for (int b = a + 1; b < nodes.Count; b++)
            {
                CheckLogMatching(nodes[a].Log, nodes[b].Log);
            }
        }

        foreach (RaftCore node in nodes)
        {
            CheckLeaderCompleteness(node, nodes);
        }
    }

    private void CheckOneLeaderATerm(RaftCore node)
    {
        if (node.Role != Role.Leader)
        {
            return;
        }

        if (_leaders.TryGetValue(node.CurrentTerm, out NodeId other) && other != node.Self)
        {
            throw new InvariantViolationException($"R1: {other} and {node.Self} lead term {node.CurrentTerm}");
        }

        _leaders[node.CurrentTerm] = node.Self;
    }

    /// <summary>Figure 3, log matching: entries with one id are equal, and so is all before them.</summary>
    private static void CheckLogMatching(RaftLog a, RaftLog b)
    {
        LogIndex last = LogIndex.Min(a.LastEntry.Index, b.LastEntry.Index);
        LogIndex first = LogIndex.Max(a.FirstIndex, b.FirstIndex);
        bool isAgreed = false;
        for (LogIndex index = last; index >= first; index += -1)
        {
            LogEntry ours = a.EntryAt(index);
            LogEntry theirs = b.EntryAt(index);
            isAgreed |= ours.Term == theirs.Term;
            if (isAgreed && !AreEqual(ours, theirs))
            {
                throw new InvariantViolationException($"R3: logs agree after {index} and differ there: {ours.Id}, {theirs.Id}");
            }
        }
    }

    /// <summary>
    /// Figure 3, state machine safety: what is committed at an index is so on every node and for ever.
    /// </summary>
    private void CheckCommitted(RaftCore node)
    {
        RaftLog log = node.Log;
        for (LogIndex index = log.FirstIndex; index <= log.CommitIndex; index = index.Next)
        {
            int place = (int)index.Value - 1;
            LogEntry entry = log.EntryAt(index);
            if (place == _committed.Count)
            {
                _committed.Add(entry);
            }
            else if (place < _committed.Count && !AreEqual(entry, _committed[place]))
            {
                throw new InvariantViolationException(
                    $"R5: {node.Self} has {entry.Id} committed where {_committed[place].Id} was committed before");
            }
        }
    }

    /// <summary>Figure 3, leader completeness: a leader of the newest term has everything that is committed.</summary>
    private void CheckLeaderCompleteness(RaftCore node, IReadOnlyList<RaftCore> nodes)
    {
        if (node.Role != Role.Leader || nodes.Any(other => other.CurrentTerm > node.CurrentTerm))
        {
            return;
        }

        foreach (LogEntry entry in _committed)
        {
            if (entry.Index > node.Log.Start.Index && !node.Log.Contains(entry.Id))
            {
                throw new InvariantViolationException($"R4: leader {node.Self} of {node.CurrentTerm} lacks committed {entry.Id}");
            }
        }
    }

    private static bool AreEqual(LogEntry a, LogEntry b) =>
        a.Id == b.Id && a.Kind == b.Kind && a.Payload.Span.SequenceEqual(b.Payload.Span);
}
