using System.Globalization;
using RaftKv.JepsenStyle.History;

namespace RaftKv.JepsenStyle.Checkers;

/// <summary>
/// Elle's method for lists that transactions append to: a list that was read tells the order of all writes in it, so
/// that the dependencies between transactions are known, and strict serializability is the absence of cycles (A1, A8).
/// </summary>
internal sealed class AppendChecker
{
    private const string Name = "append";
    private const int MostShown = 10;

    private readonly List<TxnOperation> _txns;
    private readonly Dictionary<(string Key, long Value), int> _writers = [];
    private readonly Dictionary<string, IReadOnlyList<long>> _order = [];
    private readonly List<string> _violations = [];

    private AppendChecker(IReadOnlyList<HistoryLine> history)
    {
        _txns = [.. history.OfType<TxnOperation>(), .. FinalReads(history)];
    }

    /// <summary>Checks a whole history; the final state of all nodes makes the order of all writes known.</summary>
    public static Verdict Check(IReadOnlyList<HistoryLine> history, int nodeCount)
    {
        int read = history.OfType<FinalNode>().Count();
        List<string> violations = new AppendChecker(history).Run(isComplete: read == nodeCount);
        return violations.Count == 0 && read < nodeCount
            ? Verdict.Unknown(Name, $"the final state of {read} of {nodeCount} nodes was read")
            : Verdict.Of(Name, violations);
    }

    private List<string> Run(bool isComplete)
    {
        FindWriters();
        for (int i = 0; i < _txns.Count; i++)
        {
            CheckReads(i);
        }

        FindOrder();
        if (isComplete)
        {
            FindLost();
        }

        // Contradictory lists have no order to draw edges from: they are the finding.
        if (_violations.Count == 0)
        {
            DependencyGraph graph = Graph();
            _violations.AddRange(graph.Anomalies(node => _txns[node].ToString()).Take(MostShown));
        }

        return _violations;
    }

    /// <summary>
    /// What each node showed in the end, as a read of one key each, at the end of time and by itself: lists of
    /// different keys were not read at once.
    /// </summary>
    private static IEnumerable<TxnOperation> FinalReads(IReadOnlyList<HistoryLine> history)
    {
        long end = history.OfType<ClientAction>().Select(action => action.EndNs).DefaultIfEmpty(0).Max() + 1;
        return history.OfType<FinalPair>().Select(pair => new TxnOperation(
            -1, pair.Node, [new MicroOp(pair.Key, null, ParseList(pair.Text ?? pair.Value.ToString(CultureInfo.InvariantCulture)))], end, end, Outcome.Ok));
    }

    /// <summary>The stored form of a list: numbers with commas between them.</summary>
    public static IReadOnlyList<long> ParseList(string text) => text.Length == 0
        ? []
        : [.. text.Split(',').Select(number => long.Parse(number, CultureInfo.InvariantCulture))];

    private void FindWriters()
    {
        for (int i = 0; i < _txns.Count; i++)
        {
            foreach (MicroOp micro in _txns[i].Micros.Where(micro => micro.IsAppend))
            {
                if (!_writers.TryAdd((micro.Key, micro.Value!.Value), i))
                {
                    _violations.Add($"the history appends {micro.Value} to {micro.Key} twice: it can't be judged");
                }
            }
        }
    }

    private void CheckReads(int number)
    {
        TxnOperation txn = _txns[number];
        if (txn.Outcome != Outcome.Ok)
        {
            return;
        }

        var own = new Dictionary<string, List<long>>();
        var seen = new Dictionary<string, IReadOnlyList<long>>();
        foreach (MicroOp micro in txn.Micros)
        {
            List<long> mine = own.TryGetValue(micro.Key, out List<long>? list) ? list : own[micro.Key] = [];
            if (micro.IsAppend)
            {
                mine.Add(micro.Value!.Value);
                continue;
            }

            IReadOnlyList<long> read = micro.List!;
            bool endsWithOwn = read.Count >= mine.Count && read.Skip(read.Count - mine.Count).SequenceEqual(mine);
            IReadOnlyList<long> before = endsWithOwn ? [.. read.Take(read.Count - mine.Count)] : read;
            if (!endsWithOwn || (seen.TryGetValue(micro.Key, out IReadOnlyList<long>? earlier) && !earlier.SequenceEqual(before)))
            {
                Report($"internal: {txn} contradicts what it did itself");
            }

            seen[micro.Key] = before;
            CheckElements(txn, micro.Key, read, before);
        }
    }

