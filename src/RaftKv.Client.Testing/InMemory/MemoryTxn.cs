using RaftKv.Contract;

namespace RaftKv.Client.Testing.InMemory;

/// <summary>Runs one txn: all conditions see the state before it, operations see those before them, no key is written twice.</summary>
internal sealed class MemoryTxn(MemoryStore store, TxnBuilder txn)
{
    private readonly Dictionary<TxnBuilder, bool> _verdicts = [];
    private readonly HashSet<RaftKvKey> _written = [];

    /// <exception cref="RaftKvRequestException">It writes a key twice; nothing is changed.</exception>
    internal (bool Succeeded, IReadOnlyList<TxnOpResult> Responses) Run()
    {
        Judge(txn);
        return Run(txn);
    }

    private void Judge(TxnBuilder part)
    {
        _verdicts[part] = part.Compares.All(Holds);
        foreach (TxnOp op in part.ThenOps.Concat(part.ElseOps))
        {
            if (op.Nested is { } nested)
            {
                Judge(nested);
            }
        }
    }

    private (bool Succeeded, IReadOnlyList<TxnOpResult> Responses) Run(TxnBuilder part)
    {
        bool holds = _verdicts[part];
        return (holds, [.. (holds ? part.ThenOps : part.ElseOps).Select(op => Run(op))]);
    }

    private TxnOpResult Run(TxnOp op)
    {
        switch (op.Kind)
        {
            case TxnOpKind.Put:
                WriteOnce(op.Key);
                return new TxnPutResult(store.Put(op.Key, op.Value, op.Lease).ModRevision);
            case TxnOpKind.Increment:
                WriteOnce(op.Key);
                return new TxnIncrementResult(store.Add(op.Key, op.By));
            case TxnOpKind.Delete:
                RaftKvRange doomed = op.Range ?? RaftKvRange.Single(op.Key);
                return _written.Any(key => MemoryStore.IsIn(doomed, key))
                    ? throw TestFailures.Refused(ErrorCodes.InvalidRequest)
                    : new TxnDeleteResult(store.Delete(entry => MemoryStore.IsIn(doomed, entry.Key), WatchEventReason.Deleted));
            case TxnOpKind.Get:
                RaftKvRange range = op.Range ?? RaftKvRange.Single(op.Key);
                return new TxnGetResult(store.Now().Range(range), HasMore: false);
            case TxnOpKind.Txn:
                (bool succeeded, IReadOnlyList<TxnOpResult> responses) = Run(op.Nested!);
                return new TxnNestedResult(succeeded, responses);
            default:
                throw new InvalidOperationException($"Unknown txn operation {op.Kind}.");
        }
    }

    private void WriteOnce(RaftKvKey key)
    {
        if (!_written.Add(key))
        {
            throw TestFailures.Refused(ErrorCodes.InvalidRequest);
        }
    }

    /// <summary>On a missing key numbers compare as 0, and a value condition is false under every operator.</summary>
    private bool Holds(TxnCompare compare)
    {
        KeyValueEntry? entry = store.Find(compare.Key);
        int? order = compare.Target switch
        {
            CompareTargets.Value => entry?.Value.Span.SequenceCompareTo(compare.Bytes.Span),
            CompareTargets.Version => (entry?.Version ?? 0).CompareTo(compare.Number ?? 0),
            CompareTargets.CreateRevision => (entry?.CreateRevision ?? 0).CompareTo(compare.Number ?? 0),
            CompareTargets.ModRevision => (entry?.ModRevision ?? 0).CompareTo(compare.Number ?? 0),
            CompareTargets.Lease => string.CompareOrdinal(entry?.Lease ?? "0", compare.Text),
            _ => throw new InvalidOperationException($"Unknown target {compare.Target}."),
        };
        return order is { } found && compare.Operator switch
        {
            CompareOps.Equal => found == 0,
            CompareOps.NotEqual => found != 0,
            CompareOps.Less => found < 0,
            CompareOps.Greater => found > 0,
            _ => throw new InvalidOperationException($"Unknown operator {compare.Operator}."),
        };
    }
}
