using System.Globalization;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Core.Tests.Store;

/// <summary>
/// What the store must do, as plainly as it can be said: one list of all writes ever, searched from end to end, and a
/// copy of it to go back to when an operation fails. Shares no code with the store but the types of commands and
/// answers.
/// </summary>
internal sealed class ModelStore
{
    private List<KeyValue> _writes = [];

    public long Revision { get; private set; } = 1;

    public long Compacted { get; private set; }

    public CommandResult Apply(KvCommand command)
    {
        if (command is CompactCommand compact)
        {
            return new CommandResult(Compact(compact.Revision.Value), new Revision(Revision));
        }

        MutateCommand mutate = (MutateCommand)command;
        if (HasDuplicate(mutate.Op))
        {
            return new CommandResult(CommandStatus.DuplicateKey, new Revision(Revision));
        }

        if (mutate.Guard is { } guard && !Holds(guard, _writes))
        {
            KeyValue? current = guard.Keys.Kind == KeyRangeKind.Single ? LiveAt(_writes, guard.Keys, long.MaxValue).FirstOrDefault() : null;
            return new CommandResult(CommandStatus.GuardFailed, new Revision(Revision), Current: current);
        }

        List<KeyValue> before = [.. _writes];
        CommandStatus status = CommandStatus.Ok;
        OpResult? result = Run(mutate.Op, before, ref status);
        if (status != CommandStatus.Ok)
        {
            _writes = before;
            return new CommandResult(status, new Revision(Revision));
        }

        Revision += _writes.Count > before.Count ? 1 : 0;
        return new CommandResult(CommandStatus.Ok, new Revision(Revision), result);
    }

    /// <summary>What must be kept once compaction is done.</summary>
    public List<KeyValue> Kept() => Kept(_writes);

    public List<KeyValue> History(ReadOnlyMemory<byte> key) =>
        [.. Kept([.. _writes.Where(write => write.Key.Span.SequenceEqual(key.Span))]).OrderByDescending(write => write.ModRevision.Value)];

    public List<KeyValue> Changes(long from) => [.. _writes.Where(write => write.ModRevision.Value >= from)];

    public RangeResult Read(RangeRequest request) => Read(request, Revision, _writes);

    private List<KeyValue> Kept(List<KeyValue> writes)
    {
        HashSet<KeyValue> liveWhenCompacted = [.. LiveAt(writes, KeyRange.All, Compacted)];
        return [.. writes.Where(write =>
            write.ModRevision.Value > Compacted
            || (write.ModRevision.Value == Compacted && write.IsTombstone)
            || liveWhenCompacted.Contains(write))];
    }

    private CommandStatus Compact(long revision)
    {
        if (revision <= Compacted)
        {
            return CommandStatus.Compacted;
        }

        if (revision > Revision)
        {
            return CommandStatus.FutureRevision;
        }

        Compacted = revision;
        return CommandStatus.Ok;
    }

    private RangeResult Read(RangeRequest request, long currentRevision, List<KeyValue> writes)
    {
        long revision = request.Revision.Value;
        if (revision > currentRevision)
        {
            return new RangeResult(ReadStatus.FutureRevision, [], false, 0);
        }

        if (revision > 0 && revision < Compacted)
        {
            return new RangeResult(ReadStatus.Compacted, [], false, 0);
        }

        List<KeyValue> live = LiveAt(writes, request.Keys, revision == 0 ? long.MaxValue : revision);
        int count = live.Count;
        if (request.IsCountOnly)
        {
            return new RangeResult(ReadStatus.Ok, [], false, count);
        }

        live.RemoveAll(pair => request.MinModRevision.Value != 0 && pair.ModRevision < request.MinModRevision);
        live.RemoveAll(pair => request.MaxModRevision.Value != 0 && pair.ModRevision > request.MaxModRevision);
        live.RemoveAll(pair => request.MinCreateRevision.Value != 0 && pair.CreateRevision < request.MinCreateRevision);
        live.RemoveAll(pair => request.MaxCreateRevision.Value != 0 && pair.CreateRevision > request.MaxCreateRevision);
        Comparison<KeyValue> order = request.SortBy switch
        {
            SortTarget.Key => (x, y) => x.Key.Span.SequenceCompareTo(y.Key.Span),
            SortTarget.Value => (x, y) => x.Value.Span.SequenceCompareTo(y.Value.Span),
            SortTarget.Version => (x, y) => x.Version.CompareTo(y.Version),
            SortTarget.CreateRevision => (x, y) => x.CreateRevision.CompareTo(y.CreateRevision),
            _ => (x, y) => x.ModRevision.CompareTo(y.ModRevision),
        };
        IOrderedEnumerable<KeyValue> sorted = request.IsDescending
            ? live.OrderByDescending(pair => pair, Comparer<KeyValue>.Create(order))
            : live.OrderBy(pair => pair, Comparer<KeyValue>.Create(order));
        List<KeyValue> pairs = [.. sorted];
        bool hasMore = request.Limit > 0 && pairs.Count > request.Limit;
        pairs = hasMore ? pairs[..request.Limit] : pairs;
        return new RangeResult(ReadStatus.Ok, request.IsKeysOnly ? [.. pairs.Select(WithoutValue)] : pairs, hasMore, count);
    }

