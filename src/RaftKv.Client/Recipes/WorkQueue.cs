using System.Globalization;
using RaftKv.Client.Locks;
using RaftKv.Client.Recipes;

namespace RaftKv.Client;

/// <summary>
/// Work for many workers, each item at least once: a claim hangs on its worker's lease, so a dead worker's items come
/// back. Oldest first, as far as claims of several workers allow. Safe from any thread.
/// </summary>
/// <remarks>
/// Meant for jobs, not for streams: some thousands of items, each worth a few writes to the cluster.
/// <code>
/// WorkQueue queue = new(client, "queues/mail", claimTtl: TimeSpan.FromSeconds(30));
/// await queue.EnqueueAsync("welcome:7");
///
/// await using WorkItem item = await queue.ClaimAsync(ct);
/// await SendAsync(item.GetString(), item.LostToken);
/// await item.CompleteAsync();
/// </code>
/// </remarks>
public sealed class WorkQueue
{
    private readonly RaftKvClient _client;
    private readonly RaftKvKey _counter;
    private readonly string _items;
    private readonly string _claims;
    private readonly string _tries;
    private readonly string _dead;
    private readonly RaftKvRange _open;
    private readonly TimeSpan _claimTtl;
    private readonly int _maxDeliveries;

    /// <summary>The queue under this prefix.</summary>
    /// <param name="claimTtl">How long a dead worker's item stays claimed.</param>
    /// <param name="maxDeliveries">After so many claims without completion an item is put aside, see <see cref="DeadAsync"/>; 0 for never.</param>
    public WorkQueue(RaftKvClient client, string name, TimeSpan claimTtl, int maxDeliveries = 0)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentOutOfRangeException.ThrowIfNegative(maxDeliveries);
        LeaseClient.RequirePositive(claimTtl);
        _client = client;
        _claimTtl = claimTtl;
        _maxDeliveries = maxDeliveries;
        _counter = name + "/counter";
        _items = name + "/open/items/";
        _claims = name + "/open/claims/";
        _tries = name + "/tries/";
        _dead = name + "/dead/";
        _open = RaftKvRange.Prefix(name + "/open/");
    }

    /// <summary>Adds an item; its id.</summary>
    /// <exception cref="RaftKvOutcomeUnknownException">It may or may not be added.</exception>
    /// <exception cref="RaftKvException">Other failures; not added.</exception>
    public async Task<string> EnqueueAsync(ReadOnlyMemory<byte> payload, WriteOptions? options = null, CancellationToken cancellationToken = default)
    {
        // Two steps: a process that dies between them leaves a gap in the numbers, which means nothing.
        IncrementResult number = await _client.IncrementAsync(_counter, by: 1, options: null, cancellationToken).ConfigureAwait(false);
        string id = number.Value.ToString("D19", CultureInfo.InvariantCulture);
        await _client.PutAsync(_items + id, payload, options, cancellationToken).ConfigureAwait(false);
        return id;
    }

    /// <summary>Adds an item of text.</summary>
    /// <inheritdoc cref="EnqueueAsync(ReadOnlyMemory{byte}, WriteOptions?, CancellationToken)"/>
    public Task<string> EnqueueAsync(string payload, WriteOptions? options = null, CancellationToken cancellationToken = default) =>
        EnqueueAsync(System.Text.Encoding.UTF8.GetBytes(payload ?? throw new ArgumentNullException(nameof(payload))), options, cancellationToken);

    /// <summary>Waits for an item that nobody has claimed, and claims it.</summary>
    /// <exception cref="RaftKvException">It failed; nothing is claimed, or the claim ends by its ttl.</exception>
    public async Task<WorkItem> ClaimAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            if (await TryClaimAsync(cancellationToken).ConfigureAwait(false) is { } item)
            {
                return item;
            }

            await StateWait.UntilAsync(_client, _open, HasFreeItem, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Claims an item if there is one that nobody has claimed; null when there is none.</summary>
    /// <exception cref="RaftKvException">It failed; nothing is claimed, or the claim ends by its ttl.</exception>
    public async Task<WorkItem?> TryClaimAsync(CancellationToken cancellationToken = default)
    {
        HashSet<string> claimed = [];
        RangeOptions keysOnly = new() { KeysOnly = true };
        await foreach (KeyValueEntry claim in _client
            .RangeAsync(RaftKvRange.Prefix(_claims), keysOnly, ReadLevel.Linearizable, cancellationToken).ConfigureAwait(false))
        {
            claimed.Add(claim.Key.ToString()[_claims.Length..]);
        }

        LeaseKeeper? keeper = null;
        try
        {
            await foreach (KeyValueEntry item in _client
                .RangeAsync(RaftKvRange.Prefix(_items), keysOnly, ReadLevel.Linearizable, cancellationToken).ConfigureAwait(false))
            {
                string id = item.Key.ToString()[_items.Length..];
                if (claimed.Contains(id))
                {
                    continue;
                }

                keeper ??= await _client.Leases.KeepAsync(_claimTtl, cancellationToken).ConfigureAwait(false);
                if (await TryClaimAsync(id, keeper, cancellationToken).ConfigureAwait(false) is { } got)
                {
                    keeper = null;
                    return got;
                }
            }

            return null;
        }
        finally
        {
            if (keeper is not null)
            {
                await keeper.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    /// <summary>The items that were put aside after too many deliveries.</summary>
    /// <exception cref="RaftKvException">No node could answer.</exception>
    public IAsyncEnumerable<KeyValueEntry> DeadAsync(CancellationToken cancellationToken = default) =>
        _client.RangeAsync(RaftKvRange.Prefix(_dead), rangeOptions: null, ReadLevel.Linearizable, cancellationToken);

    /// <summary>How many items are there, claimed ones included.</summary>
    /// <exception cref="RaftKvException">No node could answer.</exception>
    public async Task<long> CountAsync(CancellationToken cancellationToken = default) =>
        (await _client.CountAsync(RaftKvRange.Prefix(_items), ReadLevel.Linearizable, cancellationToken).ConfigureAwait(false)).Count;

    /// <summary>True when the item was ours and is done now.</summary>
    internal async Task<bool> CompleteAsync(WorkItem item, CancellationToken cancellationToken)
    {
        TxnResult result = await _client.Txn()
            .When(Compare.Key(_claims + item.Id).CreateRevision == item.ClaimRevision)
            .Then(Op.Delete(_items + item.Id), Op.Delete(_claims + item.Id), Op.Delete(_tries + item.Id))
            .CommitAsync(cancellationToken).ConfigureAwait(false);
        return result.Succeeded;
    }

    private async Task<WorkItem?> TryClaimAsync(string id, LeaseKeeper keeper, CancellationToken cancellationToken)
    {
        TxnResult result = await _client.Txn()
            .When(Compare.Key(_claims + id).IsMissing, Compare.Key(_items + id).Exists)
            .Then(
                Op.Put(_claims + id, AcquireRequest.DefaultOwner, keeper.Id),
                Op.Increment(_tries + id),
                Op.Get(_items + id))
            .CommitAsync(cancellationToken).ConfigureAwait(false);
        if (!result.Succeeded || result.Responses is not [_, TxnIncrementResult tries, TxnGetResult { Entry: { } entry }])
        {
            return null;
        }

        WorkItem item = new(this, id, entry.Value, tries.Value, result.Revision, keeper);
        if (_maxDeliveries > 0 && tries.Value > _maxDeliveries)
        {
            await PutAsideAsync(item, cancellationToken).ConfigureAwait(false);
            return null;
        }

        return item;
    }

    private Task PutAsideAsync(WorkItem item, CancellationToken cancellationToken) => _client.Txn()
        .When(Compare.Key(_claims + item.Id).CreateRevision == item.ClaimRevision)
        .Then(
            Op.Put(_dead + item.Id, item.Payload), Op.Delete(_items + item.Id), Op.Delete(_claims + item.Id), Op.Delete(_tries + item.Id))
        .CommitAsync(cancellationToken);

    private bool HasFreeItem(KeyState state)
    {
        HashSet<string> claimed = [.. state.Under(_claims).Select(claim => claim.Key.ToString()[_claims.Length..])];
        return state.Under(_items).Any(item => !claimed.Contains(item.Key.ToString()[_items.Length..]));
    }
}
