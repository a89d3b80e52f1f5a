using RaftKv.Core.Reads;
using RaftKv.Simulation.Cluster;
using RaftKv.Simulation.Reach;

namespace RaftKv.Simulation.Running;

/// <summary>Runs many seeds on a few threads. Worlds share nothing, so the order of threads changes no world.</summary>
internal sealed class SeedBatch(SeedOptions options, int threadCount)
{
    private readonly Lock _gate = new();
    private readonly SortedSet<ulong> _doneAhead = [];
    private TimeSpan _cpuBefore = CpuTime();
    private TimeSpan? _cpuAfter;
    private ulong _next;
    private ulong _end;

    /// <summary>Those that failed, without their traces: a long run may have many.</summary>
    public List<SeedResult> Failures { get; } = [];

    /// <summary>The rare states that were met.</summary>
    public ReachCounts Reach { get; } = new();

    /// <summary>In how many seeds each class of faults was on.</summary>
    public SortedDictionary<string, long> SeedsByFault { get; } = new(StringComparer.Ordinal);

    /// <summary>The first seed that is not done; all before it, from the batch's first on, are.</summary>
    public ulong NextSeed { get; private set; }

    /// <summary>Somebody asked for an early end.</summary>
    public bool IsStopped { get; private set; }

    public Counters Counters { get; } = new();

    public long SeedCount { get; private set; }

    public long SimulatedUs { get; private set; }

    public long LeaderCount { get; private set; }

    public double CpuSeconds => ((_cpuAfter ?? CpuTime()) - _cpuBefore).TotalSeconds;

    public double SimulatedPerCpuSecond => CpuSeconds == 0 ? 0 : SimulatedUs / 1e6 / CpuSeconds;

    public long OperationsChecked => Counters.Acknowledged + Counters.Reads + Counters.Refused;

    /// <summary>
    /// Runs the seeds [from, from + count); stops early when told to by <paramref name="onResult"/> (called under a
    /// lock).
    /// </summary>
    public void Run(ulong from, ulong count, Func<SeedResult, bool> onResult)
    {
        _cpuBefore = CpuTime();
        _next = from;
        NextSeed = from;
        _end = from + count;
        var threads = new List<Thread>();
        for (int i = 0; i < threadCount; i++)
        {
            var thread = new Thread(() => Work(onResult), maxStackSize: 16 << 20);
            thread.Start();
            threads.Add(thread);
        }

        threads.ForEach(t => t.Join());
        _cpuAfter = CpuTime();
    }

    /// <summary>Lets the seeds under way come to their end, and begins no other. Any thread.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            IsStopped = true;
            _next = _end;
        }
    }

    /// <summary>The figures in words.</summary>
    public string Summary()
    {
        string bound = Failures.Count == 0 && SeedCount > 0
            ? FormattableString.Invariant($"0 of {SeedCount} means < {300.0 / SeedCount:F2} % of seeds fail, at 95 %")
            : $"{Failures.Count} of {SeedCount} seeds failed";
        return FormattableString.Invariant(
            $"""
            seeds {SeedCount}, simulated {SimulatedUs / 1e6:F0} s, CPU {CpuSeconds:F1} s, {SimulatedPerCpuSecond:F0} simulated s per CPU s
            operations checked {OperationsChecked} (acknowledged {Counters.Acknowledged}, reads {Counters.Reads}, refused {Counters.Refused}), unknown {Counters.Unknown}, keys undecided {Counters.UndecidedKeys}
            reads by level: {ByLevel()}
            reads with a proven age {Counters.ProvenReads}, tokens handed over {Counters.Handoffs}, lease points {Counters.LeasePoints}
            questions about leases answered {Counters.LeaseAsks}, leases ended {Counters.LeasesEnded}, places acquired {Counters.Acquired}, fenced writes {Counters.FencedWrites}, fences lost {Counters.FencesLost}, repeats answered {Counters.Replayed}
            watched changes {Counters.WatchedChanges}, watch resumes {Counters.WatchResumes}, cancels {Counters.WatchCancels}, leaderships observed {Counters.Leaderships}
            crashes {Counters.Crashes} (at persist and send points {Counters.PersistPointCrashes}), partitions {Counters.Partitions}, pauses {Counters.Pauses}, transfers {Counters.Transfers}, leaders {LeaderCount}, snapshots installed {Counters.SnapshotsInstalled}
            {Counters.Faults.Summary()}
            {Reach.Headline()}
            {bound}
            """);
    }

    private string ByLevel() => string.Join(
        ", ", Enum.GetValues<ReadLevel>().Select(level => FormattableString.Invariant($"{level} {Counters.ReadsOf[(int)level]}")));

    private static TimeSpan CpuTime() => System.Diagnostics.Process.GetCurrentProcess().TotalProcessorTime;

    private void Work(Func<SeedResult, bool> onResult)
    {
        while (true)
        {
            ulong seed;
            lock (_gate)
            {
                if (_next >= _end)
                {
                    return;
                }

                seed = _next++;
            }

            SeedResult result = SeedRunner.Run(seed, options);
            lock (_gate)
            {
                Add(result);
                if (!onResult(result))
                {
                    _next = _end;
                }
            }
        }
    }

    private void Add(SeedResult result)
    {
        SeedCount++;
        SimulatedUs += result.SimulatedUs;
        LeaderCount += result.LeaderCount;
        Counters.Add(result.Counters);
        Reach.Add(result.Reach);
        foreach (FaultClass fault in result.Faults)
        {
            SeedsByFault[fault.Name] = SeedsByFault.GetValueOrDefault(fault.Name) + 1;
        }

        if (!result.IsOk)
        {
            Failures.Add(result with { TraceTail = null });
        }

        _doneAhead.Add(result.Seed);
        while (_doneAhead.Remove(NextSeed))
        {
            NextSeed++;
        }
    }
}
