using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Members;
using RaftKv.Simulation.Cluster;

namespace RaftKv.Simulation.Checking;

/// <summary>
/// The memberships of the committed log, and those at the end of each node's log (R10, R15): what quorums are counted by,
/// told from the entries alone, without asking a node.
/// </summary>
internal sealed class MembershipHistory(Membership founding, int nodeCount)
{
    private readonly List<(long Index, Membership Membership)> _committed = [(0, founding)];
    private readonly Dictionary<NodeId, long> _voterSinceUs = [];
    private readonly List<(long Index, Membership Membership)>[] _ofNodes =
        [.. Enumerable.Range(0, nodeCount).Select(static _ => new List<(long, Membership)>())];

    /// <summary>The newest committed one.</summary>
    public Membership Committed => _committed[^1].Membership;

    /// <summary>Index of its entry.</summary>
    public long CommittedIndex => _committed[^1].Index;

    /// <summary>The cluster is founded, by these and not by those that were listed.</summary>
    public void Founded(Membership founding)
    {
        Check.That(_committed.Count == 1, "a cluster is founded before anything is committed");
        _committed[0] = (0, founding);
    }

    /// <summary>In force after a committed entry.</summary>
    public Membership At(long index)
    {
        int at = _committed.Count - 1;
        while (_committed[at].Index > index)
        {
            at--;
        }

        return _committed[at].Membership;
    }

    /// <summary>In force for a node: of the newest entry in its log, committed or not.</summary>
    /// <param name="lastIndex">Where its log ended, for a moment that has passed.</param>
    public Membership Of(SimulatedNode node, long lastIndex = long.MaxValue)
    {
        List<(long Index, Membership Membership)> known = _ofNodes[node.Position];
        for (int i = known.Count - 1; i >= 0 && known[i].Index > node.Log.Start.Index.Value; i--)
        {
            if (known[i].Index <= lastIndex)
            {
                return known[i].Membership;
            }
        }

        return At(node.Log.Start.Index.Value);
    }

    /// <summary>Memberships in a node's log that it does not know to be committed.</summary>
    public int UncommittedOf(SimulatedNode node, long commitIndex)
    {
        List<(long Index, Membership Membership)> known = _ofNodes[node.Position];
        int count = 0;
        for (int i = known.Count - 1; i >= 0 && known[i].Index > commitIndex; i--)
        {
            count++;
        }

        return count;
    }

    /// <summary>
    /// True when no log holds a membership that is not committed: nothing is under way anywhere. What a snapshot has replaced
    /// is in no log.
    /// </summary>
    public bool IsQuiet(IReadOnlyList<SimulatedNode> nodes)
    {
        foreach (SimulatedNode node in nodes)
        {
            List<(long Index, Membership Membership)> known = _ofNodes[node.Position];
            bool isInLog = known.Count > 0 && known[^1].Index > node.Log.Start.Index.Value;
            if (isInLog && (known[^1].Index > CommittedIndex || !IsCommitted(known[^1])))
            {
                return false;
            }
        }

        return !Committed.IsJoint;
    }

    /// <summary>A node's log begins anew with these entries.</summary>
    public void Recovered(SimulatedNode node, IReadOnlyList<LogEntry> entries, long nowUs)
    {
        _ofNodes[node.Position].Clear();
        Appended(node, entries, nowUs);
    }

    /// <summary>True when the node has had a vote in every log since then.</summary>
    public bool HasVotedSince(NodeId node, long us) => _voterSinceUs.GetValueOrDefault(node) <= us;

    /// <summary>Entries came into a node's log, and cut what was at their places. True when a membership was cut.</summary>
    public bool Appended(SimulatedNode node, IReadOnlyList<LogEntry> entries, long nowUs)
    {
        List<(long Index, Membership Membership)> known = _ofNodes[node.Position];
        bool isCut = false;
        foreach (LogEntry entry in entries)
        {
            while (known.Count > 0 && known[^1].Index >= entry.Index.Value)
            {
                known.RemoveAt(known.Count - 1);
                isCut = true;
            }

            if (entry.Kind == EntryKind.Membership)
            {
                Membership before = known.Count > 0 ? known[^1].Membership : At(Math.Min(CommittedIndex, entry.Index.Value - 1));
                Membership next = MembershipCodec.Decode(entry.Payload.Span)!;
                known.Add((entry.Index.Value, next));
                NoteNewVoters(before, next, nowUs);
            }
        }

        return isCut;
    }

    /// <summary>A membership entry is committed for the first time; the sentence when it does not follow the one before.</summary>
    public string? Commit(LogEntry entry)
    {
        Membership before = Committed;
        Membership next = MembershipCodec.Decode(entry.Payload.Span)!;
        _committed.Add((entry.Index.Value, next));
        var removed = new SortedSet<NodeId>(before.Removed);
        removed.UnionWith(before.Members().Except(next.Members()));
        if (!removed.SetEquals(next.Removed))
        {
            return "who was removed is not remembered, or somebody is who was not";
        }

        if (before.IsJoint)
        {
            return !next.IsJoint && next.Voters.SequenceEqual(before.Voters) ? null : "a joint membership is not left for its new voters";
        }

        IReadOnlyList<NodeId> old = next.IsJoint ? next.OutgoingVoters : next.Voters;
        return old.SequenceEqual(before.Voters) ? null : "voters change without those before having their say";
    }

    private void NoteNewVoters(Membership before, Membership next, long nowUs)
    {
        foreach (NodeId voter in next.Voters)
        {
            if (!before.IsVoter(voter))
            {
                _voterSinceUs[voter] = nowUs;
            }
        }
    }

    private bool IsCommitted((long Index, Membership Membership) known) =>
        _committed.Exists(entry => entry.Index == known.Index && entry.Membership.IsSameAs(known.Membership));
}
