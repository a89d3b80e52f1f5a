using System.Buffers;
using Microsoft.Extensions.Caching.Distributed;
using RaftKv.Client;

namespace RaftKv.Caching;

/// <summary>A cache that all processes share, kept by the cluster. Safe from any thread.</summary>
/// <remarks>
/// An entry hangs on a lease of its own: the cluster ends it, by its own count, whether anybody looks or not. Reading one
/// with a sliding expiration renews that lease, which costs no entry of the log. An absolute end is also looked at by the
/// reader's wall clock, so that renewing never carries an entry beyond it.
/// With <see cref="RaftKvCacheOptions.NearCopyBytes"/> what was read stays in this process until a watch says that it has
/// changed: such reads cost no call, and may be older than the cluster by as much as that watch lags.
/// It is meant for what many processes must agree on and few rewrite: each write is two entries of the replicated log, and
/// a value has at most 1.5 MiB. A write that fails with an outcome that is not known may or may not be there.
/// </remarks>
public sealed class RaftKvDistributedCache : IBufferDistributedCache, IAsyncDisposable, IDisposable
{
    private const string LeaseNotFound = "lease-not-found";

    // Leases for one write: more say that the entry's life is shorter than a write takes.
    private const int MaxLeases = 5;

    private readonly RaftKvClient _client;
    private readonly RaftKvCacheOptions _options;
    private readonly NearCopies? _near;

    /// <summary>A cache in this client's cluster.</summary>
    /// <param name="client">Not disposed here.</param>
    /// <param name="options">Null for the defaults.</param>
    public RaftKvDistributedCache(RaftKvClient client, RaftKvCacheOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        _client = client;
        _options = options ?? new();
        _near = _options.NearCopyBytes > 0 ? new NearCopies(client, _options.Prefix, _options.NearCopyBytes, _options.TimeProvider) : null;
    }

    /// <summary>For tests: null without copies.</summary>
    internal NearCopies? Near => _near;

    /// <inheritdoc/>
    public byte[]? Get(string key) => Run(() => GetAsync(key));

    /// <inheritdoc/>
    /// <exception cref="RaftKvException">No node could answer.</exception>
    public async Task<byte[]?> GetAsync(string key, CancellationToken token = default) =>
        await ReadAsync(key, token).ConfigureAwait(false) is { } entry ? entry.Value[EntryLife.HeadBytes..].ToArray() : null;

    /// <inheritdoc/>
    public bool TryGet(string key, IBufferWriter<byte> destination) => Run(() => TryGetAsync(key, destination).AsTask());

    /// <inheritdoc/>
    /// <exception cref="RaftKvException">No node could answer.</exception>
    public async ValueTask<bool> TryGetAsync(string key, IBufferWriter<byte> destination, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(destination);
        if (await ReadAsync(key, token).ConfigureAwait(false) is not { } entry)
        {
            return false;
        }

        destination.Write(entry.Value.Span[EntryLife.HeadBytes..]);
        return true;
    }

    /// <inheritdoc/>
    public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => Run(async () =>
    {
        await SetAsync(key, value, options).ConfigureAwait(false);
        return true;
    });

