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