    private static KeyValue WithoutValue(KeyValue pair) =>
        KeyValue.Of(pair.Key, default, pair.CreateRevision, pair.ModRevision, pair.Version, pair.Lease);

    private static List<KeyValue> LiveAt(List<KeyValue> writes, KeyRange keys, long revision) =>
        [.. writes
            .Where(write => write.ModRevision.Value <= revision && keys.Contains(write.Key.Span))
            .GroupBy(write => Convert.ToHexString(write.Key.Span))
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => group.Last())
            .Where(write => !write.IsTombstone)];

    private static bool Holds(Compare compare, List<KeyValue> state)
    {
        List<KeyValue> pairs = LiveAt(state, compare.Keys, long.MaxValue);
        if (pairs.Count == 0 && compare.Target == CompareTarget.Value)
        {
            return false;
        }

        IEnumerable<int> orders = compare.Target switch
        {
            CompareTarget.Value => pairs.Select(pair => pair.Value.Span.SequenceCompareTo(compare.Value.Span)),
            CompareTarget.Version => Numbers(pair => pair.Version),
            CompareTarget.CreateRevision => Numbers(pair => pair.CreateRevision.Value),
            CompareTarget.ModRevision => Numbers(pair => pair.ModRevision.Value),
            _ => Numbers(pair => pair.Lease.Value),
        };
        return orders.All(order => compare.Operator switch
        {
            CompareOperator.Equal => order == 0,
            CompareOperator.Greater => order > 0,
            CompareOperator.Less => order < 0,
            _ => order != 0,
        });

        IEnumerable<int> Numbers(Func<KeyValue, long> of) =>
            pairs.Count == 0 ? [0L.CompareTo(compare.Number)] : pairs.Select(pair => of(pair).CompareTo(compare.Number));
    }

    private OpResult? Run(KvOp op, List<KeyValue> before, ref CommandStatus status)
    {
        switch (op)
        {
            case PutOp put:
                return RunPut(put, ref status);
            case DeleteRangeOp delete:
                List<KeyValue> gone = LiveAt(_writes, delete.Keys, long.MaxValue);
                foreach (KeyValue pair in gone)
                {
                    Write(pair.Key, default, created: 0, version: 0, LeaseId.None);
                }

                return new DeleteRangeResult(gone.Count, delete.WantsPrevious ? gone : []);
            case RangeOp range:
                if (range.Request.Revision.Value > Revision)
                {
                    status = CommandStatus.FutureRevision;
                    return null;
                }

                RangeResult result = Read(range.Request, Revision, _writes);
                status = result.Status == ReadStatus.Compacted ? CommandStatus.Compacted : CommandStatus.Ok;
                return result;
            case IncrementOp increment:
                return RunIncrement(increment, ref status);
            default:
                TxnOp txn = (TxnOp)op;
                bool isSucceeded = txn.Compares.All(compare => Holds(compare, before));
                List<OpResult> results = [];
                foreach (KvOp inner in isSucceeded ? txn.Then : txn.Else)
                {
                    OpResult? innerResult = Run(inner, before, ref status);
                    if (status != CommandStatus.Ok)
                    {
                        return null;
                    }

                    results.Add(innerResult!);
                }

                return new TxnResult(isSucceeded, results);
        }
    }

    private PutResult? RunPut(PutOp put, ref CommandStatus status)
    {
        KeyValue? previous = LiveAt(_writes, KeyRange.Single(put.Key), long.MaxValue).FirstOrDefault();
        if (!put.KeepsLease && put.Lease.Value != 0)
        {
            status = CommandStatus.LeaseNotFound;
            return null;
        }

        if ((put.KeepsValue || put.KeepsLease) && previous is null)
        {
            status = CommandStatus.KeyNotFound;
            return null;
        }

        KeyValue written = Write(
            put.Key, put.KeepsValue ? previous!.Value : put.Value, previous?.CreateRevision.Value ?? Revision + 1,
            (previous?.Version ?? 0) + 1, put.KeepsLease ? previous!.Lease : put.Lease);
        return new PutResult(written, put.WantsPrevious ? previous : null);
    }

    private IncrementResult? RunIncrement(IncrementOp increment, ref CommandStatus status)
    {
        KeyValue? previous = LiveAt(_writes, KeyRange.Single(increment.Key), long.MaxValue).FirstOrDefault();
        long number = 0;
        if (previous is not null
            && !long.TryParse(StoreHarness.Text(previous.Value), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number))
        {
            status = CommandStatus.NotANumber;
            return null;
        }

        Int128 sum = (Int128)number + increment.By;
        if (sum < long.MinValue || sum > long.MaxValue)
        {
            status = CommandStatus.CounterOverflow;
            return null;
        }

        KeyValue written = Write(
            increment.Key, StoreHarness.Bytes(((long)sum).ToString(CultureInfo.InvariantCulture)),
            previous?.CreateRevision.Value ?? Revision + 1, (previous?.Version ?? 0) + 1, previous?.Lease ?? default);
        return new IncrementResult((long)sum, written);
    }

    private KeyValue Write(ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> value, long created, long version, LeaseId lease)
    {
        KeyValue written = KeyValue.Of(key, value, new Revision(created), new Revision(Revision + 1), version, lease);
        _writes.Add(written);
        return written;
    }

    // Two writes meet unless they stand in the two lists of one txn.
    private static bool HasDuplicate(KvOp op)
    {
        List<(KvOp Op, List<(TxnOp Txn, bool IsThen)> Choices)> writes = [];
        Gather(op, [], writes);
        for (int i = 0; i < writes.Count; i++)
        {
            for (int j = i + 1; j < writes.Count; j++)
            {
                bool isExclusive = writes[i].Choices.Any(
                    x => writes[j].Choices.Any(y => ReferenceEquals(x.Txn, y.Txn) && x.IsThen != y.IsThen));
                if (!isExclusive && Meet(writes[i].Op, writes[j].Op))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static void Gather(
        KvOp op, List<(TxnOp Txn, bool IsThen)> choices, List<(KvOp Op, List<(TxnOp Txn, bool IsThen)> Choices)> writes)
    {
        if (op is not TxnOp txn)
        {
            if (op is not RangeOp)
            {
                writes.Add((op, choices));
            }

            return;
        }

        foreach (KvOp inner in txn.Then)
        {
            Gather(inner, [.. choices, (txn, true)], writes);
        }

        foreach (KvOp inner in txn.Else)
        {
            Gather(inner, [.. choices, (txn, false)], writes);
        }
    }

    private static bool Meet(KvOp x, KvOp y) => (PutKey(x), PutKey(y)) switch
    {
        ({ } a, { } b) => a.Span.SequenceEqual(b.Span),
        ({ } a, null) => ((DeleteRangeOp)y).Keys.Contains(a.Span),
        (null, { } b) => ((DeleteRangeOp)x).Keys.Contains(b.Span),
        _ => false,
    };

    private static ReadOnlyMemory<byte>? PutKey(KvOp op) => op switch
    {
        PutOp put => put.Key,
        IncrementOp increment => increment.Key,
        _ => (ReadOnlyMemory<byte>?)null,
    };
}
