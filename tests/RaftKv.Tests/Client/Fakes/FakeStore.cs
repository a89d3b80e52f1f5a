using System.Text;

namespace RaftKv.Tests.Client.Fakes;

/// <summary>
/// A small, single-copy store with the contract's words: revisions, leases and queues. Callers hold
/// <see cref="Gate"/>. Keys are bytes as Latin-1 text, so that ordinal order is byte order.
/// </summary>
internal sealed class FakeStore
{
    private readonly SortedDictionary<string, FakePair> _pairs = new(StringComparer.Ordinal);
    private readonly List<FakeChange> _changes = [];
    private readonly SortedDictionary<long, FakeLease> _leases = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private List<FakeEvent>? _batch;
    private long _lastLease = 0x1000;

    internal Lock Gate { get; } = new();

    internal long Revision { get; private set; } = 1;

    internal long CompactedRevision { get; private set; }

    internal IReadOnlyDictionary<long, FakeLease> Leases => _leases;

    /// <summary>Done at the next change.</summary>
    internal Task Changed => _changed.Task;

    internal FakePair? Get(string key) => _pairs.GetValueOrDefault(key);

    internal List<KeyValuePair<string, FakePair>> Range(Func<string, bool> isInside) => [.. _pairs.Where(pair => isInside(pair.Key))];

    internal IEnumerable<FakeChange> ChangesFrom(long revision) => _changes.Where(change => change.Revision >= revision);

    internal void Compact(long revision)
    {
        CompactedRevision = revision;
        _changes.RemoveAll(change => change.Revision <= revision);
        Signal();
    }

    /// <summary>Runs changes as one revision; none means no revision.</summary>
    internal void Write(Action changes)
    {
        _batch = [];
        changes();
        List<FakeEvent> batch = _batch;
        _batch = null;
        if (batch.Count > 0)
        {
            Revision++;
            _changes.Add(new FakeChange(Revision, batch));
            Signal();
        }
    }

    internal FakePair Put(string key, byte[] value, long lease)
    {
        FakePair? before = Get(key);
        long revision = Revision + 1;
        FakePair pair = new(value, before?.CreateRevision ?? revision, revision, (before?.Version ?? 0) + 1, lease);
        _pairs[key] = pair;
        _batch!.Add(new FakeEvent(true, "put", key, pair, before));
        return pair;
    }

    internal bool Delete(string key, string reason = "delete")
    {
        if (!_pairs.Remove(key, out FakePair? before))
        {
            return false;
        }

        _batch!.Add(new FakeEvent(false, reason, key, before with { Value = [], Version = 0, ModRevision = Revision + 1 }, before));
        return true;
    }

    internal FakeLease Grant(long ttlMs, long deadlineMs)
    {
        FakeLease lease = new(++_lastLease, ttlMs, deadlineMs);
        _leases[lease.Id] = lease;
        return lease;
    }

    internal void Renew(FakeLease lease, long deadlineMs) => _leases[lease.Id] = lease with { DeadlineMs = deadlineMs };

    internal int EndLease(long id, string reason)
    {
        if (!_leases.Remove(id))
        {
            return 0;
        }

        int deleted = 0;
        Write(() =>
        {
            foreach (string key in _pairs.Where(pair => pair.Value.Lease == id).Select(static pair => pair.Key).ToList())
            {
                deleted += Delete(key, reason) ? 1 : 0;
            }
        });
        Signal();
        return deleted;
    }

    /// <summary>The queue of a lock, semaphore or election, in the order of creation.</summary>
    internal List<FakeWaiter> Queue(string root, string name)
    {
        string prefix = Latin1(root + name) + "\0";
        return [.. Range(key => key.StartsWith(prefix, StringComparison.Ordinal))
            .Select(pair => new FakeWaiter(pair.Key, pair.Key[prefix.Length], pair.Value))
            .OrderBy(static waiter => waiter.Pair.CreateRevision)];
    }

    internal static List<FakeWaiter> Holders(List<FakeWaiter> queue, int limit) => queue switch
    {
        [] => [],
        [{ Mode: 'x' }, ..] => queue[..1],
        [{ Mode: 's' }, ..] => [.. queue.TakeWhile(static waiter => waiter.Mode == 's')],
        _ => [.. queue.Take(limit)],
    };

    internal static string Latin1(string text) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));

    private void Signal()
    {
        TaskCompletionSource changed = _changed;
        _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        changed.SetResult();
    }
}

internal sealed record FakePair(byte[] Value, long CreateRevision, long ModRevision, long Version, long Lease);

internal sealed record FakeEvent(bool IsPut, string Reason, string Key, FakePair Pair, FakePair? Previous);

internal sealed record FakeChange(long Revision, IReadOnlyList<FakeEvent> Events);

internal sealed record FakeLease(long Id, long TtlMs, long DeadlineMs);

internal sealed record FakeWaiter(string Key, char Mode, FakePair Pair);
