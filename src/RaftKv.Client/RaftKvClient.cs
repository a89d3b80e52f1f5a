using System.Text.Json;
using RaftKv.Client.Admin;
using RaftKv.Client.Calls;
using RaftKv.Client.Http;
using RaftKv.Client.Kv;
using RaftKv.Client.Txn;
using RaftKv.Client.Watch;
using RaftKv.Contract.Bodies;

namespace RaftKv.Client;

/// <summary>Talks to a RaftKv cluster. Make one and share it: it is safe from any thread.</summary>
/// <remarks>
/// A call stays within <see cref="RaftKvClientOptions.Timeout"/>, turns to another node when one fails, and repeats
/// only what is safe:
/// reads, and writes that surely were not applied. A write whose outcome is not known throws
/// <see cref="RaftKvOutcomeUnknownException"/>.
/// Cancelling a write's token ends the wait only; the write may still be applied.
/// <code>
/// await using var client = new RaftKvClient("http://n1:2379", "http://n2:2379", "http://n3:2379");
/// PutResult put = await client.PutAsync("app/flag", "on");
/// KeyValueEntry? entry = await client.GetAsync("app/flag");
/// </code>
/// </remarks>
public sealed class RaftKvClient : IRaftKvClient, IAsyncDisposable, IDisposable
{
    private readonly CallCore _core;
    private readonly KvCalls _kv;

    /// <summary>A client of these endpoints, with the defaults for the rest.</summary>
    /// <exception cref="ArgumentException">No endpoint, or one that is not an http address.</exception>
    public RaftKvClient(params string[] endpoints)
        : this(new RaftKvClientOptions { Endpoints = [.. endpoints.Select(static text => new Uri(text, UriKind.RelativeOrAbsolute))] })
    {
    }

    /// <summary>A client with these settings.</summary>
    /// <exception cref="ArgumentException">A setting is wrong; the message says which, and what to do.</exception>
    public RaftKvClient(RaftKvClientOptions options)
        : this(options, httpFactory: null)
    {
    }

    internal RaftKvClient(RaftKvClientOptions options, Func<HttpClient>? httpFactory)
    {
        ArgumentNullException.ThrowIfNull(options);
        IReadOnlyList<string> problems = options.Validate();
        if (problems.Count > 0)
        {
            throw new ArgumentException(string.Join(" ", problems), nameof(options));
        }

        options = options with { Endpoints = [.. options.Endpoints] };
        HttpClient? owned = null;
        if (options.HttpClient is { } given)
        {
            httpFactory = () => given;
        }
        else if (options.HttpMessageHandler is not null || httpFactory is null)
        {
            owned = HttpClients.Create(options);
            httpFactory = () => owned;
        }

        _core = new CallCore(options, new RequestSender(options, httpFactory, owned));
        _kv = new KvCalls(_core);
        Leases = new LeaseClient(_core);
        Quotas = new QuotaClient(_core);
        Locks = new LockClient(_core, Leases);
        Elections = new ElectionClient(_core, Leases);
    }

    /// <summary>
    /// The token of this client's own session, which all calls share that name none: what it has read and written; null
    /// before the first answer. Levels that need it send it by themselves.
    /// </summary>
    public string? SessionToken => _core.Sender.Session.Current;

    /// <summary>How much may be stored, and the alarms.</summary>
    public QuotaClient Quotas { get; }

    /// <summary>Leases, and keys that hang on them.</summary>
    public LeaseClient Leases { get; }

    /// <summary>Locks, reader-writer locks and semaphores, with fencing tokens.</summary>
    public LockClient Locks { get; }

    /// <summary>Elections of a leader.</summary>
    public ElectionClient Elections { get; }

    /// <summary>For what makes parts of a client by itself.</summary>
    internal CallCore Core => _core;

    /// <summary>The settings, for extensions.</summary>
    internal RaftKvClientOptions Options => _core.Options;

