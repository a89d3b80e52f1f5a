using RaftKv.JepsenStyle.Nemeses;

namespace RaftKv.JepsenStyle.Runs;

/// <summary>How often each fault happened in decided runs: a fault that proved nothing does not count.</summary>
internal static class FaultTally
{
    /// <summary>Sums by what a reader asks for: processes killed, processes paused, each shape of partition, and the rest.</summary>
    public static IReadOnlyDictionary<string, int> Of(IEnumerable<MatrixCell> cells)
    {
        var sums = new SortedDictionary<string, int>(StringComparer.Ordinal) { ["kills"] = 0, ["pauses"] = 0 };
        foreach (string shape in PartitionShape.All)
        {
            sums["partition-" + shape] = 0;
        }

        foreach (MatrixCell cell in cells.Where(cell => cell.IsDecided))
        {
            foreach ((string fault, int count) in cell.Faults)
            {
                (string name, int weight) = fault switch
                {
                    "kill" or "kill-leader" => ("kills", 1),
                    "kill-all" => ("kills", cell.Nodes),
                    "pause" or "pause-one" or "pause-majority" or "pause-cut" => ("pauses", 1),
                    _ => (fault, 1),
                };
                sums[name] = sums.GetValueOrDefault(name) + (weight * count);
            }
        }

        return sums;
    }
}
