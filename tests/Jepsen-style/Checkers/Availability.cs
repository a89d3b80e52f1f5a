using RaftKv.JepsenStyle.History;

namespace RaftKv.JepsenStyle.Checkers;

/// <summary>How long nobody could write after a fault.</summary>
internal static class Availability
{
    /// <summary>
    /// The longest time without an acknowledged change within ten seconds of a fault, in milliseconds; null without
    /// faults. It counts from the kill of a single node, and from the time when all are up again where none was left, to the
    /// next fault at most. It errs to the long side: only answers count. Time in which the machine itself stood still is
    /// nobody's.
    /// </summary>
    public static double? LongestGapMsAfter(IReadOnlyList<HistoryLine> history, string faultPrefix)
    {
        const long WindowNs = 10_000_000_000;
        var operations = history.OfType<ClientAction>().ToList();
        long end = operations.Select(o => o.EndNs).DefaultIfEmpty(0).Max();
        long[] answers = [.. operations.Where(o => o.Outcome == Outcome.Ok && o.IsChange).Select(o => o.EndNs).Order()];
        List<FaultEvent> faults =
        [
            .. history.OfType<FaultEvent>().Where(f => f.Name.StartsWith(faultPrefix, StringComparison.Ordinal)).OrderBy(f => f.StartNs),
        ];
        MachineStall[] stalls = [.. history.OfType<MachineStall>()];
        double? longest = null;
        for (int i = 0; i < faults.Count; i++)
        {
            long start = faults[i].Name == "kill-all" ? faults[i].EndNs : faults[i].StartNs;
            long limit = i + 1 < faults.Count ? faults[i + 1].StartNs : end;
            long last = start;
            foreach (long answer in answers.Where(answer => answer > start && answer < limit).Append(Math.Max(start, limit)))
            {
                if (last < start + WindowNs)
                {
                    longest = Math.Max(longest ?? 0, (answer - last - StalledNs(stalls, last, answer)) / 1e6);
                    last = answer;
                }
            }
        }

        return longest;
    }

    private static long StalledNs(MachineStall[] stalls, long fromNs, long toNs) =>
        stalls.Sum(stall => Math.Max(0, Math.Min(stall.EndNs, toNs) - Math.Max(stall.StartNs, fromNs)));
}
