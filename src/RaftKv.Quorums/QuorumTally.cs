namespace RaftKv.Quorums;

/// <summary>Counts what happened, knowing all: which writes were acknowledged when, and who has them.</summary>
internal sealed class QuorumTally(QuorumOptions options)
{
    private static readonly double[] _agesMs = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500];

    private readonly List<(Version Version, long At)>[] _acknowledged =
        [.. Enumerable.Range(0, options.Keys).Select(static _ => new List<(Version, long)>())];

    // Acknowledged and not yet everywhere, by key.
    private readonly List<(Version Version, long At)>[] _spreading =
        [.. Enumerable.Range(0, options.Keys).Select(static _ => new List<(Version, long)>())];

    private readonly List<double> _convergenceMs = [];
    private readonly int[] _readsByAge = new int[_agesMs.Length];
    private readonly int[] _staleByAge = new int[_agesMs.Length];
    private int _reads;
    private int _stale;
    private int _conflicts;
    private int _unavailable;

    public void Unavailable() => _unavailable++;

    public void Conflict() => _conflicts++;

    /// <summary>A read that began then saw this.</summary>
    public void Read(int key, long beganAt, List<Version> seen)
    {
        _reads++;
        _conflicts += seen.Count > 1 ? 1 : 0;
        bool isStale = false;
        long newest = long.MinValue;
        foreach ((Version version, long at) in _acknowledged[key])
        {
            if (at <= beganAt)
            {
                newest = Math.Max(newest, at);
                isStale |= !Covers(seen, version);
            }
        }

        _stale += isStale ? 1 : 0;
        if (newest > long.MinValue)
        {
            double ageMs = (beganAt - newest) / 1_000.0;
            int bucket = Array.FindLastIndex(_agesMs, from => from <= ageMs);
            _readsByAge[bucket]++;
            _staleByAge[bucket] += isStale ? 1 : 0;
        }
    }

    public void Acknowledged(int key, Version version, long at, ReplicaState[] nodes)
    {
        _acknowledged[key].Add((version, at));
        _spreading[key].Add((version, at));
        Stored(key, at, nodes);
    }

    /// <summary>Some replica has changed: what is everywhere now has converged.</summary>
    public void Stored(int key, long at, ReplicaState[] nodes)
    {
        _spreading[key].RemoveAll(write =>
        {
            for (int node = 0; node < options.Replicas; node++)
            {
                if (!Covers(nodes[node][key], write.Version))
                {
                    return false;
                }
            }

            _convergenceMs.Add((at - write.At) / 1_000.0);
            return true;
        });
    }

    /// <summary>The end: what of the acknowledged writes is in what all replicas together have.</summary>
    public QuorumResult Close(ReplicaState[] nodes)
    {
        int lost = 0;
        for (int key = 0; key < options.Keys; key++)
        {
            List<Version> end = ReplicaState.Merge(nodes.Take(options.Replicas).SelectMany(node => node[key]), options.Resolution);
            lost += _acknowledged[key].Count(write => !end.Exists(version => version.Writes.Contains(write.Version.Writer)));
        }

        _convergenceMs.Sort();
        return new QuorumResult
        {
            Reads = _reads,
            StaleReads = _stale,
            Writes = _acknowledged.Sum(static writes => writes.Count),
            LostWrites = lost,
            Conflicts = _conflicts,
            Unavailable = _unavailable,
            ConvergenceMs = _convergenceMs,
            NeverConverged = _spreading.Sum(static writes => writes.Count),
            StaleByAge = [.. _agesMs.Select((from, i) => (from, _readsByAge[i], _staleByAge[i]))],
        };
    }

    // With last writer wins a later value stands for all before it; else the write itself must be known.
    private bool Covers(IReadOnlyList<Version> seen, Version write)
    {
        foreach (Version version in seen)
        {
            if (version.Writes.Contains(write.Writer)
                || (options.Resolution == Resolution.LastWriterWins && (version == write || version.IsLaterThan(write))))
            {
                return true;
            }
        }

        return false;
    }
}
