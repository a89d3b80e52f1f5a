using RaftKv.Client.Recipes;

namespace RaftKv.Client;

/// <summary>A gate that holds everybody up until somebody opens it. Safe from any thread.</summary>
/// <remarks><code>
/// DistributedBarrier migration = new(client, "barriers/migration");
/// await migration.CloseAsync();   // in the migration
/// await migration.WaitAsync(ct);  // everywhere else
/// </code></remarks>
public sealed class DistributedBarrier
{
    private readonly RaftKvClient _client;
    private readonly RaftKvKey _key;

    /// <summary>The gate at this key: closed while the key exists.</summary>
    public DistributedBarrier(RaftKvClient client, RaftKvKey key)
    {
        ArgumentNullException.ThrowIfNull(client);
        _client = client;
        _key = key.OrThrow(nameof(key));
    }

    /// <summary>Closes it; no change when it is closed.</summary>
    /// <param name="lease">Opens it by itself when this lease ends; null for never.</param>
    /// <exception cref="RaftKvException">It failed; the outcome says whether it may be closed.</exception>
    public async Task CloseAsync(string? lease = null, CancellationToken cancellationToken = default) =>
        await _client.TryCompareAndSetAsync(_key, Precondition.Missing, "", new WriteOptions { Lease = lease }, cancellationToken)
            .ConfigureAwait(false);

    /// <summary>Opens it: all who wait go on.</summary>
    /// <exception cref="RaftKvException">It failed; the outcome says whether it may be open.</exception>
    public Task OpenAsync(CancellationToken cancellationToken = default) => _client.DeleteAsync(_key, options: null, cancellationToken);

    /// <summary>Waits until it is open; at once when it is.</summary>
    /// <exception cref="RaftKvException">The request is refused. A cluster that is away is waited for.</exception>
    public Task WaitAsync(CancellationToken cancellationToken = default) =>
        StateWait.UntilAsync(_client, RaftKvRange.Single(_key), static state => state.Entries.Count == 0, cancellationToken);
}
