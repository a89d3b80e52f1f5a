using RaftKv.JepsenStyle.History;

namespace RaftKv.JepsenStyle.Checkers;

/// <summary>
/// Holds each read to the level that it was asked at, and each answer to the revision that it names: session guarantees
/// (A4), causal tokens (A5), bounds (A6), honest prefixes (A7), and the two that are linearizable (A1). One machine has
/// one clock, so that "acknowledged before" is exact.
/// </summary>
internal sealed class LevelChecker
{
    private const string Name = "levels";
    private const int MostShown = 10;

    private readonly List<LevelOperation> _operations;
    private readonly List<FaultEvent> _restarts;
    private readonly HighestBefore _known;
    private readonly Dictionary<string, SortedDictionary<long, long>> _versions = [];
    private readonly Dictionary<(string Key, long Value), LevelOperation> _writes = [];
    private readonly List<string> _violations = [];

    private LevelChecker(IReadOnlyList<HistoryLine> history)
    {
        _operations = [.. history.OfType<LevelOperation>()];
        _restarts = [.. history.OfType<FaultEvent>().Where(fault => RestartFaults.Contains(fault.Name))];

        // What any answer has shown was committed by then.
        _known = new HighestBefore(Ok.Where(o => o.Revision is not null).Select(o => (o.EndNs, o.Revision!.Value)));
    }

    /// <summary>Faults after which a node begins again with what its disk holds.</summary>
    public static IReadOnlySet<string> RestartFaults { get; } =
        new HashSet<string> { "kill", "kill-leader", "kill-all", "restart", "fsync-eio", "disk-full", "corrupt", "clock" };

    private IEnumerable<LevelOperation> Ok => _operations.Where(o => o.Outcome == Outcome.Ok);

    /// <summary>Checks a history; empty of reads at some level, that level is not judged.</summary>
    public static Verdict Check(IReadOnlyList<HistoryLine> history) => Verdict.Of(Name, new LevelChecker(history).Run());

    private List<string> Run()
    {
        foreach (LevelOperation write in _operations.Where(o => o.Level is null && o.Outcome != Outcome.Fail))
        {
            _writes[(write.Key!, write.Value!.Value)] = write;
        }

        LearnVersions();
        foreach (LevelOperation operation in Ok)
        {
            if (operation.Level is null)
            {
                CheckWrite(operation);
            }
            else
            {
                CheckLevel(operation);
                CheckContent(operation);
            }
        }

        CheckNodes();
        return _violations;
    }

    private void LearnVersions()
    {
        foreach (LevelOperation write in Ok.Where(o => o.Level is null && o.Revision is not null))
        {
            Learn(write.Key!, write.Revision!.Value, write.Value!.Value, write);
        }

        foreach (LevelOperation read in Ok.Where(o => o.Items is not null))
        {
            foreach (SeenPair item in read.Items!)
            {
                Learn(item.Key, item.ModRevision, item.Value, read);
            }
        }
    }

    private void Learn(string key, long revision, long value, LevelOperation from)
    {
        SortedDictionary<long, long> versions = _versions.TryGetValue(key, out SortedDictionary<long, long>? known) ? known : _versions[key] = [];
        if (!versions.TryAdd(revision, value) && versions[revision] != value)
        {
            Report($"{key} at revision {revision} is {versions[revision]} and {value}: {Show(from)}");
        }
    }

    /// <summary>Monotonic writes and writes-follow-reads, and more: a write comes after all that was known before it.</summary>
    private void CheckWrite(LevelOperation write)
    {
        long floor = Math.Max(_known.At(write.StartNs), Math.Max(write.ReadFloor, write.WriteFloor));
        if (write.Revision <= floor)
        {
            Report($"monotonic writes, writes follow reads: {Show(write)} though {floor} had been seen before it");
        }
    }

