namespace RaftKv.Simulation.Checking;

/// <summary>
/// When the leader of each term had applied what. Its clock knows a lease from when it has applied the grant, and runs from
/// when it has applied the no-op of its term: not from their commits.
/// </summary>
internal sealed class LeaderProgress
{
    private readonly Dictionary<long, List<(long Index, long AtUs)>> _byTerm = [];

    public void Note(long term, long appliedIndex, long nowUs)
    {
        if (!_byTerm.TryGetValue(term, out List<(long Index, long AtUs)>? steps))
        {
            _byTerm.Add(term, steps = []);
        }

        if (steps.Count == 0 || steps[^1].Index < appliedIndex)
        {
            steps.Add((appliedIndex, nowUs));
        }
    }

    /// <summary>True time from which the term's leader had applied the entry; null if it never did while it led.</summary>
    public long? AppliedAtUs(long term, long index)
    {
        if (_byTerm.TryGetValue(term, out List<(long Index, long AtUs)>? steps))
        {
            int first = steps.FindIndex(s => s.Index >= index);
            return first < 0 ? null : steps[first].AtUs;
        }

        return null;
    }
}
