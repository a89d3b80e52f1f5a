using System.Text;
using RaftKv.Client.Calls;
using RaftKv.Client.Sessions;

namespace RaftKv.Client;

/// <summary>
/// Calls that see each other's effects on whatever nodes they are served: read-your-writes, monotonic reads, monotonic
/// writes and writes-follow-reads. Safe from any thread.
/// </summary>
/// <remarks>
/// Each call sends the session's tokens and takes in those of its answer; calls that run at once lose none.
/// <see cref="Token"/> hands over what the session has seen: to another client, process or device.
/// After a restore of the cluster every call throws <see cref="RaftKvSessionMismatchException"/> until
/// <see cref="Reset"/>, since what the session had seen may be gone.
/// <code>
/// RaftKvSession session = client.BeginSession();
/// await session.PutAsync("profile/7", "new");
/// KeyValueEntry? own = await session.GetAsync("profile/7");                      // the new one, on any node
/// KeyValueEntry? cheap = await session.GetAsync("profile/8", ReadLevel.Eventual); // a level for one call
/// RaftKvSession elsewhere = otherClient.BeginSession(token: session.Token);
/// </code>
/// </remarks>
public sealed class RaftKvSession
{
    private readonly KvCalls _kv;
    private readonly ReadOptions _defaults;

    internal RaftKvSession(KvCalls kv, ReadOptions defaults, string? token)
    {
        _kv = kv;
        _defaults = defaults;

        // A bound without its level, or the other way round, is said now and not at the first read.
        ReadHeaders.Build(DefaultLevel, defaults);
        Tokens.HandOver(token);
    }

    /// <summary>The level of reads that name none.</summary>
    public ReadLevel DefaultLevel => _defaults.Level ?? ReadLevel.Session;

    /// <summary>
    /// What the session has read and written, to go on with elsewhere; null when that is nothing. Opaque, and valid for
    /// this cluster only.
    /// </summary>
    public string? Token => Tokens.Current;

    internal SessionTokens Tokens { get; } = new();

    /// <summary>For what else belongs to a session.</summary>
    internal CallCore Core => _kv.Core;

    /// <summary>Takes in what another session has seen; this one sees it too from now on.</summary>
    public void Merge(string token)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(token);
        Tokens.HandOver(token);
    }

    /// <summary>Forgets what the session has seen, e.g. after the cluster was restored from a backup.</summary>
    public void Reset() => Tokens.Forget();

    /// <inheritdoc cref="RaftKvClient.GetAsync"/>
    public async Task<KeyValueEntry?> GetAsync(
        RaftKvKey key, ReadOptions? options = null, CancellationToken cancellationToken = default) =>
        (await TryGetAsync(key, options, cancellationToken).ConfigureAwait(false)).Entry;

    /// <inheritdoc cref="RaftKvClient.TryGetAsync"/>
    public Task<GetResult> TryGetAsync(RaftKvKey key, ReadOptions? options = null, CancellationToken cancellationToken = default) =>
        _kv.TryGetAsync(key, Mine(options), cancellationToken);

    /// <summary>Reads a key as UTF-8 text; null when it is missing.</summary>
    /// <inheritdoc cref="RaftKvClient.GetAsync"/>
    public async Task<string?> GetStringAsync(
        RaftKvKey key, ReadOptions? options = null, CancellationToken cancellationToken = default) =>
        (await GetAsync(key, options, cancellationToken).ConfigureAwait(false))?.GetString();

    /// <inheritdoc cref="RaftKvClient.RangeAsync"/>
    public IAsyncEnumerable<KeyValueEntry> RangeAsync(
        RaftKvRange range, RangeOptions? rangeOptions = null, ReadOptions? options = null, CancellationToken cancellationToken = default) =>
        _kv.RangeAsync(range, rangeOptions, Mine(options), cancellationToken);

    /// <inheritdoc cref="RaftKvClient.CountAsync"/>
    public Task<CountResult> CountAsync(RaftKvRange range, ReadOptions? options = null, CancellationToken cancellationToken = default) =>
        _kv.CountAsync(range, Mine(options), cancellationToken);

    /// <inheritdoc cref="RaftKvClient.PutAsync"/>
    public Task<PutResult> PutAsync(
        RaftKvKey key, ReadOnlyMemory<byte> value, WriteOptions? options = null, CancellationToken cancellationToken = default) =>
        _kv.PutAsync(key, value, Mine(options), cancellationToken);

    /// <summary>Writes text, as UTF-8.</summary>
    /// <inheritdoc cref="RaftKvClient.PutAsync"/>
    public Task<PutResult> PutAsync(RaftKvKey key, string value, WriteOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(value);
        return _kv.PutAsync(key, Encoding.UTF8.GetBytes(value).AsMemory(), Mine(options), cancellationToken);
    }

    /// <inheritdoc cref="RaftKvClient.TryCompareAndSetAsync"/>
    public Task<CompareAndSetResult> TryCompareAndSetAsync(
        RaftKvKey key, Precondition expected, ReadOnlyMemory<byte> value, WriteOptions? options = null,
        CancellationToken cancellationToken = default) =>
        _kv.TryCompareAndSetAsync(key, expected, value, Mine(options), cancellationToken);

    /// <inheritdoc cref="RaftKvClient.DeleteAsync"/>
    public Task<DeleteResult> DeleteAsync(RaftKvKey key, WriteOptions? options = null, CancellationToken cancellationToken = default) =>
        _kv.DeleteAsync(key, Mine(options), cancellationToken);

    /// <inheritdoc cref="RaftKvClient.IncrementAsync"/>
    public Task<IncrementResult> IncrementAsync(
        RaftKvKey key, long by = 1, WriteOptions? options = null, CancellationToken cancellationToken = default) =>
        _kv.IncrementAsync(key, by, Mine(options), cancellationToken);

    /// <summary>What a call leaves open, the session decides.</summary>
    internal ReadOptions Complete(ReadOptions options) => options.Level is not null
        ? options
        : options with
        {
            Level = DefaultLevel,
            MaxStaleness = options.MaxStaleness ?? _defaults.MaxStaleness,
            MaxLag = options.MaxLag ?? _defaults.MaxLag,
            OnUnmet = options.OnUnmet ?? _defaults.OnUnmet,
        };

    private ReadOptions Mine(ReadOptions? options) => (options ?? new()) with { Session = this };

    private WriteOptions Mine(WriteOptions? options) => (options ?? new()) with { Session = this };
}