    private void CheckLevel(LevelOperation read)
    {
        long session = Math.Max(read.ReadFloor, read.WriteFloor);
        (long Least, string Why) demand = read.Level switch
        {
            "linearizable" or "lease" or "all" => (_known.At(read.StartNs), "had been seen before it began"),
            "session" or "sequential" or "causal" => (session, read.IsHandedOver ? "is in the token that it was handed" : "is in its token"),
            "read-your-writes" => (read.WriteFloor, "it had written itself"),
            "monotonic-reads" => (read.ReadFloor, "it had read before"),
            "bounded" when read.MaxStalenessMs is { } bound =>
                (_known.At(read.StartNs - (bound * 1_000_000)), $"had been seen {bound} ms before it began"),
            "bounded" when read.MaxLag is { } lag => (_known.At(read.StartNs) - lag, $"is the newest but {lag}"),
            _ => (0, ""),
        };
        if (read.Revision < demand.Least)
        {
            Report($"{read.Level}: {Show(read)} though {demand.Least} {demand.Why}");
        }

        if (read.StalenessMs is { } claimed)
        {
            long least = _known.At(read.StartNs - (long)(claimed * 1e6));
            if (read.Revision < least)
            {
                Report($"it says that it is {claimed} ms stale: {Show(read)} though {least} is older than that");
            }
        }
    }

    /// <summary>A view is the replay of the log up to its revision: nothing missing below it, nothing from above it.</summary>
    private void CheckContent(LevelOperation read)
    {
        var seen = read.Items!.ToDictionary(item => item.Key);
        foreach (SeenPair item in read.Items!)
        {
            if (!_writes.TryGetValue((item.Key, item.Value), out LevelOperation? write))
            {
                Report($"{Show(read)} shows {item.Key}={item.Value}, which nobody wrote or which was refused");
            }
            else if (write.StartNs > read.EndNs)
            {
                Report($"{Show(read)} shows {item.Key}={item.Value} from the future");
            }

            if (item.ModRevision > read.Revision)
            {
                Report($"{Show(read)} shows {item.Key} of revision {item.ModRevision}, which is above its own");
            }
        }

        foreach ((string key, SortedDictionary<long, long> versions) in _versions)
        {
            long newest = NewestUpTo(versions, read.Revision ?? 0);
            long shown = seen.TryGetValue(key, out SeenPair? item) ? item.ModRevision : 0;
            if (shown < newest)
            {
                Report($"no honest prefix: {Show(read)} shows {key} of revision {shown}, and leaves out {newest}");
            }
        }
    }

    private static long NewestUpTo(SortedDictionary<long, long> versions, long revision)
    {
        long newest = 0;
        foreach (long at in versions.Keys)
        {
            if (at > revision)
            {
                break;
            }

            newest = at;
        }

        return newest;
    }

    /// <summary>
    /// A node's own state never goes back while it runs, and after a read or write at "all" every node has it.
    /// </summary>
    private void CheckNodes()
    {
        LevelOperation[] everywhere = [.. Ok.Where(o => (o.Level == "all" || o.IsAll) && o.Revision is not null).OrderBy(o => o.EndNs)];
        foreach (IGrouping<string, LevelOperation> node in Ok.Where(o => o.Level is not null && o.Revision is not null).GroupBy(o => o.Node))
        {
            LevelOperation[] byStart = [.. node.OrderBy(o => o.StartNs)];
            var sources = new Queue<LevelOperation>(everywhere.Concat(byStart).Distinct().OrderBy(o => o.EndNs));
            LevelOperation? highest = null;
            foreach (LevelOperation read in byStart)
            {
                while (sources.TryPeek(out LevelOperation? next) && next.EndNs < read.StartNs)
                {
                    sources.Dequeue();
                    highest = highest is null || next.Revision > highest.Revision || HasRestarted(node.Key, highest, next) ? next : highest;
                }

                if (highest is not null && read.Revision < highest.Revision && !HasRestarted(node.Key, highest, read))
                {
                    string why = highest.Level == "all" || highest.IsAll ? "every node had applied" : "it had shown";
                    Report($"{node.Key} goes back: {Show(read)} though {why} {highest.Revision}");
                }
            }
        }
    }

    /// <summary>True when the node may have begun anew after the one was answered and before the other was.</summary>
    private bool HasRestarted(string node, LevelOperation earlier, LevelOperation later) => _restarts.Any(fault =>
        (fault.Node == node || fault.Node == "all") && fault.StartNs < later.EndNs && fault.EndNs > earlier.StartNs);

    private void Report(string violation)
    {
        if (_violations.Count < MostShown)
        {
            _violations.Add(violation);
        }
    }

    private static string Show(LevelOperation o) => o.Level is null
        ? $"a write of process {o.Process} through {o.Node} at {o.StartNs} ns got revision {o.Revision}"
        : $"a {o.Level} read of process {o.Process} from {o.Node} at {o.StartNs} ns has revision {o.Revision}";
}
