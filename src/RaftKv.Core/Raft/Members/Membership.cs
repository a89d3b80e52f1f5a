namespace RaftKv.Core.Raft.Members;

/// <summary>
/// Who takes part. Immutable; lists are sorted by id, so that equal memberships are equal bytes. During a joint change
/// <see cref="OutgoingVoters"/> holds the old voters, and decisions need a majority of both lists (thesis 4.3).
/// </summary>
public sealed class Membership
{
    /// <summary>Makes a membership; the lists are copied and sorted.</summary>
    public Membership(IEnumerable<NodeId> voters, IEnumerable<NodeId>? outgoingVoters = null, IEnumerable<NodeId>? learners = null)
    {
        Voters = Sorted(voters);
        OutgoingVoters = Sorted(outgoingVoters ?? []);
        Learners = Sorted(learners ?? []);
        Check.That(Voters.Count > 0, "a membership has at least one voter");
    }

    /// <summary>The voters, ascending.</summary>
    public IReadOnlyList<NodeId> Voters { get; }

    /// <summary>The voters of the configuration being left, ascending; empty outside a joint change.</summary>
    public IReadOnlyList<NodeId> OutgoingVoters { get; }

    /// <summary>Those that receive the log and have no vote, ascending.</summary>
    public IReadOnlyList<NodeId> Learners { get; }

    /// <summary>True while two voter lists are in force.</summary>
    public bool IsJoint => OutgoingVoters.Count > 0;

    /// <summary>True when the node votes in either list.</summary>
    public bool IsVoter(NodeId node) => Contains(Voters, node) || Contains(OutgoingVoters, node);

    /// <summary>True when the node is a voter or a learner.</summary>
    public bool IsMember(NodeId node) => IsVoter(node) || Contains(Learners, node);

    /// <summary>Every member once, ascending.</summary>
    public IEnumerable<NodeId> Members()
    {
        var all = new SortedSet<NodeId>(Voters);
        all.UnionWith(OutgoingVoters);
        all.UnionWith(Learners);
        return all;
    }

    private static NodeId[] Sorted(IEnumerable<NodeId> nodes)
    {
        var set = new SortedSet<NodeId>(nodes);
        var result = new NodeId[set.Count];
        set.CopyTo(result);
        return result;
    }

    private static bool Contains(IReadOnlyList<NodeId> nodes, NodeId node)
    {
        for (int i = 0; i < nodes.Count; i++)
        {
            if (nodes[i] == node)
            {
                return true;
            }
        }

        return false;
    }
}
