using System.Globalization;
using RaftKv.Client;
using static RaftKv.Client.Compare;

namespace RaftKv.RateLimiting;

/// <summary>What was taken from the cluster's window.</summary>
/// <param name="Taken">0 when nothing was.</param>
/// <param name="Left">What the window had left for others after it.</param>
/// <param name="EndsAt">
/// Until this timestamp of the local clock the window surely goes on; null when that is not known, and then nothing may be
/// kept for later.
/// </param>
/// <param name="Remaining">How long the window may last yet; null when the cluster did not tell.</param>
/// <param name="Revision">The window's revision, for who waits for its end.</param>
internal readonly record struct Taking(int Taken, int Left, long? EndsAt, TimeSpan? Remaining, long Revision);

/// <summary>
/// The window that all share: one key, which holds how much was taken and hangs on a lease of the window's length. Safe from
/// any thread.
/// </summary>
/// <remarks>
/// The lease is never renewed, so the cluster itself ends the window, by one clock, never early. Takers compare and set, so
/// that no two count the same permit; one whose outcome is not known has taken it and does not use it.
/// </remarks>
internal sealed class SharedWindow(RaftKvClient client, RaftKvKey key, RaftKvRateLimiterOptions options)
{
    private const int MaxRounds = 64;

    /// <summary>Takes as many as <paramref name="wanted"/>, and at least <paramref name="needed"/> or nothing.</summary>
    internal async Task<Taking> TakeAsync(int needed, int wanted, CancellationToken cancellationToken)
    {
        for (int round = 0; round < MaxRounds; round++)
        {
            long sentAt = options.TimeProvider.GetTimestamp();
            GetResult read = await client.TryGetAsync(key, ReadLevel.Linearizable, cancellationToken).ConfigureAwait(false);
            Taking? taking = read.Entry is { } entry
                ? await TakeMoreAsync(entry, needed, wanted, sentAt, cancellationToken).ConfigureAwait(false)
                : await OpenAsync(Math.Min(wanted, options.PermitLimit), read.Metadata.Revision, cancellationToken).ConfigureAwait(false);
            if (taking is { } done)
            {
                return done;
            }
        }

        // So many at once that this one never came first: refused for now.
        return default;
    }

    /// <summary>Returns when the window has ended.</summary>
    /// <param name="revision">From the taking that found it full.</param>
    internal async Task WaitForEndAsync(long revision, CancellationToken cancellationToken)
    {
        WatchOptions watch = new() { StartRevision = revision + 1, OnCompacted = WatchCompaction.Snapshot };
        await foreach (WatchBatch batch in client.WatchBatchesAsync(key, watch, cancellationToken).ConfigureAwait(false))
        {
            bool hasEnded = batch switch
            {
                WatchChanges changes => changes.Events.Any(static change => change.Type == WatchEventType.Delete),

                // In place of changes that are compacted: no window, or a later one.
                WatchSnapshot snapshot => snapshot.Entries.All(entry => entry.CreateRevision > revision),
                _ => false,
            };
            if (hasEnded)
            {
                return;
            }
        }
    }

    /// <summary>Null: others were faster.</summary>
    private async Task<Taking?> TakeMoreAsync(
        KeyValueEntry entry, int needed, int wanted, long sentAt, CancellationToken cancellationToken)
    {
        bool isNumber = int.TryParse(entry.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out int number);
        int used = isNumber ? number : options.PermitLimit;
        int left = Math.Max(0, options.PermitLimit - used);
        int taken = left < needed ? 0 : Math.Min(left, wanted);
        TimeSpan? remaining = entry.Lease is { } lease && (taken == 0 || taken > needed)
            ? (await client.Leases.GetAsync(lease, cancellationToken).ConfigureAwait(false))?.Remaining
            : null;
        if (taken == 0)
        {
            return new Taking(0, left, EndsAt: null, remaining, entry.ModRevision);
        }

        // More than is needed only where it is known how long it may be kept.
        taken = remaining is null ? needed : taken;
        TxnResult txn = await client.Txn()
            .When(Key(key).ModRevision == entry.ModRevision)
            .Then(Op.Put(key, (used + taken).ToString(CultureInfo.InvariantCulture), entry.Lease))
            .CommitAsync(cancellationToken).ConfigureAwait(false);
        return txn.Succeeded
            ? new Taking(taken, left - taken, remaining is { } time ? After(sentAt, time) : null, remaining, txn.Revision)
            : null;
    }

    /// <summary>Null: another one has opened it.</summary>
    private async Task<Taking?> OpenAsync(int taken, long revision, CancellationToken cancellationToken)
    {
        if (taken == 0)
        {
            return new Taking(0, options.PermitLimit, EndsAt: null, Remaining: null, revision);
        }

        long sentAt = options.TimeProvider.GetTimestamp();
        LeaseGrant lease = await client.Leases.GrantAsync(options.Window, options: null, cancellationToken).ConfigureAwait(false);
        TxnResult txn = await client.Txn()
            .When(Key(key).IsMissing)
            .Then(Op.Put(key, taken.ToString(CultureInfo.InvariantCulture), lease.Id))
            .CommitAsync(cancellationToken).ConfigureAwait(false);
        if (txn.Succeeded)
        {
            return new Taking(taken, options.PermitLimit - taken, After(sentAt, options.Window), options.Window, txn.Revision);
        }

        await client.Leases.RevokeAsync(lease.Id, cancellationToken).ConfigureAwait(false);
        return null;
    }

    private long After(long timestamp, TimeSpan span) =>
        timestamp + (long)(span.TotalSeconds * options.TimeProvider.TimestampFrequency);
}