    /// <inheritdoc/>
    /// <exception cref="RaftKvException">It failed; the outcome says whether it may be there.</exception>
    public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(value);
        return WriteAsync(key, new ReadOnlySequence<byte>(value), options, token);
    }

    /// <inheritdoc/>
    public void Set(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options) => Run(async () =>
    {
        await WriteAsync(key, value, options, CancellationToken.None).ConfigureAwait(false);
        return true;
    });

    /// <inheritdoc/>
    /// <exception cref="RaftKvException">It failed; the outcome says whether it may be there.</exception>
    public ValueTask SetAsync(
        string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options, CancellationToken token = default) =>
        new(WriteAsync(key, value, options, token));

    /// <inheritdoc/>
    public void Refresh(string key) => Run(async () =>
    {
        await RefreshAsync(key).ConfigureAwait(false);
        return true;
    });

    /// <inheritdoc/>
    /// <exception cref="RaftKvException">No node could answer.</exception>
    public Task RefreshAsync(string key, CancellationToken token = default) => ReadAsync(key, token);

    /// <inheritdoc/>
    public void Remove(string key) => Run(async () =>
    {
        await RemoveAsync(key).ConfigureAwait(false);
        return true;
    });

    /// <inheritdoc/>
    /// <exception cref="RaftKvException">It failed; the outcome says whether it may be gone.</exception>
    public async Task RemoveAsync(string key, CancellationToken token = default)
    {
        TxnResult removed = await _client.Txn().Then(Op.Get(KeyOf(key)), Op.Delete(KeyOf(key))).CommitAsync(token).ConfigureAwait(false);
        _near?.Changed(key, removed.Revision);
        await EndLeaseAsync(((TxnGetResult)removed.Responses[0]).Entry?.Lease).ConfigureAwait(false);
    }

    /// <summary>Ends the watch for copies, if there are any; the entries stay.</summary>
    public ValueTask DisposeAsync() => _near?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <inheritdoc cref="DisposeAsync"/>
    public void Dispose() => Run(async () =>
    {
        await DisposeAsync().ConfigureAwait(false);
        return true;
    });

    /// <summary>
    /// The framework's interface has synchronous verbs; the work runs on other threads and needs none of the caller's
    /// context.
    /// </summary>
    private static T Run<T>(Func<Task<T>> work) => Task.Run(work).GetAwaiter().GetResult();

    private RaftKvKey KeyOf(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return _options.Prefix + key;
    }

    /// <summary>The entry, renewed; null when there is none that still lives.</summary>
    private async Task<KeyValueEntry?> ReadAsync(string key, CancellationToken cancellationToken)
    {
        RaftKvKey target = KeyOf(key);
        NearCopy? copy = _near?.Find(key);
        bool isFetched = copy is null;
        if (copy is null)
        {
            GetResult read = await _client.TryGetAsync(target, _options.Reads, cancellationToken).ConfigureAwait(false);
            if (read.Entry is not { } entry || !EntryLife.TryRead(entry.Value.Span, out EntryLife life))
            {
                return null;
            }

            copy = new NearCopy(entry, life, _options.TimeProvider.GetTimestamp());
            _near?.Offer(key, copy, read.Metadata.Revision);
        }

        if (copy.Life.IsOver(_options.TimeProvider.GetUtcNow()))
        {
            return null;
        }

        if (copy.Life.IsSliding && copy.Entry.Lease is { } lease && (isFetched || copy.MustRenew(_options.TimeProvider)))
        {
            try
            {
                await _client.Leases.KeepAliveAsync(lease, cancellationToken).ConfigureAwait(false);
            }
            catch (RaftKvException)
            {
                // It was read; that it may end sooner than it should is a miss for a later reader, and no failure of this one.
            }
        }

        return copy.Entry;
    }

    private async Task WriteAsync(
        string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options, CancellationToken cancellationToken)
    {
        RaftKvKey target = KeyOf(key);
        ArgumentNullException.ThrowIfNull(options);
        DateTimeOffset now = _options.TimeProvider.GetUtcNow();
        EntryLife life = EntryLife.Of(options, _options.DefaultExpiration, now);
        byte[] bytes = new byte[EntryLife.HeadBytes + value.Length];
        life.Write(bytes);
        value.CopyTo(bytes.AsSpan(EntryLife.HeadBytes));

        TxnResult written = await WriteAsync(target, bytes, life, cancellationToken).ConfigureAwait(false);
        _near?.Changed(key, written.Revision);

        // The lease of the entry that was overwritten holds nothing any more.
        await EndLeaseAsync(((TxnGetResult)written.Responses[0]).Entry?.Lease).ConfigureAwait(false);
    }

    private async Task<TxnResult> WriteAsync(RaftKvKey target, byte[] bytes, EntryLife life, CancellationToken cancellationToken)
    {
        for (int tries = 1; ; tries++)
        {
            string? lease = life.LeaseTtl(_options.TimeProvider.GetUtcNow()) is { } ttl
                ? (await _client.Leases.GrantAsync(ttl, options: null, cancellationToken).ConfigureAwait(false)).Id
                : null;
            try
            {
                return await _client.Txn().Then(Op.Get(target), Op.Put(target, bytes, lease)).CommitAsync(cancellationToken)
                    .ConfigureAwait(false);
            }
            catch (RaftKvException e) when (e.Outcome == Outcome.NotApplied)
            {
                await EndLeaseAsync(lease).ConfigureAwait(false);

                // A short lease is over before its entry is written when a process or a machine stands still in between: no
                // failure of the caller's, who gets another one.
                if (e.Code != LeaseNotFound || tries == MaxLeases)
                {
                    throw;
                }
            }
        }
    }

    private async Task EndLeaseAsync(string? lease)
    {
        if (lease is null)
        {
            return;
        }

        try
        {
            await _client.Leases.RevokeAsync(lease).ConfigureAwait(false);
        }
        catch (RaftKvException)
        {
            // It ends by itself.
        }
    }
}