    /// <summary>
    /// Drops the session token, for instance after the cluster was restored from a backup and answers
    /// <c>session-mismatch</c>.
    /// </summary>
    public void ForgetSession() => _core.Sender.Session.Forget();

    /// <summary>Begins a session: calls that see each other's effects, on whatever nodes they are served.</summary>
    /// <param name="defaults">How its reads are done that don't say; null means <see cref="ReadLevel.Session"/>.</param>
    /// <param name="token">A token of another session, to go on where that one is; null for a fresh start.</param>
    public RaftKvSession BeginSession(ReadOptions? defaults = null, string? token = null) =>
        new(_kv, defaults ?? ReadLevel.Session, token);

    /// <summary>Reads a key; null when it is missing.</summary>
    /// <exception cref="RaftKvException">No node could answer, or the request is refused.</exception>
    public async Task<KeyValueEntry?> GetAsync(RaftKvKey key, ReadOptions? options = null, CancellationToken cancellationToken = default) =>
        (await TryGetAsync(key, options, cancellationToken).ConfigureAwait(false)).Entry;

    /// <summary>Reads a key; the answer carries its metadata also when the key is missing.</summary>
    /// <exception cref="RaftKvException">No node could answer, or the request is refused.</exception>
    public Task<GetResult> TryGetAsync(RaftKvKey key, ReadOptions? options = null, CancellationToken cancellationToken = default) =>
        _kv.TryGetAsync(key, options, cancellationToken);

    /// <summary>Reads a key's bytes without the JSON around them; null when it is missing.</summary>
    /// <exception cref="RaftKvException">No node could answer, or the request is refused.</exception>
    public Task<RawValue?> GetRawAsync(RaftKvKey key, ReadOptions? options = null, CancellationToken cancellationToken = default) =>
        _kv.GetRawAsync(key, options, cancellationToken);

    /// <summary>Writes bytes.</summary>
    /// <exception cref="RaftKvPreconditionException">The precondition did not hold, or the fence is lost.</exception>
    /// <exception cref="RaftKvOutcomeUnknownException">The write may or may not have been applied.</exception>
    /// <exception cref="RaftKvException">Other failures; the outcome says whether it was applied.</exception>
    public Task<PutResult> PutAsync(
        RaftKvKey key, ReadOnlyMemory<byte> value, WriteOptions? options = null, CancellationToken cancellationToken = default) =>
        _kv.PutAsync(key, value, options, cancellationToken);

    /// <summary>
    /// Hands a write over and returns before it is committed; <see cref="GetOperationAsync"/> tells what became of it.
    /// </summary>
    /// <param name="options">Its concern is ignored: nothing is waited for.</param>
    /// <exception cref="RaftKvException">It was not taken.</exception>
    public Task<AcceptedOperation> PutAcceptedAsync(
        RaftKvKey key, ReadOnlyMemory<byte> value, WriteOptions? options = null, CancellationToken cancellationToken = default) =>
        _kv.PutAcceptedAsync(key, value, options, cancellationToken);

    /// <summary>Writes bytes if the precondition holds. That it does not hold is an answer, not an error.</summary>
    /// <exception cref="RaftKvOutcomeUnknownException">The write may or may not have been applied.</exception>
    /// <exception cref="RaftKvException">Other failures, a lost fence among them.</exception>
    public Task<CompareAndSetResult> TryCompareAndSetAsync(
        RaftKvKey key, Precondition expected, ReadOnlyMemory<byte> value, WriteOptions? options = null, CancellationToken cancellationToken = default) =>
        _kv.TryCompareAndSetAsync(key, expected, value, options, cancellationToken);

    /// <summary>Writes bytes if the precondition holds, and throws when it does not.</summary>
    /// <exception cref="RaftKvPreconditionException">The precondition did not hold.</exception>
    /// <exception cref="RaftKvOutcomeUnknownException">The write may or may not have been applied.</exception>
    /// <exception cref="RaftKvException">Other failures.</exception>
    public Task<PutResult> CompareAndSetAsync(
        RaftKvKey key, Precondition expected, ReadOnlyMemory<byte> value, WriteOptions? options = null, CancellationToken cancellationToken = default) =>
        PutAsync(key, value, RequestSpecs.Conditional(options, expected), cancellationToken);

