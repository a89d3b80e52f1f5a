using System.Runtime.CompilerServices;

namespace RaftKv.Client.Testing.InMemory;

/// <summary>
/// A double of <see cref="IRaftKvClient"/> in memory, for unit tests: revisions, preconditions, txns, watches, leases, locks and
/// elections as a cluster of one would have them, with the same outcomes and errors, and failures on demand. Safe from any thread.
/// </summary>
/// <remarks>
/// It keeps every version, so <see cref="ReadOptions.Revision"/> and watches from an old revision work. Read levels and
/// write concerns make no difference. A lease of <see cref="Leases"/> ends by the clock that the double was made with; any other
/// text is a lease too. <see cref="EndLease"/> ends either. The fence of a lock, semaphore or election that was taken here is judged
/// by who holds it; any other fence holds. <see cref="LoseFence"/> ends either.
/// <code>
/// InMemoryKv kv = new();
/// kv.FailNextWrite(isApplied: true);
/// await Assert.ThrowsAsync&lt;RaftKvOutcomeUnknownException&gt;(() => kv.PutAsync("a", "1"));
/// Assert.Equal("1", await kv.GetStringAsync("a"));
/// </code>
/// </remarks>
public sealed class InMemoryKv : IRaftKvClient
{
    private readonly Lock _gate;
    private readonly MemoryCluster _cluster;
    private readonly MemoryStore _store;
    private readonly RaftKvClient _coordination;
    private readonly HashSet<Fence> _lostFences = [];
    private readonly Queue<RaftKvException> _failures = new();
    private readonly Queue<bool> _unknowns = new();

    /// <summary>An empty one, whose leases end by the system's clock.</summary>
    public InMemoryKv()
        : this(TimeProvider.System)
    {
    }

    /// <summary>An empty one.</summary>
    /// <param name="time">What leases end by, and what handles count with: a clock that a test moves.</param>
    public InMemoryKv(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        _cluster = new MemoryCluster(time);
        _gate = _cluster.Gate;
        _store = _cluster.Store;
        _coordination = new RaftKvClient(new RaftKvClientOptions
        {
            Endpoints = [new Uri("http://memory/")],
            HttpMessageHandler = new MemoryDoor(_cluster, TakeFailure),
            TimeProvider = time,

            // A number would only ask for a client session; nothing is ever sent twice here.
            AutomaticIdempotencyKeys = false,
        });
    }

    /// <summary>The real client's leases over this store.</summary>
    public LeaseClient Leases => _coordination.Leases;

    /// <summary>The real client's locks and semaphores over this store: their fences are checked by its writes.</summary>
    public LockClient Locks => _coordination.Locks;

    /// <summary>The real client's elections over this store.</summary>
    public ElectionClient Elections => _coordination.Elections;

    /// <summary>The store's revision: 1 at first, one more with each change.</summary>
    public long Revision
    {
        get
        {
            lock (_gate)
            {
                return _store.Revision;
            }
        }
    }

    /// <summary>
    /// The next call fails so, and does nothing; several queue up. See <see cref="TestFailures"/>. Renewals, and what a handle's end
    /// gives back, take none.
    /// </summary>
    public void FailNext(RaftKvException failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        lock (_gate)
        {
            _failures.Enqueue(failure);
        }
    }

    /// <summary>The next write of keys has an outcome that its caller does not know.</summary>
    /// <param name="isApplied">Whether it is applied all the same.</param>
    public void FailNextWrite(bool isApplied)
    {
        lock (_gate)
        {
            _unknowns.Enqueue(isApplied);
        }
    }

    /// <summary>
    /// Ends a lease before its time, as if nobody had renewed it: its keys, locks and leaderships go, in one revision.
    /// </summary>
    public void EndLease(string lease)
    {
        ArgumentNullException.ThrowIfNull(lease);
        lock (_gate)
        {
            _cluster.End(lease, WatchEventReason.Expired);
        }
    }

