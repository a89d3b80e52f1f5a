using System.Globalization;
using System.Threading.Channels;
using RaftKv.Client;

namespace RaftKv.BackgroundWork;

/// <summary>
/// Every change of a range, in order, into a channel, at least once, over restarts: the position of what was acknowledged is
/// kept at the cluster. Safe from any thread; one at a time for a name, which a <see cref="WatchOutboxOptions.Fence"/> sees to.
/// </summary>
/// <remarks><code>
/// await using WatchOutbox outbox = await WatchOutbox.StartAsync(client, RaftKvRange.Prefix("orders/"), new() { Name = "mailer" }, stop);
/// await foreach (OutboxItem item in outbox.Reader.ReadAllAsync(stop))
/// {
///     await MailAsync(item.Batch);
///     await item.AcknowledgeAsync(stop);
/// }
/// </code></remarks>
public sealed class WatchOutbox : IAsyncDisposable
{
    // A quiet range: its position follows the store's by so much, so that a compaction does not overtake it.
    private const long QuietRevisions = 1_000;

    private readonly RaftKvClient _client;
    private readonly WatchOutboxOptions _options;
    private readonly Channel<OutboxItem> _channel;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _saving = new(1, 1);
    private readonly Lock _gate = new();
    private readonly Queue<OutboxItem> _open = new();
    private Task _run = Task.CompletedTask;
    private long _position;
    private long _savedPosition;
    private int _unsaved;

    private WatchOutbox(RaftKvClient client, WatchOutboxOptions options, long position)
    {
        _client = client;
        _options = options;
        _position = position;
        _savedPosition = position;
        _channel = Channel.CreateBounded<OutboxItem>(new BoundedChannelOptions(options.Capacity)
        {
            SingleWriter = true,
            FullMode = BoundedChannelFullMode.Wait,
        });
    }

    /// <summary>What comes, in order. Ends with the fault of the watch, if it is refused or compacted.</summary>
    public ChannelReader<OutboxItem> Reader => _channel.Reader;

    /// <summary>Up to this revision everything is acknowledged.</summary>
    public long Position
    {
        get
        {
            lock (_gate)
            {
                return _position;
            }
        }
    }

    /// <summary>Goes on after the position of this name; the first time ever with what comes from now on.</summary>
    /// <exception cref="RaftKvException">No node could answer, or the fence is lost.</exception>
    public static async Task<WatchOutbox> StartAsync(
        RaftKvClient client, RaftKvRange range, WatchOutboxOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(range);
        ArgumentNullException.ThrowIfNull(options);
        long? position = await FindPositionAsync(client, options, cancellationToken).ConfigureAwait(false);
        WatchOutbox outbox = new(client, options, position ?? 0);

        // The watch belongs to the outbox, not to the trace or the causal context of whoever made it.
        using (ExecutionContext.SuppressFlow())
        {
            outbox._run = Task.Run(() => outbox.RunAsync(range, position + 1), CancellationToken.None);
        }

        return outbox;
    }

