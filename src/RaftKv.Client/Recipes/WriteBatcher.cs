using System.Threading.Channels;

namespace RaftKv.Client;

/// <summary>
/// Collects small writes of many callers into txns: one entry of the log and one round trip for many. Safe from any thread.
/// </summary>
/// <remarks>
/// While one txn is on its way the next one fills up, so a lone write is not delayed and a crowd shares. Writes keep their
/// order. All of a txn share its revision and its outcome, an unknown one too; what the server refuses as it is (a lease that
/// is gone, too large a value) is sent again one by one, so that only its own caller is told.
/// <code>
/// await using WriteBatcher batcher = new(client);
/// await Task.WhenAll(readings.Select(reading => batcher.PutAsync($"sensors/{reading.Id}", reading.Bytes)));
/// </code>
/// </remarks>
public sealed class WriteBatcher : IAsyncDisposable
{
    private readonly IRaftKvClient _client;
    private readonly WriteBatcherOptions _options;
    private readonly Channel<PendingWrite> _waiting;
    private readonly Task _run;

    /// <summary>A batcher of this client's writes.</summary>
    /// <param name="client">Not disposed here.</param>
    /// <param name="options">Null for the defaults.</param>
    public WriteBatcher(IRaftKvClient client, WriteBatcherOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        _client = client;
        _options = options ?? new();
        _waiting = Channel.CreateBounded<PendingWrite>(new BoundedChannelOptions(_options.Capacity) { SingleReader = true });

        // The writes of many belong to no one's trace or causal context.
        using (ExecutionContext.SuppressFlow())
        {
            _run = Task.Run(RunAsync);
        }
    }

    /// <summary>Writes a key; returns the revision. Waits while <see cref="WriteBatcherOptions.Capacity"/> writes wait.</summary>
    /// <param name="lease">The lease that it hangs on, as hex; null for none.</param>
    /// <param name="cancellationToken">Ends the wait only: the write may still be applied.</param>
    /// <exception cref="RaftKvException">It failed; the outcome says whether it was applied.</exception>
    /// <exception cref="ObjectDisposedException">The batcher is disposed; nothing was sent.</exception>
    public Task<long> PutAsync(
        RaftKvKey key, ReadOnlyMemory<byte> value, string? lease = null, CancellationToken cancellationToken = default) =>
        AddAsync(new PendingWrite(key.OrThrow(nameof(key)), Op.Put(key, value, lease), key.Bytes.Length + value.Length), cancellationToken);

    /// <summary>Deletes a key; returns the revision.</summary>
    /// <inheritdoc cref="PutAsync"/>
    public Task<long> DeleteAsync(RaftKvKey key, CancellationToken cancellationToken = default) =>
        AddAsync(new PendingWrite(key.OrThrow(nameof(key)), Op.Delete(key), key.Bytes.Length), cancellationToken);

    /// <summary>Sends what waits, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _run.ConfigureAwait(false);
    }

    private async Task<long> AddAsync(PendingWrite write, CancellationToken cancellationToken)
    {
        try
        {
            await _waiting.Writer.WriteAsync(write, cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(GetType().FullName);
        }

        return await write.Done.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task RunAsync()
    {
        while (await _waiting.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            await SendAsync(TakeBatch()).ConfigureAwait(false);
        }
    }

    /// <summary>What waits now, up to the limits; a key that is in it already begins the next one.</summary>
    private List<PendingWrite> TakeBatch()
    {
        List<PendingWrite> batch = [];
        HashSet<RaftKvKey> keys = [];
        long bytes = 0;
        while (batch.Count < _options.MaxOperations
            && _waiting.Reader.TryPeek(out PendingWrite? next)
            && (batch.Count == 0 || bytes + next.Bytes <= _options.MaxBytes)
            && keys.Add(next.Key)
            && _waiting.Reader.TryRead(out PendingWrite? write))
        {
            batch.Add(write);
            bytes += write.Bytes;
        }

        return batch;
    }

    private async Task SendAsync(List<PendingWrite> batch)
    {
        try
        {
            TxnBuilder txn = new();
            batch.ForEach(write => txn.Then(write.Operation));
            TxnResult result = await _client.CommitAsync(txn).ConfigureAwait(false);
            batch.ForEach(write => write.Done.TrySetResult(result.Revision));
        }
        catch (RaftKvRequestException) when (batch.Count > 1)
        {
            foreach (PendingWrite write in batch)
            {
                await SendAsync([write]).ConfigureAwait(false);
            }
        }
        catch (Exception e)
        {
            // Each caller is told; the batcher goes on with those who wait.
            batch.ForEach(write => write.Done.TrySetException(e));
        }
    }

    private sealed record PendingWrite(RaftKvKey Key, TxnOp Operation, long Bytes)
    {
        internal TaskCompletionSource<long> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

/// <summary>How much goes into one txn.</summary>
public sealed record WriteBatcherOptions
{
    /// <summary>Most operations in a txn, 1 to 4,096. Default 128.</summary>
    public int MaxOperations
    {
        get;
        init => field = value is >= 1 and <= 4_096
            ? value
            : throw new ArgumentOutOfRangeException(nameof(MaxOperations), value, "1 to 4,096.");
    } = 128;

    /// <summary>Most bytes of keys and values in a txn, but for a single larger write; 1 or more. Default 256 KiB.</summary>
    public int MaxBytes
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(MaxBytes), value, "1 or more.");
    } = 256 << 10;

    /// <summary>Most writes that wait, 1 or more; more callers wait for room. Default 4,096.</summary>
    public int Capacity
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(Capacity), value, "1 or more.");
    } = 4_096;
}
