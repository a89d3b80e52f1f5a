namespace RaftKv.Core.Raft.Roles;

/// <summary>
/// What a leader said that all voters have applied, and of which membership's voters. The same number in another term can
/// be another membership, whose entry was truncated.
/// </summary>
/// <param name="Term">Of the leader that said it.</param>
/// <param name="Generation">Of the membership.</param>
public readonly record struct AllApplied(Term Term, long Generation, LogIndex Index)
{
    /// <summary>What holds after another word, which may come late or twice within its term.</summary>
    /// <param name="own">Generation of the membership in this node's log.</param>
    /// <remarks>
    /// Danger: 1. All voters have applied up to 50. 2. A voter joins that has applied up to 5. 3. A word of before arrives
    /// late, and a read at "all" of index 50 is answered. So words of an older membership never count again. See
    /// A_late_word_of_a_former_membership_does_not_count.
    /// </remarks>
    public AllApplied Heard(Term term, long generation, LogIndex index, long own)
    {
        if (generation == Generation && (term == Term || generation <= own))
        {
            return new AllApplied(term, generation, LogIndex.Max(Index, index));
        }

        return term > Term || generation > Generation ? new AllApplied(term, generation, index) : this;
    }

    /// <summary>The membership in this node's log has changed: only the present leader's word may stand.</summary>
    public AllApplied AfterChange(Term term) => term == Term ? this : default;
}