    private void CheckElements(TxnOperation txn, string key, IReadOnlyList<long> read, IReadOnlyList<long> before)
    {
        if (read.Distinct().Count() != read.Count)
        {
            Report($"duplicate elements: {txn}");
        }

        foreach (long value in read)
        {
            if (!_writers.TryGetValue((key, value), out int writer))
            {
                Report($"an element that nobody wrote: {value} in {key}, read by {txn}");
            }
            else if (_txns[writer].Outcome == Outcome.Fail)
            {
                Report($"G1a (aborted read): {value} in {key} was refused, and read by {txn}");
            }
        }

        if (before.Count > 0 && _writers.TryGetValue((key, before[^1]), out int last)
            && LastAppend(_txns[last], key) != before[^1])
        {
            Report($"G1b (intermediate read): {txn} saw the middle of {_txns[last]}");
        }
    }

    private static long? LastAppend(TxnOperation txn, string key) =>
        txn.Micros.Last(micro => micro.IsAppend && micro.Key == key).Value;

    /// <summary>All reads of a key must be beginnings of the longest one.</summary>
    private void FindOrder()
    {
        var reads = _txns
            .Where(txn => txn.Outcome == Outcome.Ok)
            .SelectMany(txn => txn.Micros.Where(micro => !micro.IsAppend).Select(micro => (micro.Key, List: micro.List!, Txn: txn)));
        foreach (var key in reads.GroupBy(read => read.Key))
        {
            IReadOnlyList<long> longest = key.MaxBy(read => read.List.Count).List;
            _order[key.Key] = longest;
            foreach (var read in key)
            {
                if (!read.List.SequenceEqual(longest.Take(read.List.Count)))
                {
                    Report($"incompatible order: {read.Txn} is no beginning of {key.Key}=[{string.Join(',', longest)}]");
                }
            }
        }
    }

    private void FindLost()
    {
        foreach (((string key, long value), int writer) in _writers)
        {
            if (_txns[writer].Outcome == Outcome.Ok && !(_order.GetValueOrDefault(key) ?? []).Contains(value))
            {
                Report($"lost append: {value} to {key} was acknowledged by {_txns[writer].Node} and is nowhere in the end");
            }
        }
    }

    private DependencyGraph Graph()
    {
        var graph = new DependencyGraph(_txns.Count);
        foreach ((string key, IReadOnlyList<long> order) in _order)
        {
            for (int i = 1; i < order.Count; i++)
            {
                graph.Add(_writers[(key, order[i - 1])], _writers[(key, order[i])], Dependency.WriteWrite);
            }
        }

        for (int i = 0; i < _txns.Count; i++)
        {
            if (_txns[i].Outcome == Outcome.Ok)
            {
                AddReads(graph, i);
            }
        }

        AddRealTime(graph);
        return graph;
    }

    private void AddReads(DependencyGraph graph, int number)
    {
        var own = new HashSet<(string Key, long Value)>();
        foreach (MicroOp micro in _txns[number].Micros)
        {
            if (micro.IsAppend)
            {
                own.Add((micro.Key, micro.Value!.Value));
                continue;
            }

            // Own appends are no news; what was there before them is the state that was read.
            IReadOnlyList<long> order = _order[micro.Key];
            int seen = micro.List!.Count(value => !own.Contains((micro.Key, value)));
            if (seen > 0)
            {
                graph.Add(_writers[(micro.Key, order[seen - 1])], number, Dependency.WriteRead);
            }

            if (seen < order.Count)
            {
                graph.Add(number, _writers[(micro.Key, order[seen])], Dependency.ReadWrite);
            }
        }
    }

    /// <summary>
    /// Who was answered before another was asked for comes before it. Only the edges that the rest imply are left out.
    /// </summary>
    private void AddRealTime(DependencyGraph graph)
    {
        var events = new List<(long Time, bool IsEnd, int Number)>();
        for (int i = 0; i < _txns.Count; i++)
        {
            if (_txns[i].Outcome != Outcome.Fail)
            {
                events.Add((_txns[i].StartNs, false, i));
            }

            if (_txns[i].Outcome == Outcome.Ok)
            {
                events.Add((_txns[i].EndNs, true, i));
            }
        }

        // At one instant starts come before ends: such transactions count as concurrent, which accuses nobody falsely.
        var frontier = new List<int>();
        foreach ((_, bool isEnd, int number) in events.OrderBy(e => e.Time).ThenBy(e => e.IsEnd))
        {
            if (isEnd)
            {
                frontier.RemoveAll(earlier => _txns[earlier].EndNs < _txns[number].StartNs);
                frontier.Add(number);
            }
            else
            {
                frontier.ForEach(earlier => graph.Add(earlier, number, Dependency.RealTime));
            }
        }
    }

    private void Report(string violation)
    {
        if (_violations.Count < MostShown)
        {
            _violations.Add(violation);
        }
    }
}
