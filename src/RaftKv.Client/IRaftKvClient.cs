namespace RaftKv.Client;

/// <summary>
/// What an application does with keys, as an interface to put a double in its place: <see cref="RaftKvClient"/> is one, and
/// RaftKv.Client.Testing has one in memory, with the same outcomes and errors. Take this where only keys are used.
/// </summary>
/// <remarks>
/// Code that locks, leads or keeps leases takes <see cref="LockClient"/>, <see cref="ElectionClient"/> or <see cref="LeaseClient"/>:
/// the double has those too. What they promise over a cluster's faults is tested on a real one (RaftKvTestCluster). All members are
/// safe from any thread.
/// </remarks>
public interface IRaftKvClient
{
    /// <inheritdoc cref="RaftKvClient.GetAsync"/>
    Task<KeyValueEntry?> GetAsync(RaftKvKey key, ReadOptions? options = null, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="RaftKvClient.TryGetAsync"/>
    Task<GetResult> TryGetAsync(RaftKvKey key, ReadOptions? options = null, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="RaftKvClient.PutAsync"/>
    Task<PutResult> PutAsync(
        RaftKvKey key, ReadOnlyMemory<byte> value, WriteOptions? options = null, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="RaftKvClient.TryCompareAndSetAsync"/>
    Task<CompareAndSetResult> TryCompareAndSetAsync(
        RaftKvKey key, Precondition expected, ReadOnlyMemory<byte> value, WriteOptions? options = null,
        CancellationToken cancellationToken = default);

    /// <inheritdoc cref="RaftKvClient.CompareAndSetAsync"/>
    Task<PutResult> CompareAndSetAsync(
        RaftKvKey key, Precondition expected, ReadOnlyMemory<byte> value, WriteOptions? options = null,
        CancellationToken cancellationToken = default);

    /// <inheritdoc cref="RaftKvClient.DeleteAsync"/>
    Task<DeleteResult> DeleteAsync(RaftKvKey key, WriteOptions? options = null, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="RaftKvClient.DeletePrefixAsync"/>
    Task<DeleteResult> DeletePrefixAsync(RaftKvKey prefix, WriteOptions? options = null, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="RaftKvClient.IncrementAsync"/>
    Task<IncrementResult> IncrementAsync(
        RaftKvKey key, long by = 1, WriteOptions? options = null, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="RaftKvClient.RangeAsync"/>
    IAsyncEnumerable<KeyValueEntry> RangeAsync(
        RaftKvRange range, RangeOptions? rangeOptions = null, ReadOptions? options = null, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="RaftKvClient.CountAsync"/>
    Task<CountResult> CountAsync(RaftKvRange range, ReadOptions? options = null, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="RaftKvClient.CommitAsync"/>
    Task<TxnResult> CommitAsync(TxnBuilder txn, WriteOptions? options = null, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="RaftKvClient.WatchAsync(RaftKvKey, WatchOptions, CancellationToken)"/>
    IAsyncEnumerable<WatchEvent> WatchAsync(RaftKvKey key, WatchOptions? options = null, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="RaftKvClient.WatchAsync(RaftKvRange, WatchOptions, CancellationToken)"/>
    IAsyncEnumerable<WatchEvent> WatchAsync(RaftKvRange range, WatchOptions? options = null, CancellationToken cancellationToken = default);
}
