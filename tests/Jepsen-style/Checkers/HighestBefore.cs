namespace RaftKv.JepsenStyle.Checkers;

/// <summary>The highest of some numbers that were known before an instant.</summary>
internal sealed class HighestBefore
{
    private readonly long[] _times;
    private readonly long[] _highest;

    public HighestBefore(IEnumerable<(long TimeNs, long Number)> facts)
    {
        (long TimeNs, long Number)[] inOrder = [.. facts.OrderBy(fact => fact.TimeNs)];
        _times = [.. inOrder.Select(fact => fact.TimeNs)];
        _highest = new long[inOrder.Length];
        long highest = 0;
        for (int i = 0; i < inOrder.Length; i++)
        {
            highest = Math.Max(highest, inOrder[i].Number);
            _highest[i] = highest;
        }
    }

    /// <summary>The highest number whose time is strictly before this one; 0 when there is none.</summary>
    public long At(long timeNs)
    {
        int at = Array.BinarySearch(_times, timeNs);
        at = at < 0 ? ~at : at;
        while (at > 0 && at <= _times.Length && _times[at - 1] >= timeNs)
        {
            at--;
        }

        return at == 0 ? 0 : _highest[at - 1];
    }
}
