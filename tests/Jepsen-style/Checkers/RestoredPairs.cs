using RaftKv.JepsenStyle.History;
using RaftKv.JepsenStyle.Workloads;

namespace RaftKv.JepsenStyle.Checkers;

/// <summary>
/// Pairs of keys, each written once: whatever is seen must be all that was made up to a revision, without what went with a
/// cluster that was lost, and never half a pair.
/// </summary>
internal sealed class RestoredPairs
{
    private readonly Incarnations _incarnations;
    private readonly List<RestoreOperation> _lists;
    private readonly ILookup<string, FinalPair> _finals;
    private readonly HashSet<long> _asked;
    private readonly HashSet<long> _refused;
    private readonly Dictionary<long, long> _made;
    private readonly List<string> _violations = [];

    public RestoredPairs(Incarnations incarnations, IReadOnlyList<HistoryLine> history)
    {
        _incarnations = incarnations;
        List<RestoreOperation> writes = [.. history.OfType<RestoreOperation>().Where(o => o.Step == RestoreStep.Write)];
        _asked = [.. writes.Select(o => o.Number!.Value)];
        _refused = [.. writes.Where(o => o.Outcome == Outcome.Fail).Select(o => o.Number!.Value)];
        _made = writes.Where(o => o.Outcome == Outcome.Ok).ToDictionary(o => o.Number!.Value, o => o.Revision!.Value);
        _lists = [.. history.OfType<RestoreOperation>().Where(o => o is { Step: RestoreStep.List, Outcome: Outcome.Ok })];
        _finals = history.OfType<FinalPair>().ToLookup(pair => pair.Node);
    }

    /// <summary>Acknowledged pairs that went with a cluster, and those that outlived one.</summary>
    public (int Lost, int Kept) Counts
    {
        get
        {
            int last = _incarnations.All.Count;
            int lost = _made.Values.Count(revision => _incarnations.LostWith(revision, last) is not null);
            return (lost, _made.Values.Count(revision => _incarnations.Of(revision) < last) - lost);
        }
    }

    /// <summary>What does not hold of the reads, and of the nodes named at the end.</summary>
    public IReadOnlyList<string> Violations(IEnumerable<string> nodes)
    {
        // Nobody knows of an unknown write whether it was made; whoever has seen it does, for all others.
        foreach (SeenPair item in _lists.SelectMany(list => list.Items!).Concat(_finals.SelectMany(pairs => pairs.Select(Seen))))
        {
            if (!_made.TryAdd(item.Value, item.ModRevision) && _made[item.Value] != item.ModRevision)
            {
                _violations.Add($"moved: {item.Key} is of revision {_made[item.Value]}, and is shown at {item.ModRevision}");
            }
        }

        ILookup<string, KeyValuePair<long, long>> groups = _made.ToLookup(made => RestoreWorkload.GroupOf(made.Key));
        foreach (RestoreOperation list in _lists)
        {
            Judge($"a read at level {list.Level} from {list.Node}", list.Items!, groups[list.Name!], list.Revision!.Value);
        }

        foreach (string node in nodes)
        {
            Judge($"the end of {node}", [.. _finals[node].Select(Seen)], _made, long.MaxValue);
        }

        return _violations;
    }

    private void Judge(string who, IReadOnlyList<SeenPair> items, IEnumerable<KeyValuePair<long, long>> made, long revision)
    {
        int incarnation = _incarnations.Of(revision);
        string where = revision == long.MaxValue ? who : $"{who} of revision {revision}";
        ILookup<long, SeenPair> pairs = items.ToLookup(item => item.Value);
        foreach ((long number, long at) in made)
        {
            if (at <= revision && !pairs.Contains(number) && _incarnations.LostWith(at, incarnation) is null)
            {
                _violations.Add($"lost: pair {number} of revision {at} is not in {where}");
            }
        }

        foreach (IGrouping<long, SeenPair> pair in pairs)
        {
            long at = pair.First().ModRevision;
            if (_incarnations.LostWith(at, incarnation) is { } restoration)
            {
                _violations.Add(
                    $"came back: pair {pair.Key} of revision {at}, past the backup's {restoration.BackupRevision}, is in {where}");
            }

            if (!pair.Select(item => item.Key).Order(StringComparer.Ordinal).SequenceEqual(RestoreWorkload.KeysOf(pair.Key)))
            {
                _violations.Add($"half: of pair {pair.Key} only {string.Join(", ", pair.Select(item => item.Key))} is in {where}");
            }

            if (at > revision || _refused.Contains(pair.Key) || !_asked.Contains(pair.Key))
            {
                _violations.Add($"invented: pair {pair.Key} of revision {at} is in {where}");
            }
        }
    }

    private static SeenPair Seen(FinalPair pair) => new(pair.Key, pair.Value, pair.ModRevision);
}
