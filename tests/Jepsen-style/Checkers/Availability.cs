using RaftKv.JepsenStyle.History;

namespace RaftKv.JepsenStyle.Checkers;

/// <summary>How long nobody could write after a fault.</summary>
internal static class Availability
{
    /// <summary>
    /// The longest time without an acknowledged change within ten seconds of a fault, in milliseconds; null without
    /// faults. It counts from the kill of a single node, and from the time when all are up again where none was left. It errs to the long
    /// side: only answers count.
    /// </summary>
    public static double? LongestGapMsAfter(IReadOnlyList<HistoryLine> history, string faultPrefix)
    {
        const long WindowNs = 10_000_000_000;
        var operations = history.OfType<ClientAction>().ToList();
        long end = operations.Select(o => o.EndNs).DefaultIfEmpty(0).Max();
        long[] answers = [.. operations
            .Where(o => o.Outcome == Outcome.Ok && o.IsChange)
            .Select(o => o.EndNs)
            .Append(end)
            .Order()];
        double? longest = null;
        foreach (FaultEvent fault in history.OfType<FaultEvent>().Where(f => f.Name.StartsWith(faultPrefix, StringComparison.Ordinal)))
        {
            long start = fault.Name == "kill-all" ? fault.EndNs : fault.StartNs;
            long last = start;
            foreach (long answer in answers)
            {
                if (answer > start && last < start + WindowNs)
                {
                    longest = Math.Max(longest ?? 0, (answer - last) / 1e6);
                    last = answer;
                }
            }
        }

        return longest;
    }
}