    /// <summary>Deletes a key; deleting a missing one is no error.</summary>
    /// <exception cref="RaftKvPreconditionException">The precondition did not hold, or the fence is lost.</exception>
    /// <exception cref="RaftKvException">Other failures; the outcome says whether it was applied.</exception>
    public Task<DeleteResult> DeleteAsync(RaftKvKey key, WriteOptions? options = null, CancellationToken cancellationToken = default) =>
        _kv.DeleteAsync(key, options, cancellationToken);

    /// <summary>Deletes all keys with a prefix, as one revision.</summary>
    /// <exception cref="ArgumentException">The prefix is empty: <see cref="DeleteAllAsync"/> is for every
    /// key.</exception>
    /// <exception cref="RaftKvException">It failed; the outcome says whether it was applied.</exception>
    public Task<DeleteResult> DeletePrefixAsync(RaftKvKey prefix, WriteOptions? options = null, CancellationToken cancellationToken = default) =>
        _kv.DeletePrefixAsync(prefix, options, cancellationToken);

    /// <summary>Deletes every key, as one revision.</summary>
    /// <exception cref="RaftKvException">It failed; the outcome says whether it was applied.</exception>
    public Task<DeleteResult> DeleteAllAsync(WriteOptions? options = null, CancellationToken cancellationToken = default) =>
        _kv.DeleteAllAsync(options, cancellationToken);

    /// <summary>Adds to a counter, atomically and without a compare; a missing one counts as 0.</summary>
    /// <exception cref="RaftKvOutcomeUnknownException">It may or may not have been added.</exception>
    /// <exception cref="RaftKvException">Other failures; a value that is no number is refused.</exception>
    public Task<IncrementResult> IncrementAsync(
        RaftKvKey key, long by = 1, WriteOptions? options = null, CancellationToken cancellationToken = default) =>
        _kv.IncrementAsync(key, by, options, cancellationToken);

    /// <summary>Walks a range in key order, page by page, all pages of one revision.</summary>
    /// <remarks>
    /// A compaction during a long walk ends it with <see cref="RaftKvCompactedException"/>: begin again.
    /// </remarks>
    /// <exception cref="RaftKvException">No node could answer, or the request is refused.</exception>
    public IAsyncEnumerable<KeyValueEntry> RangeAsync(
        RaftKvRange range, RangeOptions? rangeOptions = null, ReadOptions? options = null,
        CancellationToken cancellationToken = default) =>
        _kv.RangeAsync(range, rangeOptions, options, cancellationToken);

    /// <summary>Counts the keys of a range without reading them.</summary>
    /// <exception cref="RaftKvException">No node could answer, or the request is refused.</exception>
    public Task<CountResult> CountAsync(RaftKvRange range, ReadOptions? options = null, CancellationToken cancellationToken = default) =>
        _kv.CountAsync(range, options, cancellationToken);

    /// <summary>A key's versions since the last compaction, deletions among them; empty when there are none.</summary>
    /// <param name="limit">Most versions to return, 1 to 10,000.</param>
    /// <exception cref="RaftKvException">No node could answer, or the request is refused.</exception>
    public Task<HistoryResult> HistoryAsync(
        RaftKvKey key, int limit = 1_000, ReadOptions? options = null, CancellationToken cancellationToken = default) =>
        _kv.HistoryAsync(key, limit, options, cancellationToken);

    /// <summary>Begins a txn.</summary>
    public TxnBuilder Txn() => new(_core);

