using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using RaftKv.Client;

namespace RaftKv.Caching;

/// <summary>Copies of entries in this process, which go when a watch says that their entry has changed. Safe from any thread.</summary>
/// <remarks>
/// The schedule that this prevents: 1. a reader fetches an entry; 2. another process overwrites it, and the watch tells this
/// one, which has no copy yet to drop; 3. the reader stores the old value, and everybody here reads it until it expires. So
/// a copy comes with the revision of the view that it was read from, and is kept only if the watch has been told of no later
/// change of that key (or of one that shares its stripe: that costs a fetch), and had begun by then.
/// Test: A_copy_that_was_read_before_a_change_and_offered_after_it_is_not_kept.
/// Copies are served only while a node streams changes and has said since it was connected that none is missing. Nothing is
/// served from a node that was lost; a node that is cut off from its cluster is noticed no sooner than it notices itself.
/// </remarks>
internal sealed class NearCopies : IAsyncDisposable
{
    private const int StripeCount = 1024;
    private const int EntryOverheadBytes = 200;
    private static readonly TimeSpan BookmarkInterval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly RaftKvClient _client;
    private readonly string _prefix;
    private readonly TimeProvider _time;
    private readonly MemoryCache _copies;
    private readonly Lock[] _gates = [.. Enumerable.Range(0, StripeCount).Select(static _ => new Lock())];

    // Revision of the last change that was heard of, for each stripe.
    private readonly long[] _changedAt = new long[StripeCount];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _run;
    private bool _isCurrent;
    private int _isDisposed;

    // Changes after this one have been, or will be, heard of.
    private long _heardFrom = long.MaxValue;

    internal NearCopies(RaftKvClient client, string prefix, long maxBytes, TimeProvider time)
    {
        _client = client;
        _prefix = prefix;
        _time = time;
        _copies = new MemoryCache(Options.Create(new MemoryCacheOptions { SizeLimit = maxBytes }));

        // The watch belongs to the cache, not to the trace or the causal context of whoever asked first.
        using (ExecutionContext.SuppressFlow())
        {
            _run = Task.Run(RunAsync);
        }
    }

    /// <summary>True while copies are served.</summary>
    internal bool IsCurrent => Volatile.Read(ref _isCurrent);

    public async ValueTask DisposeAsync()
    {
        // A container that knows it by two names disposes it twice.
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        await _stop.CancelAsync().ConfigureAwait(false);
        await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _copies.Dispose();
        _stop.Dispose();
    }

    internal NearCopy? Find(string key) => IsCurrent && _copies.TryGetValue(key, out NearCopy? copy) ? copy : null;

    /// <summary>Keeps a copy, if it is surely not of before a change that was heard of.</summary>
    /// <param name="readRevision">The revision of the view that it was read from.</param>
    internal void Offer(string key, NearCopy copy, long readRevision)
    {
        int stripe = StripeOf(key);
        lock (_gates[stripe])
        {
            if (IsCurrent && readRevision >= Volatile.Read(ref _heardFrom) && readRevision >= _changedAt[stripe])
            {
                long size = copy.Entry.Value.Length + (2L * key.Length) + EntryOverheadBytes;
                _copies.Set(key, copy, new MemoryCacheEntryOptions { Size = size });
            }
        }
    }

    /// <summary>The entry has changed at this revision.</summary>
    internal void Changed(string key, long revision)
    {
        int stripe = StripeOf(key);
        lock (_gates[stripe])
        {
            _changedAt[stripe] = Math.Max(_changedAt[stripe], revision);
            _copies.Remove(key);
        }
    }

    private static int StripeOf(string key) => (int)((uint)key.GetHashCode(StringComparison.Ordinal) % StripeCount);

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await FollowAsync().ConfigureAwait(false);
            }
            catch (Exception e) when (e is RaftKvException or ObjectDisposedException)
            {
                // No node, a compacted position, or no right any more: without copies until it goes on.
            }
            catch (OperationCanceledException)
            {
                return;
            }
            finally
            {
                Volatile.Write(ref _isCurrent, false);
            }

            await Task.Delay(Pause, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task FollowAsync()
    {
        GetResult now = await _client.TryGetAsync(_prefix, ReadLevel.Linearizable, _stop.Token).ConfigureAwait(false);
        _copies.Clear();
        Volatile.Write(ref _heardFrom, now.Metadata.Revision);
        WatchOptions options = new()
        {
            StartRevision = now.Metadata.Revision + 1,
            WithBookmarks = true,
            BookmarkInterval = BookmarkInterval,
            Disconnected = _ => Volatile.Write(ref _isCurrent, false),
        };
        IAsyncEnumerable<WatchBatch> batches = _client.WatchBatchesAsync(RaftKvRange.Prefix(_prefix), options, _stop.Token);
        await foreach (WatchBatch batch in batches.ConfigureAwait(false))
        {
            if (batch is WatchChanges changes)
            {
                foreach (WatchEvent change in changes.Events)
                {
                    if (change.Key.TryGetText(out string? text))
                    {
                        Changed(text[_prefix.Length..], changes.Revision);
                    }
                }
            }
            else
            {
                // A bookmark: nothing up to here is missing.
                Volatile.Write(ref _isCurrent, true);
            }
        }
    }
}

/// <summary>A copy, and when it was last seen to that its entry goes on living.</summary>
internal sealed class NearCopy(KeyValueEntry entry, EntryLife life, long renewedAt)
{
    private long _renewedAt = renewedAt;

    internal KeyValueEntry Entry => entry;

    internal EntryLife Life => life;

    /// <summary>True for the one caller who is to renew a sliding entry now: a quarter of its time has passed.</summary>
    internal bool MustRenew(TimeProvider time)
    {
        long seen = Volatile.Read(ref _renewedAt);
        return life.IsSliding
            && time.GetElapsedTime(seen) >= TimeSpan.FromMilliseconds(life.SlidingMs / 4.0)
            && Interlocked.CompareExchange(ref _renewedAt, time.GetTimestamp(), seen) == seen;
    }
}