    /// <summary>From now on writes under this fence are refused.</summary>
    public void LoseFence(Fence fence)
    {
        ArgumentNullException.ThrowIfNull(fence);
        lock (_gate)
        {
            _lostFences.Add(fence);
        }
    }

    /// <inheritdoc/>
    public async Task<KeyValueEntry?> GetAsync(RaftKvKey key, ReadOptions? options = null, CancellationToken cancellationToken = default) =>
        (await TryGetAsync(key, options, cancellationToken).ConfigureAwait(false)).Entry;

    /// <inheritdoc/>
    public Task<GetResult> TryGetAsync(RaftKvKey key, ReadOptions? options = null, CancellationToken cancellationToken = default)
    {
        key.OrThrow(nameof(key));
        return Read(options, view => new GetResult(view.Find(key), view.Metadata), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<PutResult> PutAsync(
        RaftKvKey key, ReadOnlyMemory<byte> value, WriteOptions? options = null, CancellationToken cancellationToken = default)
    {
        key.OrThrow(nameof(key));
        return Write(options, () =>
        {
            long current = _store.Find(key)?.ModRevision ?? 0;
            if (options is { } given && !given.Precondition.Holds(current))
            {
                throw TestFailures.PreconditionFailed(current);
            }

            return Put(key, value, options);
        }, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<CompareAndSetResult> TryCompareAndSetAsync(
        RaftKvKey key, Precondition expected, ReadOnlyMemory<byte> value, WriteOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        key.OrThrow(nameof(key));
        RequireCondition(expected);
        return Write(options, () =>
        {
            long current = _store.Find(key)?.ModRevision ?? 0;
            return expected.Holds(current)
                ? new CompareAndSetResult(true, Put(key, value, options).ModRevision, CurrentRevision: null, _store.Metadata)
                : new CompareAndSetResult(false, ModRevision: 0, current, _store.Metadata);
        }, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<PutResult> CompareAndSetAsync(
        RaftKvKey key, Precondition expected, ReadOnlyMemory<byte> value, WriteOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        RequireCondition(expected);
        return PutAsync(key, value, (options ?? new()) with { Precondition = expected }, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<DeleteResult> DeleteAsync(RaftKvKey key, WriteOptions? options = null, CancellationToken cancellationToken = default)
    {
        key.OrThrow(nameof(key));
        return Write(options, () =>
        {
            long current = _store.Find(key)?.ModRevision ?? 0;
            if (options is { } given && !given.Precondition.Holds(current))
            {
                throw TestFailures.PreconditionFailed(current);
            }

            return Deleted(_store.Delete(entry => entry.Key == key, WatchEventReason.Deleted));
        }, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<DeleteResult> DeletePrefixAsync(
        RaftKvKey prefix, WriteOptions? options = null, CancellationToken cancellationToken = default)
    {
        RaftKvRange range = RaftKvRange.Prefix(prefix.OrThrow(nameof(prefix)).Bytes);
        return Write(
            options,
            () => Deleted(_store.Delete(entry => MemoryStore.IsIn(range, entry.Key), WatchEventReason.Deleted)),
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IncrementResult> IncrementAsync(
        RaftKvKey key, long by = 1, WriteOptions? options = null, CancellationToken cancellationToken = default)
    {
        key.OrThrow(nameof(key));
        return Write(options, () =>
        {
            long value = _store.Add(key, by);
            return new IncrementResult(value, _store.Revision + 1, _store.Metadata);
        }, cancellationToken);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<KeyValueEntry> RangeAsync(
        RaftKvRange range, RangeOptions? rangeOptions = null, ReadOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(range);
        List<KeyValueEntry> entries =
            await Read(options, view => view.Range(range), cancellationToken).ConfigureAwait(false);
        if (rangeOptions is { Descending: true })
        {
            entries.Reverse();
        }

        foreach (KeyValueEntry entry in entries)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return rangeOptions is { KeysOnly: true } ? entry with { Value = default } : entry;
        }
    }

    /// <inheritdoc/>
    public Task<CountResult> CountAsync(RaftKvRange range, ReadOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(range);
        return Read(options, view => new CountResult(view.Range(range).Count, view.Metadata), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<TxnResult> CommitAsync(TxnBuilder txn, WriteOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(txn);
        return Write(options ?? txn.Options, () =>
        {
            MemoryTxn run = new(_store, txn);
            (bool succeeded, IReadOnlyList<TxnOpResult> responses) = run.Run();
            return new TxnResult(succeeded, _store.RevisionAfterThis, responses, _store.Metadata);
        }, cancellationToken);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<WatchEvent> WatchAsync(
        RaftKvKey key, WatchOptions? options = null, CancellationToken cancellationToken = default) =>
        WatchAsync(RaftKvRange.Single(key), options, cancellationToken);

    /// <inheritdoc/>
    /// <remarks>Unlike the client's it begins with what comes after the call, not after its first step.</remarks>
    public IAsyncEnumerable<WatchEvent> WatchAsync(
        RaftKvRange range, WatchOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(range);
        return EventsAsync(range, options ?? new(), options?.StartRevision ?? Revision + 1, cancellationToken);
    }

    private async IAsyncEnumerable<WatchEvent> EventsAsync(
        RaftKvRange range, WatchOptions options, long startRevision, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        long next = startRevision;
        while (true)
        {
            List<WatchEvent> events;
            Task changed;
            lock (_gate)
            {
                events = _store.Changes(next, range);
                next = Math.Max(next, _store.Revision + 1);
                changed = _store.Changed;
            }

            foreach (WatchEvent change in events)
            {
                if (options.Only is null || options.Only == change.Type)
                {
                    yield return options.WithPreviousValues ? change : change with { Previous = null };
                }
            }

            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private static void RequireCondition(Precondition expected)
    {
        if (expected.IsNone)
        {
            throw new ArgumentException("Nothing is expected: give Precondition.Missing or Precondition.AtRevision.", nameof(expected));
        }
    }

    private RaftKvException? TakeFailure()
    {
        lock (_gate)
        {
            return _failures.TryDequeue(out RaftKvException? failure) ? failure : null;
        }
    }

    private PutResult Put(RaftKvKey key, ReadOnlyMemory<byte> value, WriteOptions? options)
    {
        KeyValueEntry entry = _store.Put(key, value, options?.Lease);
        return new PutResult(entry.CreateRevision, entry.ModRevision, entry.Version, entry.Version == 1, _store.Metadata);
    }

    private DeleteResult Deleted(int count) => new(count, _store.Metadata);

    private Task<T> Read<T>(ReadOptions? options, Func<MemoryView, T> read, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<T>(cancellationToken);
        }

        lock (_gate)
        {
            _cluster.EndDue();
            return _failures.TryDequeue(out RaftKvException? failure)
                ? Task.FromException<T>(failure)
                : Task.FromResult(read(_store.At(options?.Revision)));
        }
    }

    private Task<T> Write<T>(WriteOptions? options, Func<T> write, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<T>(cancellationToken);
        }

        lock (_gate)
        {
            try
            {
                if (_failures.TryDequeue(out RaftKvException? failure))
                {
                    throw failure;
                }

                bool isUnknown = _unknowns.TryDequeue(out bool isApplied);
                if (isUnknown && !isApplied)
                {
                    throw TestFailures.OutcomeUnknown();
                }

                _cluster.EndDue();
                if (options?.Fence is { } fence && (_lostFences.Contains(fence) || !_cluster.Allows(fence)))
                {
                    throw TestFailures.FenceLost();
                }

                T result = default!;
                _store.Write(() => result = write());
                return isUnknown ? throw TestFailures.OutcomeUnknown() : Task.FromResult(result);
            }
            catch (RaftKvException e)
            {
                return Task.FromException<T>(e);
            }
        }
    }
}
