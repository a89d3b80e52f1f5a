using System.Globalization;
using RaftKv.Client.Recipes;

namespace RaftKv.Client;

/// <summary>Waits until a number of things have happened, wherever they happen. Safe from any thread.</summary>
/// <remarks><code>
/// CountdownLatch latch = new(client, "latches/import");
/// await latch.TrySetCountAsync(3);
/// await latch.CountDownAsync();   // in each of three places
/// await latch.WaitAsync(ct);
/// </code></remarks>
public sealed class CountdownLatch
{
    private readonly RaftKvClient _client;
    private readonly RaftKvKey _key;

    /// <summary>The latch at this key, which holds the number as text.</summary>
    public CountdownLatch(RaftKvClient client, RaftKvKey key)
    {
        ArgumentNullException.ThrowIfNull(client);
        _client = client;
        _key = key.OrThrow(nameof(key));
    }

    /// <summary>Sets the number if nobody has; false when somebody has.</summary>
    /// <exception cref="RaftKvException">It failed; the outcome says whether it may be set.</exception>
    public async Task<bool> TrySetCountAsync(long count, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        CompareAndSetResult result = await _client
            .TryCompareAndSetAsync(_key, Precondition.Missing, count.ToString(CultureInfo.InvariantCulture), options: null, cancellationToken)
            .ConfigureAwait(false);
        return result.Succeeded;
    }

    /// <summary>Counts down by one, exactly once; the number that is left, not below 0.</summary>
    /// <exception cref="InvalidOperationException">No number was set.</exception>
    /// <exception cref="RaftKvOutcomeUnknownException">It may or may not be counted.</exception>
    /// <exception cref="RaftKvException">Other failures; not counted.</exception>
    public async Task<long> CountDownAsync(CancellationToken cancellationToken = default)
    {
        TxnResult result = await _client.Txn().When(Compare.Key(_key).Exists).Then(Op.Increment(_key, -1))
            .CommitAsync(cancellationToken).ConfigureAwait(false);
        return result is { Succeeded: true, Responses: [TxnIncrementResult left] }
            ? Math.Max(left.Value, 0)
            : throw new InvalidOperationException($"The latch {_key} has no count; call TrySetCountAsync first.");
    }

    /// <summary>The number that is left; 0 when it is through, null when none was set.</summary>
    /// <exception cref="RaftKvException">No node could answer.</exception>
    public async Task<long?> GetCountAsync(CancellationToken cancellationToken = default)
    {
        KeyValueEntry? entry = await _client.GetAsync(_key, ReadLevel.Linearizable, cancellationToken).ConfigureAwait(false);
        return entry is null ? null : Math.Max(Read(entry), 0);
    }

    /// <summary>Waits until the number is 0; also for one that is yet to be set.</summary>
    /// <exception cref="RaftKvException">The request is refused. A cluster that is away is waited for.</exception>
    public Task WaitAsync(CancellationToken cancellationToken = default) => StateWait.UntilAsync(
        _client, RaftKvRange.Single(_key), state => state[_key] is { } entry && Read(entry) <= 0, cancellationToken);

    /// <summary>Removes it, for another use of the key.</summary>
    /// <exception cref="RaftKvException">It failed; the outcome says whether it may be gone.</exception>
    public Task ResetAsync(CancellationToken cancellationToken = default) => _client.DeleteAsync(_key, options: null, cancellationToken);

    private long Read(KeyValueEntry entry) => long.TryParse(entry.Value.Span, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long count)
        ? count
        : throw new InvalidOperationException($"The key {_key} holds no count.");
}
