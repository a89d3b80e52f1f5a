using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using RaftKv.Client.Http;
using RaftKv.Client.Watching;

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
public sealed class RaftKvClient : IAsyncDisposable, IDisposable
{
    private readonly RaftKvClientOptions _options;
    private readonly RequestSender _sender;
    private int _isDisposed;

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

        _options = options with { Endpoints = [.. options.Endpoints] };
        HttpClient? owned = null;
        if (_options.HttpClient is { } given)
        {
            httpFactory = () => given;
        }
        else if (_options.HttpMessageHandler is not null || httpFactory is null)
        {
            owned = HttpClients.Create(_options);
            httpFactory = () => owned;
        }

        _sender = new RequestSender(_options, httpFactory, owned);
        Leases = new LeaseClient(this);
        Quotas = new QuotaClient(this);
        Locks = new LockClient(this);
        Elections = new ElectionClient(this);
    }

    /// <summary>
    /// The token of this client's own session, which all calls share that name none: what it has read and written; null
    /// before the first answer. Levels that need it send it by themselves.
    /// </summary>
    public string? SessionToken => _sender.Session.Current;

    /// <summary>How much may be stored, and the alarms.</summary>
    public QuotaClient Quotas { get; }

    /// <summary>Leases, and keys that hang on them.</summary>
    public LeaseClient Leases { get; }

    /// <summary>Locks, reader-writer locks and semaphores, with fencing tokens.</summary>
    public LockClient Locks { get; }

    /// <summary>Elections of a leader.</summary>
    public ElectionClient Elections { get; }

    /// <summary>The settings, for extensions.</summary>
    internal RaftKvClientOptions Options => _options;

    /// <summary>Sends the requests of leases, locks, elections and watches.</summary>
    internal RequestSender Sender => _sender;

    /// <summary>
    /// Drops the session token, for instance after the cluster was restored from a backup and answers
    /// <c>session-mismatch</c>.
    /// </summary>
    public void ForgetSession() => _sender.Session.Forget();

    /// <summary>Begins a session: calls that see each other's effects, on whatever nodes they are served.</summary>
    /// <param name="defaults">How its reads are done that don't say; null means <see cref="ReadLevel.Session"/>.</param>
    /// <param name="token">A token of another session, to go on where that one is; null for a fresh start.</param>
    public RaftKvSession BeginSession(ReadOptions? defaults = null, string? token = null) =>
        new(this, defaults ?? ReadLevel.Session, token);

    /// <summary>Reads a key; null when it is missing.</summary>
    /// <exception cref="RaftKvException">No node could answer, or the request is refused.</exception>
    public async Task<KeyValueEntry?> GetAsync(RaftKvKey key, ReadOptions? options = null, CancellationToken cancellationToken = default) =>
        (await TryGetAsync(key, options, cancellationToken).ConfigureAwait(false)).Entry;

    /// <summary>Reads a key; the answer carries its metadata also when the key is missing.</summary>
    /// <exception cref="RaftKvException">No node could answer, or the request is refused.</exception>
    public async Task<GetResult> TryGetAsync(RaftKvKey key, ReadOptions? options = null, CancellationToken cancellationToken = default)
    {
        string target = KeyEncoding.Target(RequestSpecs.KvRoot, key.OrThrow(nameof(key)), RequestSpecs.RevisionQuery(options));
        Answer answer = await ReadAsync(target, options, "key-not-found", cancellationToken).ConfigureAwait(false);
        return answer.Problem is not null
            ? new GetResult(null, answer.Metadata)
            : new GetResult(WireMapping.ToEntry(WireMapping.Parse(answer, WireJson.Default.WireEntry, RequestKind.Read), answer), answer.Metadata);
    }

    /// <summary>Reads a key's bytes without the JSON around them; null when it is missing.</summary>
    /// <exception cref="RaftKvException">No node could answer, or the request is refused.</exception>
    public async Task<RawValue?> GetRawAsync(RaftKvKey key, ReadOptions? options = null, CancellationToken cancellationToken = default)
    {
        string target = KeyEncoding.Target(RequestSpecs.KvRoot, key.OrThrow(nameof(key)), RequestSpecs.Join("raw", RequestSpecs.RevisionQuery(options)));
        Answer answer = await ReadAsync(target, options, "key-not-found", cancellationToken).ConfigureAwait(false);
        return answer.Problem is not null ? null : new RawValue(answer.Body, answer.ETagRevision ?? 0, answer.Metadata);
    }

    /// <summary>Writes bytes.</summary>
    /// <exception cref="RaftKvPreconditionException">The precondition did not hold, or the fence is lost.</exception>
    /// <exception cref="RaftKvOutcomeUnknownException">The write may or may not have been applied.</exception>
    /// <exception cref="RaftKvException">Other failures; the outcome says whether it was applied.</exception>
    public async Task<PutResult> PutAsync(
        RaftKvKey key, ReadOnlyMemory<byte> value, WriteOptions? options = null, CancellationToken cancellationToken = default)
    {
        Answer answer = await SendAsync(RequestSpecs.Put(key, value, options ?? new(), _options), cancellationToken).ConfigureAwait(false);
        return ToPutResult(answer);
    }

    /// <summary>
    /// Hands a write over and returns before it is committed; <see cref="GetOperationAsync"/> tells what became of it.
    /// </summary>
    /// <param name="options">Its concern is ignored: nothing is waited for.</param>
    /// <exception cref="RaftKvException">It was not taken.</exception>
    public async Task<AcceptedOperation> PutAcceptedAsync(
        RaftKvKey key, ReadOnlyMemory<byte> value, WriteOptions? options = null, CancellationToken cancellationToken = default)
    {
        RequestSpec spec = RequestSpecs.Put(key, value, (options ?? new()) with { Concern = WriteConcern.Majority }, _options);
        Answer answer = await SendAsync(RequestSpecs.Accepted(spec), cancellationToken).ConfigureAwait(false);
        string? id = answer.Location?.Split('/')[^1];
        return string.IsNullOrEmpty(id)
            ? throw WireMapping.Broken(answer, RequestKind.Write, "it names no operation to look up")
            : new AcceptedOperation(Uri.UnescapeDataString(id), answer.Metadata);
    }

    /// <summary>Writes bytes if the precondition holds. That it does not hold is an answer, not an error.</summary>
    /// <exception cref="RaftKvOutcomeUnknownException">The write may or may not have been applied.</exception>
    /// <exception cref="RaftKvException">Other failures, a lost fence among them.</exception>
    public async Task<CompareAndSetResult> TryCompareAndSetAsync(
        RaftKvKey key, Precondition expected, ReadOnlyMemory<byte> value, WriteOptions? options = null, CancellationToken cancellationToken = default)
    {
        RequestSpec spec = RequestSpecs.Put(key, value, RequestSpecs.Conditional(options, expected), _options) with { ExpectedProblems = ["precondition-failed"] };
        Answer answer = await SendAsync(spec, cancellationToken).ConfigureAwait(false);
        return answer.Problem is { } problem
            ? new CompareAndSetResult(Succeeded: false, ModRevision: 0, problem.CurrentRevision, answer.Metadata)
            : new CompareAndSetResult(Succeeded: true, ToPutResult(answer).ModRevision, CurrentRevision: null, answer.Metadata);
    }

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
        DeleteTargetAsync(KeyEncoding.Target(RequestSpecs.KvRoot, key.OrThrow(nameof(key)), ""), options, cancellationToken);

    /// <summary>Deletes all keys with a prefix, as one revision.</summary>
    /// <exception cref="ArgumentException">The prefix is empty: <see cref="DeleteAllAsync"/> is for every
    /// key.</exception>
    /// <exception cref="RaftKvException">It failed; the outcome says whether it was applied.</exception>
    public Task<DeleteResult> DeletePrefixAsync(RaftKvKey prefix, WriteOptions? options = null, CancellationToken cancellationToken = default)
    {
        RequestSpecs.RequireNoPrecondition(options);
        string query = KeyEncoding.RangeQuery(RaftKvRange.Prefix(prefix.OrThrow(nameof(prefix)).Bytes));
        return DeleteTargetAsync(RequestSpecs.KvRoot + "?" + query, options, cancellationToken);
    }

    /// <summary>Deletes every key, as one revision.</summary>
    /// <exception cref="RaftKvException">It failed; the outcome says whether it was applied.</exception>
    public Task<DeleteResult> DeleteAllAsync(WriteOptions? options = null, CancellationToken cancellationToken = default)
    {
        RequestSpecs.RequireNoPrecondition(options);
        return DeleteTargetAsync(RequestSpecs.KvRoot + "?all=true", options, cancellationToken);
    }

    /// <summary>Adds to a counter, atomically and without a compare; a missing one counts as 0.</summary>
    /// <exception cref="RaftKvOutcomeUnknownException">It may or may not have been added.</exception>
    /// <exception cref="RaftKvException">Other failures; a value that is no number is refused.</exception>
    public async Task<IncrementResult> IncrementAsync(
        RaftKvKey key, long by = 1, WriteOptions? options = null, CancellationToken cancellationToken = default)
    {
        RequestSpecs.RequireNoPrecondition(options);
        if (!KeyEncoding.IsSafeInPath(key.OrThrow(nameof(key)).Bytes.Span))
        {
            return await IncrementInTxnAsync(key, by, options, cancellationToken).ConfigureAwait(false);
        }

        string target = KeyEncoding.Target("/api/v1/counters", key, "");
        RequestSpec spec = RequestSpecs.Write(HttpMethod.Post, target, options, _options) with
        {
            Body = System.Text.Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{{\"by\":{by}}}")),
            ContentType = RequestSpecs.Json,
        };
        Answer answer = await SendAsync(spec, cancellationToken).ConfigureAwait(false);
        WireCounter wire = WireMapping.Parse(answer, WireJson.Default.WireCounter, RequestKind.Write);
        return new IncrementResult(wire.Value, wire.Revision, answer.Metadata);
    }

    /// <summary>Walks a range in key order, page by page, all pages of one revision.</summary>
    /// <remarks>
    /// A compaction during a long walk ends it with <see cref="RaftKvCompactedException"/>: begin again.
    /// </remarks>
    /// <exception cref="RaftKvException">No node could answer, or the request is refused.</exception>
    public async IAsyncEnumerable<KeyValueEntry> RangeAsync(
        RaftKvRange range, RangeOptions? rangeOptions = null, ReadOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(range);
        rangeOptions ??= new RangeOptions();
        string? query = RequestSpecs.RangeQuery(range, rangeOptions, options);
        while (query is not null)
        {
            Answer answer = await ReadAsync(RequestSpecs.KvRoot + query, options, expectedProblem: null, cancellationToken).ConfigureAwait(false);
            WirePage page = WireMapping.Parse(answer, WireJson.Default.WirePage, RequestKind.Read);
            foreach (WireEntry wire in page.Items ?? [])
            {
                yield return WireMapping.ToEntry(wire, answer);
            }

            // The link is the server's own word on how to go on; it holds the cursor, which holds the revision.
            query = answer.NextLink;
        }
    }

    /// <summary>Counts the keys of a range without reading them.</summary>
    /// <exception cref="RaftKvException">No node could answer, or the request is refused.</exception>
    public async Task<CountResult> CountAsync(RaftKvRange range, ReadOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(range);
        string query = RequestSpecs.Join(RequestSpecs.Join(KeyEncoding.RangeQuery(range), "countOnly=true"), RequestSpecs.RevisionQuery(options));
        Answer answer = await ReadAsync(RequestSpecs.KvRoot + "?" + query, options, expectedProblem: null, cancellationToken).ConfigureAwait(false);
        WirePage page = WireMapping.Parse(answer, WireJson.Default.WirePage, RequestKind.Read);
        return new CountResult(page.Count ?? throw WireMapping.Broken(answer, RequestKind.Read, "it has no count"), answer.Metadata);
    }

    /// <summary>A key's versions since the last compaction, deletions among them; empty when there are none.</summary>
    /// <param name="limit">Most versions to return, 1 to 10,000.</param>
    /// <exception cref="RaftKvException">No node could answer, or the request is refused.</exception>
    public async Task<HistoryResult> HistoryAsync(
        RaftKvKey key, int limit = 1_000, ReadOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, 10_000);
        string query = string.Create(CultureInfo.InvariantCulture, $"history&limit={limit}");
        string target = KeyEncoding.Target(RequestSpecs.KvRoot, key.OrThrow(nameof(key)), query);
        Answer answer = await ReadAsync(target, options, "key-not-found", cancellationToken).ConfigureAwait(false);
        if (answer.Problem is not null)
        {
            return new HistoryResult([], HasMore: false, answer.Metadata);
        }

        WireHistory wire = WireMapping.Parse(answer, WireJson.Default.WireHistory, RequestKind.Read);
        return new HistoryResult([.. (wire.Versions ?? []).Select(version => WireMapping.ToEntry(version, key, answer))], wire.HasMore, answer.Metadata);
    }

    /// <summary>Begins a txn.</summary>
    public TxnBuilder Txn() => new(this);

    /// <summary>Changes of one key, as they come; resumed by itself at other nodes, without loss or repeat.</summary>
    /// <inheritdoc cref="WatchAsync(RaftKvRange, WatchOptions, CancellationToken)"/>
    public IAsyncEnumerable<WatchEvent> WatchAsync(RaftKvKey key, WatchOptions? options = null, CancellationToken cancellationToken = default) =>
        Watcher.EventsAsync(this, KeyEncoding.KeyQuery(key.OrThrow(nameof(key))), options, cancellationToken);

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
        Watcher.EventsAsync(this, Watcher.ScopeOf(range), options, cancellationToken);

    /// <summary>The same, a message at a time: all changes of a revision together, snapshots and bookmarks.</summary>
    /// <exception cref="RaftKvCompactedException">The next revision is gone, and no snapshots were asked for.</exception>
    /// <exception cref="RaftKvException">The request is refused.</exception>
    public IAsyncEnumerable<WatchBatch> WatchBatchesAsync(
        RaftKvRange range, WatchOptions? options = null, CancellationToken cancellationToken = default) =>
        Watcher.BatchesAsync(this, Watcher.ScopeOf(range), options, cancellationToken);

    /// <inheritdoc cref="WatchBatchesAsync(RaftKvRange, WatchOptions, CancellationToken)"/>
    public IAsyncEnumerable<WatchBatch> WatchBatchesAsync(
        RaftKvKey key, WatchOptions? options = null, CancellationToken cancellationToken = default) =>
        Watcher.BatchesAsync(this, KeyEncoding.KeyQuery(key.OrThrow(nameof(key))), options, cancellationToken);

    /// <summary>Keeps a range in memory, up to date by a watch, and readable while the cluster is away.</summary>
    /// <param name="cancellationToken">Ends the wait for the first state.</param>
    /// <exception cref="RaftKvException">The watch is refused. A cluster that is away is waited for.</exception>
    public async Task<PrefixCache> CacheAsync(RaftKvRange range, CancellationToken cancellationToken = default)
    {
        PrefixCache cache = new(this, range, TimeSpan.FromSeconds(2));
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
    public async Task<CompactResult> CompactAsync(long revision, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(revision, 1);
        RequestSpec spec = RequestSpecs.Write(HttpMethod.Post, "/api/v1/compact", options: null, _options) with
        {
            Body = System.Text.Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{{\"revision\":{revision}}}")),
            ContentType = RequestSpecs.Json,
        };
        Answer answer = await SendAsync(spec, cancellationToken).ConfigureAwait(false);
        return new CompactResult(revision, answer.Metadata);
    }

    /// <summary>Checks a receipt: whether this cluster has signed it, and what it says.</summary>
    /// <param name="receipt">From <see cref="ResponseMetadata.Receipt"/>.</param>
    /// <exception cref="RaftKvException">No node could answer. A forged receipt is an answer, not an error.</exception>
    public async Task<ReceiptCheck> VerifyReceiptAsync(string receipt, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(receipt);
        RequestSpec spec = new(HttpMethod.Post, "/api/v1/receipts/verify", RequestKind.Read)
        {
            Body = JsonSerializer.SerializeToUtf8Bytes(new WireReceipt { Receipt = receipt }, WireJson.Default.WireReceipt),
            ContentType = RequestSpecs.Json,
        };
        return AdminMapping.ToReceiptCheck(await SendAsync(spec, cancellationToken).ConfigureAwait(false));
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
        foreach (Uri endpoint in _options.Endpoints)
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

    /// <summary>Frees what the client itself made. An HTTP client or handler of the caller's stays open.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            _sender.Dispose();
        }
    }

    /// <inheritdoc cref="Dispose"/>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    internal void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);

    internal async Task<TxnResult> CommitAsync(TxnBuilder txn, WriteOptions? options, CancellationToken cancellationToken)
    {
        // A txn that can only read may be repeated like any read.
        WriteOptions? writeOptions = txn.IsRead ? (options ?? new()) with { IsIdempotent = false } : options;
        RequestSpecs.RequireNoPrecondition(options);
        RequestSpec spec = RequestSpecs.Write(HttpMethod.Post, "/api/v1/txn", writeOptions, _options) with { Body = TxnWriter.Write(txn), ContentType = RequestSpecs.Json };
        RequestKind kind = txn.IsRead ? RequestKind.Read : spec.Kind;
        spec = spec with { Kind = kind };
        Answer answer = await SendAsync(spec, cancellationToken).ConfigureAwait(false);
        WireTxnAnswer wire = WireMapping.Parse(answer, WireJson.Default.WireTxnAnswer, kind);
        return new TxnResult(wire.Succeeded, wire.Revision, WireMapping.ToResults(wire.Responses, answer, kind), answer.Metadata);
    }

    private static PutResult ToPutResult(Answer answer)
    {
        WireEntry wire = WireMapping.Parse(answer, WireJson.Default.WireEntry, RequestKind.Write);
        return new PutResult(wire.CreateRevision, wire.ModRevision, wire.Version, IsCreated: answer.Status == 201, answer.Metadata);
    }

    /// <summary>The path of a counter takes no base64url; the body of a txn does.</summary>
    private async Task<IncrementResult> IncrementInTxnAsync(RaftKvKey key, long by, WriteOptions? options, CancellationToken cancellationToken)
    {
        TxnResult result = await CommitAsync(new TxnBuilder().Then(Op.Increment(key, by)), options, cancellationToken).ConfigureAwait(false);
        return result.Responses is [TxnIncrementResult counter]
            ? new IncrementResult(counter.Value, result.Revision, result.Metadata)
            : throw new RaftKvProtocolException(
                new Failure("bad-answer", "The answer to an increment is not a counter's value.", Outcome.Applied), inner: null);
    }

    private async Task<DeleteResult> DeleteTargetAsync(string target, WriteOptions? options, CancellationToken cancellationToken)
    {
        Answer answer = await SendAsync(RequestSpecs.Write(HttpMethod.Delete, target, options, _options), cancellationToken).ConfigureAwait(false);
        return new DeleteResult(WireMapping.Parse(answer, WireJson.Default.WireDelete, RequestKind.Write).Deleted, answer.Metadata);
    }

    private Task<Answer> ReadAsync(string target, ReadOptions? options, string? expectedProblem, CancellationToken cancellationToken)
    {
        RequestSpec spec = RequestSpecs.Read(target, options, _options.Consistency);
        return SendAsync(expectedProblem is null ? spec : spec with { ExpectedProblems = [expectedProblem] }, cancellationToken);
    }

    private Task<Answer> ReadAdminAsync(string target, Uri? endpoint, CancellationToken cancellationToken) =>
        SendAsync(new RequestSpec(HttpMethod.Get, target, RequestKind.Read) { Endpoint = endpoint }, cancellationToken);

    internal Task<Answer> SendAsync(RequestSpec spec, CancellationToken cancellationToken)
    {
        ThrowIfDisposed();
        return _sender.SendAsync(spec, cancellationToken);
    }
}
