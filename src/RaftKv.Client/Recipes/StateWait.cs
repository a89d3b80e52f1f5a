namespace RaftKv.Client.Recipes;

/// <summary>Waits for a state of a few keys, without polling: a snapshot first, then each change.</summary>
internal static class StateWait
{
    /// <summary>Returns the first state that will do, with its revision.</summary>
    internal static async Task<KeyState> UntilAsync(
        RaftKvClient client, RaftKvRange range, Func<KeyState, bool> isMet, CancellationToken cancellationToken)
    {
        SortedDictionary<RaftKvKey, KeyValueEntry> entries = new(RaftKvKeyOrder.Instance);

        // Linearizable, whatever the client's default: a state of the past must not end the wait.
        WatchOptions options = new() { OnCompacted = WatchCompaction.Snapshot, Level = ReadLevel.Linearizable };
        await foreach (WatchBatch batch in client.WatchBatchesAsync(range, options, cancellationToken).ConfigureAwait(false))
        {
            batch.ApplyTo(entries);
            KeyState state = new(entries, batch.Revision);
            if (isMet(state))
            {
                return state;
            }
        }

        throw new OperationCanceledException(cancellationToken);
    }
}

/// <summary>The keys of a range at a revision.</summary>
internal sealed record KeyState(IReadOnlyDictionary<RaftKvKey, KeyValueEntry> Entries, long Revision)
{
    internal KeyValueEntry? this[RaftKvKey key] => Entries.TryGetValue(key, out KeyValueEntry? entry) ? entry : null;

    /// <summary>Keys of text that begin so.</summary>
    internal IEnumerable<KeyValueEntry> Under(string prefix) =>
        Entries.Values.Where(entry => entry.Key.ToString().StartsWith(prefix, StringComparison.Ordinal));
}