    /// <summary>Ends the watch and writes the position; what is not acknowledged comes again after the next start.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            await SaveAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (RaftKvException)
        {
            // Some of it comes again: at least once is what was promised.
        }
    }

    internal async Task AcknowledgeAsync(OutboxItem item, CancellationToken cancellationToken)
    {
        bool mustSave;
        lock (_gate)
        {
            item.IsAcknowledged = true;
            while (_open.TryPeek(out OutboxItem? first) && first.IsAcknowledged)
            {
                _position = _open.Dequeue().Batch.Revision;
                _unsaved++;
            }

            mustSave = _unsaved >= _options.CheckpointEvery;
        }

        if (mustSave)
        {
            await SaveAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Null: from the present state on, which comes first.</summary>
    private static async Task<long?> FindPositionAsync(RaftKvClient client, WatchOutboxOptions options, CancellationToken cancellationToken)
    {
        while (true)
        {
            GetResult found = await client.TryGetAsync(options.PositionKey, ReadLevel.Linearizable, cancellationToken)
                .ConfigureAwait(false);
            if (found.Entry is { } entry)
            {
                return long.Parse(entry.GetString(), NumberStyles.None, CultureInfo.InvariantCulture);
            }

            if (options.OnCompacted == WatchCompaction.Snapshot)
            {
                return null;
            }

            // Written before anything is delivered: a crash before the first acknowledgment must not skip what comes meanwhile.
            byte[] now = Encode(found.Metadata.Revision);
            CompareAndSetResult begun = await client.TryCompareAndSetAsync(
                options.PositionKey, Precondition.Missing, now, new WriteOptions { Fence = options.Fence }, cancellationToken)
                    .ConfigureAwait(false);
            if (begun.Succeeded)
            {
                return found.Metadata.Revision;
            }
        }
    }

    private static byte[] Encode(long revision) => System.Text.Encoding.ASCII.GetBytes(revision.ToString(CultureInfo.InvariantCulture));

    private async Task RunAsync(RaftKvRange range, long? startRevision)
    {
        Exception? fault = null;
        try
        {
            WatchOptions watch = new() { StartRevision = startRevision, OnCompacted = _options.OnCompacted, WithBookmarks = true };
            await foreach (WatchBatch batch in _client.WatchBatchesAsync(range, watch, _stop.Token).ConfigureAwait(false))
            {
                if (batch is WatchBookmark)
                {
                    await MoveQuietlyAsync(batch.Revision).ConfigureAwait(false);
                    continue;
                }

                OutboxItem item = new(this, batch);
                lock (_gate)
                {
                    _open.Enqueue(item);
                }

                await _channel.Writer.WriteAsync(item, _stop.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
        catch (Exception e)
        {
            fault = e;
        }

        _channel.Writer.TryComplete(fault);
    }

    /// <summary>
    /// Nothing came for long: without this a compaction would overtake the position, and the next start miss nothing
    /// and not know it.
    /// </summary>
    private async Task MoveQuietlyAsync(long revision)
    {
        lock (_gate)
        {
            if (_open.Count > 0 || revision < _savedPosition + QuietRevisions)
            {
                return;
            }

            _position = Math.Max(_position, revision);
        }

        try
        {
            await SaveAsync(_stop.Token).ConfigureAwait(false);
        }
        catch (RaftKvException)
        {
            // With a later bookmark.
        }
    }

    private async Task SaveAsync(CancellationToken cancellationToken)
    {
        await _saving.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            long position;
            lock (_gate)
            {
                position = _position;
                _unsaved = 0;
            }

            if (position > _savedPosition)
            {
                await _client.PutAsync(
                    _options.PositionKey, Encode(position), new WriteOptions { Fence = _options.Fence }, cancellationToken)
                        .ConfigureAwait(false);
                _savedPosition = position;
            }
        }
        finally
        {
            _saving.Release();
        }
    }
}

/// <summary>One batch on its way.</summary>
public sealed class OutboxItem
{
    private readonly WatchOutbox _outbox;

    internal OutboxItem(WatchOutbox outbox, WatchBatch batch)
    {
        _outbox = outbox;
        Batch = batch;
    }

    /// <summary>All changes of one revision, or a whole state in place of changes that are gone.</summary>
    public WatchBatch Batch { get; }

    /// <summary>Within the outbox' gate.</summary>
    internal bool IsAcknowledged { get; set; }

    /// <summary>It is done with, and does not come again once all before it are acknowledged too.</summary>
    /// <exception cref="RaftKvPreconditionException">Code <c>fence-lost</c>: another one delivers by now.</exception>
    /// <exception cref="RaftKvException">The position could not be written: it may come again.</exception>
    public Task AcknowledgeAsync(CancellationToken cancellationToken = default) => _outbox.AcknowledgeAsync(this, cancellationToken);
}