    /// <summary>Runs a txn that was built without a client. A false condition is an answer, not an error.</summary>
    /// <param name="txn">From <see cref="TxnBuilder()"/>, or from <see cref="Txn"/>.</param>
    /// <param name="options">How it is written; a precondition or lease is no part of it.</param>
    /// <exception cref="RaftKvException">It failed; its outcome says whether it may have been applied.</exception>
    public Task<TxnResult> CommitAsync(TxnBuilder txn, WriteOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(txn);
        return TxnCalls.CommitAsync(_core, txn, options ?? txn.Options, cancellationToken);
    }

    /// <summary>Changes of one key, as they come; resumed by itself at other nodes, without loss or repeat.</summary>
    /// <inheritdoc cref="WatchAsync(RaftKvRange, WatchOptions, CancellationToken)"/>
    public IAsyncEnumerable<WatchEvent> WatchAsync(RaftKvKey key, WatchOptions? options = null, CancellationToken cancellationToken = default) =>
        Watcher.EventsAsync(_core, KeyEncoding.KeyQuery(key.OrThrow(nameof(key))), options, cancellationToken);

    /// <summary>Changes of a range, as they come; resumed by itself at other nodes, without loss or repeat.</summary>
    /// <remarks>
    /// It begins when it is enumerated, runs until cancelled, and waits out every failure that another attempt may mend.
    /// <code>
    /// await foreach (WatchEvent change in client.WatchAsync(RaftKvRange.Prefix("app/"), cancellationToken: stop))
    /// </code>
    /// </remarks>
    /// <exception cref="RaftKvCompactedException">
    /// The next revision is gone. <see cref="WatchBatchesAsync(RaftKvRange, WatchOptions, CancellationToken)"/> with
    /// <see cref="WatchCompaction.Snapshot"/> yields the present state instead.
    /// </exception>
    /// <exception cref="RaftKvException">The request is refused.</exception>
    public IAsyncEnumerable<WatchEvent> WatchAsync(
        RaftKvRange range, WatchOptions? options = null, CancellationToken cancellationToken = default) =>
        Watcher.EventsAsync(_core, Watcher.ScopeOf(range), options, cancellationToken);

    /// <summary>The same, a message at a time: all changes of a revision together, snapshots and bookmarks.</summary>
    /// <exception cref="RaftKvCompactedException">The next revision is gone, and no snapshots were asked for.</exception>
    /// <exception cref="RaftKvException">The request is refused.</exception>
    public IAsyncEnumerable<WatchBatch> WatchBatchesAsync(
        RaftKvRange range, WatchOptions? options = null, CancellationToken cancellationToken = default) =>
        Watcher.BatchesAsync(_core, Watcher.ScopeOf(range), options, cancellationToken);

    /// <inheritdoc cref="WatchBatchesAsync(RaftKvRange, WatchOptions, CancellationToken)"/>
    public IAsyncEnumerable<WatchBatch> WatchBatchesAsync(
        RaftKvKey key, WatchOptions? options = null, CancellationToken cancellationToken = default) =>
        Watcher.BatchesAsync(_core, KeyEncoding.KeyQuery(key.OrThrow(nameof(key))), options, cancellationToken);

