using System.Globalization;

namespace RaftKv.Bench;

/// <summary>CPU time and memory of processes, from /proc. Linux.</summary>
internal static class ProcStat
{
    /// <summary>USER_HZ: 100 on every Linux that .NET runs on.</summary>
    private const double TicksPerSecond = 100;

    /// <summary>utime + stime of all threads, dead ones too, in seconds.</summary>
    /// <exception cref="BenchException">There is no such process.</exception>
    internal static double CpuSeconds(IEnumerable<int> pids) => pids.Sum(static pid =>
    {
        // The name, field 2, is in parentheses and may hold blanks: count from behind it. utime and stime are fields 14
        // and 15.
        string stat = Read(pid, "stat");
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
    });

    /// <summary>Resident memory now, in MiB.</summary>
    internal static double ResidentMib(int pid)
    {
        string line = Read(pid, "status").Split('\n').First(static text => text.StartsWith("VmRSS:", StringComparison.Ordinal));
        return double.Parse(line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }

    /// <summary>Context switches of all living threads: those that waited, and those whose time was taken.</summary>
    internal static (long Voluntary, long Taken) Switches(int pid)
    {
        long voluntary = 0;
        long taken = 0;
        foreach (string thread in Directory.GetDirectories($"/proc/{pid}/task"))
        {
            try
            {
                foreach (string line in File.ReadLines(Path.Combine(thread, "status")))
                {
                    voluntary += Number(line, "voluntary_ctxt_switches:");
                    taken += Number(line, "nonvoluntary_ctxt_switches:");
                }
            }
            catch (IOException)
            {
                // A thread that has ended since.
            }
        }

        return (voluntary, taken);
    }

    private static long Number(string line, string name) => line.StartsWith(name, StringComparison.Ordinal)
        ? long.Parse(line.AsSpan(name.Length).Trim(), NumberStyles.None, CultureInfo.InvariantCulture)
        : 0;

    private static string Read(int pid, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/{file}");
        }
        catch (IOException)
        {
            throw new BenchException($"There is no process {pid}.");
        }
    }
}
