namespace RaftKv.Client;

/// <summary>One message of a watch; a closed set.</summary>
public abstract record WatchBatch
{
    private protected WatchBatch(long revision) => Revision = revision;

    /// <summary>Everything up to here is delivered with this message. To go on later, start at the next.</summary>
    public long Revision { get; }

    /// <summary>Brings a copy of the watched keys up to date.</summary>
    internal void ApplyTo(IDictionary<RaftKvKey, KeyValueEntry> entries)
    {
        if (this is WatchSnapshot snapshot)
        {
            entries.Clear();
            foreach (KeyValueEntry entry in snapshot.Entries)
            {
                entries[entry.Key] = entry;
            }
        }
        else if (this is WatchChanges changes)
        {
            foreach (WatchEvent change in changes.Events)
            {
                if (change.Type == WatchEventType.Put)
                {
                    entries[change.Key] = change.Entry;
                }
                else
                {
                    entries.Remove(change.Key);
                }
            }
        }
    }
}

/// <summary>All changes of one revision that concern the watch; never a part of them.</summary>
public sealed record WatchChanges : WatchBatch
{
    internal WatchChanges(long revision, IReadOnlyList<WatchEvent> events)
        : base(revision) => Events = events;

    /// <summary>In the order in which they happened.</summary>
    public IReadOnlyList<WatchEvent> Events { get; }
}

/// <summary>
/// The whole state at a revision: replace with it what you have. Keys that are not in it are deleted.
/// </summary>
public sealed record WatchSnapshot : WatchBatch
{
    internal WatchSnapshot(long revision, IReadOnlyList<KeyValueEntry> entries)
        : base(revision) => Entries = entries;

    /// <summary>In key order.</summary>
    public IReadOnlyList<KeyValueEntry> Entries { get; }
}

/// <summary>Nothing new up to this revision.</summary>
public sealed record WatchBookmark : WatchBatch
{
    internal WatchBookmark(long revision)
        : base(revision)
    {
    }
}

/// <summary>One change.</summary>
public sealed record WatchEvent
{
    /// <summary>What happened.</summary>
    public required WatchEventType Type { get; init; }

    /// <summary>Why it happened.</summary>
    public required WatchEventReason Reason { get; init; }

    /// <summary>The key.</summary>
    public required RaftKvKey Key { get; init; }

    /// <summary>The new pair; after a delete an empty one with <see cref="KeyValueEntry.Version"/> 0.</summary>
    public required KeyValueEntry Entry { get; init; }

    /// <summary>The pair before; null when there was none, or when it was not asked for.</summary>
    public KeyValueEntry? Previous { get; init; }

    /// <summary>The revision of the change.</summary>
    public required long Revision { get; init; }
}

/// <summary>The kinds of change.</summary>
public enum WatchEventType
{
    /// <summary>A key was written.</summary>
    Put = 0,

    /// <summary>A key was deleted.</summary>
    Delete = 1,
}

/// <summary>Why a change happened.</summary>
public enum WatchEventReason
{
    /// <summary>Somebody wrote it.</summary>
    Put = 0,

    /// <summary>Somebody deleted it.</summary>
    Deleted = 1,

    /// <summary>Its lease expired.</summary>
    Expired = 2,

    /// <summary>Its lease was revoked.</summary>
    Revoked = 3,

    /// <summary>A reason that this client doesn't know.</summary>
    Other = 4,
}