    /// <summary>Keeps a range in memory, up to date by a watch, and readable while the cluster is away.</summary>
    /// <param name="cancellationToken">Ends the wait for the first state.</param>
    /// <exception cref="RaftKvException">The watch is refused. A cluster that is away is waited for.</exception>
    public async Task<PrefixCache> CacheAsync(RaftKvRange range, CancellationToken cancellationToken = default)
    {
        PrefixCache cache = new(_core, range, TimeSpan.FromSeconds(2));
        try
        {
            await cache.WaitUntilLoadedAsync(cancellationToken).ConfigureAwait(false);
            return cache;
        }
        catch
        {
            await cache.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Forgets versions that no read at or after this revision can see.</summary>
    /// <exception cref="RaftKvException">It failed; the outcome says whether it was applied.</exception>
    public Task<CompactResult> CompactAsync(long revision, CancellationToken cancellationToken = default) =>
        _kv.CompactAsync(revision, cancellationToken);

    /// <summary>Checks a receipt: whether this cluster has signed it, and what it says.</summary>
    /// <param name="receipt">From <see cref="ResponseMetadata.Receipt"/>.</param>
    /// <exception cref="RaftKvException">No node could answer. A forged receipt is an answer, not an error.</exception>
    public async Task<ReceiptCheck> VerifyReceiptAsync(string receipt, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(receipt);
        RequestSpec spec = new(HttpMethod.Post, "/api/v1/receipts/verify", RequestKind.Read)
        {
            Body = JsonSerializer.SerializeToUtf8Bytes(new ReceiptBody { Receipt = receipt }, RequestJson.Default.ReceiptBody),
            ContentType = RequestSpecs.Json,
        };
        return AdminMapping.ToReceiptCheck(await _core.SendAsync(spec, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>How a node sees itself.</summary>
    /// <param name="endpoint">The node to ask, one of <see cref="RaftKvClientOptions.Endpoints"/>; null for
    /// any.</param>
    /// <exception cref="RaftKvException">No node could answer.</exception>
    public async Task<NodeStatus> StatusAsync(Uri? endpoint = null, CancellationToken cancellationToken = default)
    {
        Answer answer = await ReadAdminAsync("/api/v1/status", endpoint, cancellationToken).ConfigureAwait(false);
        return AdminMapping.ToStatus(answer);
    }

    /// <summary>The members of the cluster.</summary>
    /// <param name="endpoint">The node to ask; null for any.</param>
    /// <exception cref="RaftKvException">No node could answer.</exception>
    public async Task<ClusterInfo> ClusterAsync(Uri? endpoint = null, CancellationToken cancellationToken = default)
    {
        Answer answer = await ReadAdminAsync("/api/v1/cluster", endpoint, cancellationToken).ConfigureAwait(false);
        return AdminMapping.ToCluster(answer);
    }

    /// <summary>What became of a write that was only accepted, or whose outcome was unknown.</summary>
    /// <remarks>Only the node that took the write knows; each is asked until one does.</remarks>
    /// <param name="id">From <see cref="PutAcceptedAsync"/> or
    /// <see cref="RaftKvOutcomeUnknownException.OperationId"/>.</param>
    /// <exception cref="RaftKvException">No node could answer.</exception>
    public async Task<OperationInfo> GetOperationAsync(string id, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        string target = "/api/v1/operations/" + KeyEncoding.Escape(System.Text.Encoding.UTF8.GetBytes(id), keepsSlash: false);
        OperationInfo? unknown = null;
        RaftKvUnavailableException? unavailable = null;
        foreach (Uri endpoint in _core.Options.Endpoints)
        {
            try
            {
                Answer answer = await ReadAdminAsync(target, endpoint, cancellationToken).ConfigureAwait(false);
                OperationInfo operation = AdminMapping.ToOperation(id, answer);
                if (operation.State != OperationState.Unknown)
                {
                    return operation;
                }

                unknown = operation;
            }
            catch (RaftKvUnavailableException e)
            {
                // It may have been the one that knows; the others can still be asked.
                unavailable = e;
            }
        }

        // There is at least one endpoint, so one of the two is set.
        return unknown ?? throw (Exception?)unavailable ?? new InvalidOperationException("A client without endpoints was let through.");
    }

    /// <summary>
    /// Frees what the client itself made; an HTTP client or handler of the caller's stays open. The client's sessions are
    /// closed at the cluster, if that takes no more than a second; else it forgets them when others need the room.
    /// <see cref="DisposeAsync"/> does not block meanwhile.
    /// </summary>
    public void Dispose() => _core.Dispose();

    /// <inheritdoc cref="Dispose"/>
    public ValueTask DisposeAsync() => _core.DisposeAsync();

    private Task<Answer> ReadAdminAsync(string target, Uri? endpoint, CancellationToken cancellationToken) =>
        _core.SendAsync(new RequestSpec(HttpMethod.Get, target, RequestKind.Read) { Endpoint = endpoint }, cancellationToken);
}
