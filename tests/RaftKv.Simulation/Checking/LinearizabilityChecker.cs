namespace RaftKv.Simulation.Checking;

/// <summary>
/// Is there an order of the operations, within their real-time bounds, that explains every answer? Wing and Gong's
/// search with Lowe's cache of (linearized set, state): a configuration that failed once is not searched again.
/// </summary>
/// <remarks>
/// The cache knows a set by a 128-bit sum (Zobrist). Two sets of one sum could hide an order, never invent one; so a
/// violation is searched for once more with the sets themselves before it is believed.
/// </remarks>
internal sealed class LinearizabilityChecker
{
    private readonly List<KeyOperation> _operations;
    private readonly int[] _next;
    private readonly int[] _previous;
    private readonly ulong[] _linearized;
    private readonly bool _isExact;
    private readonly HashSet<Configuration> _seen = [];
    private readonly HashSet<(ulong, ulong, long)> _seenSums = [];
    private readonly (ulong High, ulong Low)[] _marks;
    private readonly Stack<(int Operation, long State)> _path = new();
    private (ulong High, ulong Low) _sum;

    private LinearizabilityChecker(List<KeyOperation> operations, bool isExact)
    {
        _operations = operations;
        _isExact = isExact;
        var random = new DeterministicRandom(0x5EED);
        _marks = new (ulong, ulong)[operations.Count];
        for (int i = 0; i < _marks.Length; i++)
        {
            _marks[i] = (random.NextUInt64(), random.NextUInt64());
        }

        // Events in time order in a linked list: node 2i is the call of operation i, 2i + 1 its return, the last one is
        // the head.
        int count = operations.Count * 2;
        _next = new int[count + 1];
        _previous = new int[count + 1];
        _linearized = new ulong[(operations.Count + 63) / 64];
        int[] order = new int[count];
        long[] times = new long[count];
        for (int i = 0; i < operations.Count; i++)
        {
            order[2 * i] = 2 * i;
            order[(2 * i) + 1] = (2 * i) + 1;
            times[2 * i] = operations[i].InvokedAt;
            times[(2 * i) + 1] = operations[i].ReturnedAt;
        }

        Array.Sort(order, (a, b) => times[a] != times[b] ? times[a].CompareTo(times[b]) : a.CompareTo(b));
        int last = count;
        foreach (int node in order)
        {
            _next[last] = node;
            _previous[node] = last;
            last = node;
        }

        _next[last] = -1;
    }

    /// <summary>Checks one key's history; gives up after so many steps.</summary>
    public static Verdict Check(List<KeyOperation> operations, long initialState, long maxSteps = 3_000_000)
    {
        Verdict verdict = new LinearizabilityChecker(operations, isExact: false).Search(initialState, maxSteps);
        return verdict == Verdict.Violation
            ? new LinearizabilityChecker(operations, isExact: true).Search(initialState, maxSteps)
            : verdict;
    }

    private Verdict Search(long state, long maxSteps)
    {
        int head = _next.Length - 1;
        int required = _operations.Count(o => !o.IsUnknown);
        int node = _next[head];
        for (long step = 0; step < maxSteps; step++)
        {
            if (required == 0)
            {
                return Verdict.Valid;
            }

            bool isCall = node >= 0 && (node & 1) == 0;
            if (isCall)
            {
                int operation = node >> 1;
                if (_operations[operation].TryApply(state, out long next) && IsNew(operation, next))
                {
                    _path.Push((operation, state));
                    state = next;
                    required -= _operations[operation].IsUnknown ? 0 : 1;
                    Lift(operation);
                    node = _next[head];
                }
                else
                {
                    node = _next[node];
                }

                continue;
            }

            // A return of something not yet linearized, or the end: go back one decision.
            if (_path.Count == 0)
            {
                return Verdict.Violation;
            }

            (int undone, state) = _path.Pop();
            required += _operations[undone].IsUnknown ? 0 : 1;
            Flip(undone);
            Unlift(undone);
            node = _next[undone * 2];
        }

        return Verdict.Undecided;
    }

    private bool IsNew(int operation, long state)
    {
        Flip(operation);
        bool isNew = _isExact
            ? _seen.Add(new Configuration((ulong[])_linearized.Clone(), state))
            : _seenSums.Add((_sum.High, _sum.Low, state));
        if (!isNew)
        {
            Flip(operation);
        }

        return isNew;
    }

    // Into the set of the linearized, or out of it.
    private void Flip(int operation)
    {
        _linearized[operation >> 6] ^= 1UL << (operation & 63);
        _sum = (_sum.High ^ _marks[operation].High, _sum.Low ^ _marks[operation].Low);
    }

    private void Lift(int operation)
    {
        Remove(operation * 2);
        Remove((operation * 2) + 1);
    }

    private void Unlift(int operation)
    {
        Insert((operation * 2) + 1);
        Insert(operation * 2);
    }

    private void Remove(int node)
    {
        _next[_previous[node]] = _next[node];
        if (_next[node] >= 0)
        {
            _previous[_next[node]] = _previous[node];
        }
    }

    private void Insert(int node)
    {
        _next[_previous[node]] = node;
        if (_next[node] >= 0)
        {
            _previous[_next[node]] = node;
        }
    }

    private readonly struct Configuration(ulong[] linearized, long state) : IEquatable<Configuration>
    {
        private readonly ulong[] _linearized = linearized;
        private readonly long _state = state;

        public bool Equals(Configuration other) =>
            _state == other._state && _linearized.AsSpan().SequenceEqual(other._linearized);

        public override bool Equals(object? other) => other is Configuration configuration && Equals(configuration);

        public override int GetHashCode()
        {
            ulong hash = (ulong)_state * 0x9E3779B97F4A7C15UL;
            foreach (ulong word in _linearized)
            {
                hash = (ulong.RotateLeft(hash, 27) ^ word) * 0xC2B2AE3D27D4EB4FUL;
            }

            return (int)(hash >> 32);
        }
    }
}
