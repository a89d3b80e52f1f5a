using System.Runtime.CompilerServices;
using RaftKv.Client.Calls;
using RaftKv.Client.Kv;

namespace RaftKv.Client.Watch;

/// <summary>Begins watches.</summary>
internal static class Watcher
{
    /// <summary>The query of a range; every key is the empty prefix.</summary>
    internal static string ScopeOf(RaftKvRange range)
    {
        ArgumentNullException.ThrowIfNull(range);
        return range.IsAll ? "prefix=" : KeyEncoding.RangeQuery(range);
    }

    internal static IAsyncEnumerable<WatchBatch> BatchesAsync(
        CallCore core, string scope, WatchOptions? options, CancellationToken cancellationToken)
    {
        options ??= new();
        if (options.StartRevision is { } start)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(start, 1, nameof(options));
        }

        if (options.OnCompacted == WatchCompaction.Snapshot && options.Only is not null)
        {
            throw new ArgumentException("A snapshot replaces the whole state; it does not go with a filter by kind.", nameof(options));
        }

        core.ThrowIfDisposed();
        return new WatchRun(core.Sender, core.Options, scope, options).RunAsync(cancellationToken);
    }

    internal static IAsyncEnumerable<WatchEvent> EventsAsync(
        CallCore core, string scope, WatchOptions? options, CancellationToken cancellationToken)
    {
        if (options is { OnCompacted: WatchCompaction.Snapshot })
        {
            throw new ArgumentException("A snapshot is no event; use WatchBatchesAsync.", nameof(options));
        }

        return FlattenAsync(BatchesAsync(core, scope, options, cancellationToken), cancellationToken);
    }

    private static async IAsyncEnumerable<WatchEvent> FlattenAsync(
        IAsyncEnumerable<WatchBatch> batches, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (WatchBatch batch in batches.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            if (batch is WatchChanges changes)
            {
                foreach (WatchEvent change in changes.Events)
                {
                    yield return change;
                }
            }
        }
    }
}
