using System.Globalization;
using System.Text;

namespace RaftKv.Simulation.Reach;

/// <summary>How often each state was met, in one world or summed over a batch.</summary>
internal sealed class ReachCounts
{
    private readonly long[] _counts = new long[ReachCatalogue.All.Count];

    public int ReachedCount => _counts.Count(static c => c > 0);

    public long Of(ReachState state) => _counts[state.Place];

    public void Hit(ReachState state) => _counts[state.Place]++;

    public void HitIf(bool isMet, ReachState state)
    {
        if (isMet)
        {
            _counts[state.Place]++;
        }
    }

    public void Add(ReachCounts other)
    {
        for (int i = 0; i < _counts.Length; i++)
        {
            _counts[i] += other._counts[i];
        }
    }

    /// <summary>The figure for a summary.</summary>
    public string Headline() => FormattableString.Invariant($"{ReachedCount} of {_counts.Length} states reached");

    /// <summary>All states with their counts, theme by theme.</summary>
    public string Table()
    {
        var text = new StringBuilder();
        foreach (IGrouping<string, ReachState> theme in ReachCatalogue.All.GroupBy(static s => s.Theme))
        {
            text.AppendLine(theme.Key);
            foreach (ReachState state in theme)
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"  {Of(state),10} {state.Name,-44} {state.Meaning}");
            }
        }

        return text.Append(Headline()).ToString();
    }
}
