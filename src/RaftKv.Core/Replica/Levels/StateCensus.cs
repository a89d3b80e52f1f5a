using RaftKv.Core.Raft.Members;

namespace RaftKv.Core.Replica.Levels;

/// <summary>
/// Who agrees with this leader about the state, as each said last of an entry that it remembers: which of two is wrong, a
/// majority says. For one term.
/// </summary>
/// <remarks>
/// Danger: 1. Node 2 agrees after entry 10. 2. The leader's memory is damaged. 3. Node 3 differs after entry 12, and is
/// right. Node 2's word is of before: it says nothing of entry 12. So only words of that entry or a later one count for
/// the leader. See A_word_of_before_does_not_make_the_leader_right.
/// </remarks>
public sealed class StateCensus
{
    // What each said last: after which entry, and whether it was the leader's state.
    private readonly SortedDictionary<NodeId, (LogIndex Index, bool IsSame)> _said = [];
    private Term _term;

    /// <summary>A node's state was compared with this one's.</summary>
    public void Note(Term term, NodeId node, LogIndex index, bool isSame)
    {
        if (term != _term)
        {
            _term = term;
            _said.Clear();
        }

        _said[node] = (index, isSame);
    }

    /// <summary>True when a majority has the leader's state after that entry or a later one: who differs there is wrong.</summary>
    /// <param name="self">The leader, which agrees with itself.</param>
    public bool IsLeaderRight(Membership membership, NodeId self, LogIndex index) =>
        HasMajority(membership, self, isSelfCounted: true, said => said.IsSame && said.Index >= index);

    /// <summary>True when a majority has another state than the leader.</summary>
    public bool IsLeaderWrong(Membership membership, NodeId self) =>
        HasMajority(membership, self, isSelfCounted: false, static said => !said.IsSame);

    private bool HasMajority(Membership membership, NodeId self, bool isSelfCounted, Predicate<(LogIndex Index, bool IsSame)> isMeant)
    {
        var votes = new Dictionary<NodeId, bool> { [self] = isSelfCounted };
        foreach ((NodeId node, (LogIndex Index, bool IsSame) said) in _said)
        {
            votes[node] = isMeant(said);
        }

        return Quorum.Count(membership, votes) == VoteResult.Won;
    }
}
