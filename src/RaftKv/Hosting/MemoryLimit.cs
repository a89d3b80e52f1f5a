using System.Globalization;
using RaftKv.Core;

namespace RaftKv.Hosting;

/// <summary>How much memory this process may use, as far as it can know.</summary>
/// <param name="Bytes">The limit, or the machine's memory.</param>
/// <param name="IsOfProcess">True when a container or a setting of the runtime limits this process below what the
/// machine has.</param>
internal readonly record struct MemoryLimit(long Bytes, bool IsOfProcess)
{
    /// <summary>The limit of this process, as at its start.</summary>
    public static MemoryLimit OfThisProcess { get; } = Read();

    /// <summary>
    /// The budget of a node that is told none. A limit is the collector's own (three quarters of a container's), so the
    /// budget may be all of it: the collector's room is in the budget. A machine is shared with others: half.
    /// </summary>
    public long DefaultBudgetBytes =>
        Math.Clamp(IsOfProcess ? Bytes : Bytes / 2, MemoryBudget.MinBytes, MemoryBudget.MaxBytes);

    private static MemoryLimit Read()
    {
        // The collector looks at cgroups (both versions), at job objects of Windows and at its own settings.
        long available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        long machine = MachineBytes();
        return machine > 0 && available > machine ? new MemoryLimit(machine, false) : new MemoryLimit(available, available < machine);
    }

    // 0 where it is not known: then the collector's figure counts as the machine's.
    private static long MachineBytes()
    {
        const string Prefix = "MemTotal:";
        if (!File.Exists("/proc/meminfo"))
        {
            return 0;
        }

        string? line = File.ReadLines("/proc/meminfo").FirstOrDefault(static line => line.StartsWith(Prefix, StringComparison.Ordinal));
        string[] words = line?[Prefix.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        return words.Length == 2 && long.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out long kib) ? kib * 1024 : 0;
    }
}
