using RaftKv.Bench.Nodes;

namespace RaftKv.Bench.Kubernetes;

/// <summary>Memory and CPU of a cluster's processes, now and then; a process that was killed counts for what it took before.</summary>
internal sealed class NodeSampler(ServerCluster cluster)
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(2);

    private readonly Dictionary<int, double> _cpu = [];
    private readonly Dictionary<int, double> _cpuBefore = [];

    /// <summary>Of all nodes together, at the last sample, in MiB.</summary>
    internal double ResidentMib { get; private set; }

    /// <summary>Of all nodes together, at the largest sample, in MiB.</summary>
    internal double PeakMib { get; private set; }

    /// <summary>Of all nodes, from the first sample on.</summary>
    internal double CpuSeconds => _cpu.Sum(pair => pair.Value - _cpuBefore.GetValueOrDefault(pair.Key));

    internal async Task RunAsync(CancellationToken stop)
    {
        for (bool isFirst = true; !stop.IsCancellationRequested; isFirst = false)
        {
            Take(isFirst);
            await Task.Delay(_interval, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        Take(isFirst: false);
    }

    private void Take(bool isFirst)
    {
        double sum = 0;
        foreach (int id in cluster.ProcessIds)
        {
            try
            {
                sum += ProcStat.ResidentMib(id);
                _cpu[id] = ProcStat.CpuSeconds([id]);
                if (isFirst)
                {
                    _cpuBefore[id] = _cpu[id];
                }
            }
            catch (Exception e) when (e is BenchException or InvalidOperationException)
            {
                // It was killed just now; a process that has ended and was not waited for has no memory.
            }
        }

        ResidentMib = sum;
        PeakMib = Math.Max(PeakMib, sum);
    }
}
