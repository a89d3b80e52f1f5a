using System.Diagnostics;
using RaftKv.JepsenStyle.History;

namespace RaftKv.JepsenStyle.Checkers;

/// <summary>
/// Wing and Gong's search with Lowe's cache ("Testing for linearizability", 2017), one key at a time: linearizability
/// is local (Herlihy and Wing, 1990). Failed operations are left out; those of unknown outcome have no end, and need
/// not happen at all.
/// </summary>
internal sealed class LinearizabilityChecker
{
    private const string Name = "linearizable";

    private readonly Entry _head = new(null, isCall: false);
    private readonly HashSet<Configuration> _seen = [];
    private readonly Stack<(Entry Call, long State)> _path = new();
    private readonly ulong[] _linearized;
    private int _remaining;

    // Where the search that placed the most operations could not go on: the first to look at in a bad history.
    private Operation? _stuck;
    private int _deepest = -1;

    private LinearizabilityChecker(IReadOnlyList<Operation> operations)
    {
        _linearized = new ulong[(operations.Count + 63) / 64];
        Link(operations);
    }

    /// <summary>Checks every key of the history; out of time is unknown, never valid.</summary>
    public static Verdict Check(IEnumerable<Operation> history, TimeSpan budget)
    {
        long start = Stopwatch.GetTimestamp();
        var violations = new List<string>();
        string? doubt = null;
        foreach (IGrouping<string, Operation> key in history.GroupBy(o => o.Key).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            var checker = new LinearizabilityChecker(Relevant([.. key]));
            switch (checker.Search(() => Stopwatch.GetElapsedTime(start) < budget))
            {
                case Validity.Violation:
                    violations.Add($"key {key.Key}: its {key.Count()} operations have no order that one register could have had; "
                        + $"the longest search ends at {Describe(checker._stuck)}");
                    break;
                case Validity.Unknown:
                    doubt = $"key {key.Key}: out of time";
                    break;
            }
        }

        return violations.Count == 0 && doubt is not null ? Verdict.Unknown(Name, doubt) : Verdict.Of(Name, violations);
    }

    /// <summary>Checks the operations of one key.</summary>
    public static Validity CheckKey(IReadOnlyList<Operation> operations, Func<bool> hasTime) =>
        new LinearizabilityChecker(Relevant(operations)).Search(hasTime);

    /// <summary>
    /// Leaves out what can't matter. An unknown write whose value nobody saw can be left out too, unless a
    /// compare-and-set reported a mismatch: that one it could explain.
    /// </summary>
    private static List<Operation> Relevant(IReadOnlyList<Operation> operations)
    {
        var seen = operations.Where(o => o.Outcome == Outcome.Ok && o.Kind == OperationKind.Read).Select(o => o.Result)
            .Concat(operations.Where(o => o.Outcome != Outcome.Fail && o.Kind == OperationKind.CompareAndSet).Select(o => o.Expected))
            .ToHashSet();
        bool hasMismatch = operations.Any(o => o is { Outcome: Outcome.Ok, IsMatched: false });
        return [.. operations.Where(o => o.Outcome switch
        {
            Outcome.Ok => true,
            Outcome.Fail => false,
            _ => o.Kind != OperationKind.Read && (hasMismatch || seen.Contains(o.Value)),
        })];
    }

    private void Link(IReadOnlyList<Operation> operations)
    {
        var events = new List<(long Time, int Order, Entry Entry)>();
        for (int i = 0; i < operations.Count; i++)
        {
            var call = new Entry(operations[i], isCall: true) { Number = i };
            events.Add((operations[i].StartNs, 0, call));
            if (operations[i].Outcome == Outcome.Ok)
            {
                _remaining++;
                call.Return = new Entry(operations[i], isCall: false);
                events.Add((operations[i].EndNs, 1, call.Return));
            }
        }

        // At one instant calls come before returns: such operations count as concurrent, which accuses nobody falsely.
        Entry last = _head;
        foreach ((_, _, Entry entry) in events.OrderBy(e => e.Time).ThenBy(e => e.Order))
        {
            last.Next = entry;
            entry.Previous = last;
            last = entry;
        }
    }

    private Validity Search(Func<bool> hasTime)
    {
        long state = RegisterModel.Missing;
        Entry? at = _head.Next;
        for (int steps = 1; _remaining > 0; steps++)
        {
            if (steps % 4096 == 0 && !hasTime())
            {
                return Validity.Unknown;
            }

            if (at is { IsCall: true })
            {
                if (RegisterModel.TryStep(state, at.Operation!, out long next) && IsNew(at.Number, next))
                {
                    _path.Push((at, state));
                    state = next;
                    Flip(at.Number);
                    _remaining -= at.Return is null ? 0 : 1;
                    Lift(at);
                    at = _head.Next;
                }
                else
                {
                    at = at.Next;
                }
            }
            else
            {
                if (_path.Count > _deepest)
                {
                    (_deepest, _stuck) = (_path.Count, at?.Operation);
                }

                if (_path.Count == 0)
                {
                    return Validity.Violation;
                }

                // An operation ended before the search found it a place: undo the last choice and go on behind it.
                (Entry call, state) = _path.Pop();
                Flip(call.Number);
                _remaining += call.Return is null ? 0 : 1;
                Unlift(call);
                at = call.Next;
            }
        }

        return Validity.Valid;
    }

    private static string Describe(Operation? operation) => operation is null
        ? "its end"
        : $"the {operation.Function} of process {operation.Process} through {operation.Node} at {operation.StartNs} ns "
            + $"(value {operation.Value}, expected {operation.Expected}, result {operation.Result})";

    private bool IsNew(int number, long state)
    {
        ulong[] set = (ulong[])_linearized.Clone();
        set[number / 64] ^= 1UL << (number % 64);
        return _seen.Add(new Configuration(set, state));
    }

    private void Flip(int number) => _linearized[number / 64] ^= 1UL << (number % 64);

    private static void Lift(Entry call)
    {
        Remove(call);
        if (call.Return is not null)
        {
            Remove(call.Return);
        }
    }

    private static void Unlift(Entry call)
    {
        if (call.Return is not null)
        {
            Restore(call.Return);
        }

        Restore(call);
    }

    private static void Remove(Entry entry)
    {
        entry.Previous!.Next = entry.Next;
        if (entry.Next is not null)
        {
            entry.Next.Previous = entry.Previous;
        }
    }

    private static void Restore(Entry entry)
    {
        entry.Previous!.Next = entry;
        if (entry.Next is not null)
        {
            entry.Next.Previous = entry;
        }
    }

    private sealed class Entry(Operation? operation, bool isCall)
    {
        public Operation? Operation { get; } = operation;

        public bool IsCall { get; } = isCall;

        public int Number { get; init; }

        public Entry? Return { get; set; }

        public Entry? Previous { get; set; }

        public Entry? Next { get; set; }
    }

    /// <summary>What has been linearized, and the state that it led to.</summary>
    private readonly struct Configuration(ulong[] linearized, long state) : IEquatable<Configuration>
    {
        private readonly ulong[] _linearized = linearized;
        private readonly long _state = state;

        public bool Equals(Configuration other) => _state == other._state && _linearized.AsSpan().SequenceEqual(other._linearized);

        public override bool Equals(object? obj) => obj is Configuration other && Equals(other);

        public override int GetHashCode()
        {
            var hash = new HashCode();
            hash.Add(_state);
            foreach (ulong word in _linearized)
            {
                hash.Add(word);
            }

            return hash.ToHashCode();
        }
    }
}
