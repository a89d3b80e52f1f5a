namespace RaftKv.Core.Raft.Members;

/// <summary>
/// Who takes part. Immutable; lists are sorted by id, so that equal memberships are equal bytes. During a joint change
/// <see cref="OutgoingVoters"/> holds the old voters, and decisions need a majority of both lists (thesis 4.3).
/// </summary>
public sealed class Membership
{
    /// <summary>Most members that a cluster may have, in all lists together.</summary>
    public const int MaxMembers = 32;

    /// <summary>
    /// Most removed members that are remembered; the ones removed first are forgotten first. Far beyond what is met: who is
    /// forgotten here has been refused, or was off, while so many others came and went.
    /// </summary>
    public const int MaxRemoved = 1024;

    /// <summary>Makes a membership; the lists are copied, and all but the removed sorted.</summary>
    /// <param name="details">What is known of members; of those that are none it is left out.</param>
    /// <param name="generation">See <see cref="Generation"/>.</param>
    /// <param name="removed">See <see cref="Removed"/>; of too many the first are left out.</param>
    public Membership(
        IEnumerable<NodeId> voters, IEnumerable<NodeId>? outgoingVoters = null, IEnumerable<NodeId>? learners = null,
        IEnumerable<Member>? details = null, long generation = 0, IEnumerable<NodeId>? removed = null)
    {
        Generation = generation;
        Voters = Sorted(voters);
        OutgoingVoters = Sorted(outgoingVoters ?? []);
        Learners = Sorted(learners ?? []);
        Details = Sorted(details ?? []);
        Removed = [.. (removed ?? []).TakeLast(MaxRemoved)];
        Check.That(Voters.Count > 0, "a membership has at least one voter");
        Check.That(AreRemovedSound(), "who was removed is no member, and is there once");
    }

    /// <summary>The voters, ascending.</summary>
    public IReadOnlyList<NodeId> Voters { get; }

    /// <summary>The voters of the configuration being left, ascending; empty outside a joint change.</summary>
    public IReadOnlyList<NodeId> OutgoingVoters { get; }

    /// <summary>Those that receive the log and have no vote, ascending.</summary>
    public IReadOnlyList<NodeId> Learners { get; }

    /// <summary>How many memberships came before it in this log; 0 for the founding's.</summary>
    public long Generation { get; }

    /// <summary>
    /// What is known of members, ascending by id; not of each, where nobody said anything. Pending places are here only.
    /// </summary>
    public IReadOnlyList<Member> Details { get; }

    /// <summary>
    /// The members that were removed, in the order in which they went. A data directory that was removed never comes back: what
    /// it says counts for nothing, for ever.
    /// </summary>
    public IReadOnlyList<NodeId> Removed { get; }

    /// <summary>True while two voter lists are in force.</summary>
    public bool IsJoint => OutgoingVoters.Count > 0;

    /// <summary>True when the node votes in either list.</summary>
    public bool IsVoter(NodeId node) => Contains(Voters, node) || Contains(OutgoingVoters, node);

    /// <summary>True when the node is a voter or a learner.</summary>
    public bool IsMember(NodeId node) => IsVoter(node) || Contains(Learners, node);

    /// <summary>True for a place whose directory has not come.</summary>
    public bool IsPending(NodeId node) => Details.Any(detail => detail.Id == node && detail.IsPending);

    /// <summary>True when the node was a member, and is none any more.</summary>
    public bool WasRemoved(NodeId node) => Contains(Removed, node);

    /// <summary>Every member once, ascending; places are none.</summary>
    public IEnumerable<NodeId> Members()
    {
        var all = new SortedSet<NodeId>(Voters);
        all.UnionWith(OutgoingVoters);
        all.UnionWith(Learners);
        return all;
    }

    /// <summary>What is known of a member; its id alone where nobody said anything.</summary>
    public Member DetailOf(NodeId node)
    {
        foreach (Member detail in Details)
        {
            if (detail.Id == node)
            {
                return detail;
            }
        }

        return new Member(node, "", "");
    }

    /// <summary>The priority of <see cref="DetailOf"/>; allocates nothing, since a leader asks at each tick.</summary>
    public byte PriorityOf(NodeId node)
    {
        for (int i = 0; i < Details.Count; i++)
        {
            if (Details[i].Id == node)
            {
                return Details[i].Priority;
            }
        }

        return 0;
    }

    /// <summary>What a joint configuration becomes: the old voters have no more say (thesis 4.3).</summary>
    public Membership WithoutOutgoing() =>
        new(Voters, null, Learners, Details, Generation + 1, RemovedAfter(node => Contains(Voters, node) || Contains(Learners, node)));

    /// <summary>Who is removed once these are the members: those that were before, and those of now that are none then.</summary>
    /// <param name="isMember">True for the members of then.</param>
    public IEnumerable<NodeId> RemovedAfter(Func<NodeId, bool> isMember) => Removed.Concat(Members().Where(node => !isMember(node)));

    /// <summary>True for equal lists and equal details, whatever came before.</summary>
    public bool IsSameAs(Membership other) =>
        Voters.SequenceEqual(other.Voters) && OutgoingVoters.SequenceEqual(other.OutgoingVoters)
        && Learners.SequenceEqual(other.Learners) && Details.SequenceEqual(other.Details);

    private bool AreRemovedSound()
    {
        var seen = new SortedSet<NodeId>();
        for (int i = 0; i < Removed.Count; i++)
        {
            if (Removed[i].IsNone || IsMember(Removed[i]) || !seen.Add(Removed[i]))
            {
                return false;
            }
        }

        return true;
    }

    private Member[] Sorted(IEnumerable<Member> details)
    {
        Member[] known = [.. details.Where(detail => detail.IsPending != IsMember(detail.Id))];
        Array.Sort(known, static (a, b) => a.Id.CompareTo(b.Id));
        for (int i = 1; i < known.Length; i++)
        {
            Check.That(known[i - 1].Id != known[i].Id, "a member has one detail");
        }

        return known;
    }

    private static NodeId[] Sorted(IEnumerable<NodeId> nodes)
    {
        var set = new SortedSet<NodeId>(nodes);
        var result = new NodeId[set.Count];
        set.CopyTo(result);
        return result;
    }

    /// <summary>True when the node is in the list.</summary>
    public static bool Contains(IReadOnlyList<NodeId> nodes, NodeId node)
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
