namespace RaftKv.JepsenStyle.Checkers;

/// <summary>One change of one key, as history has it or as a watch told it.</summary>
/// <param name="Value">Null after a deletion.</param>
/// <param name="Previous">Value before the change, where a watch told one.</param>
internal sealed record WatchedChange(
    long Revision, string Key, string? Value, long CreateRevision, long Version, string? Previous = null)
{
    public bool IsDelete => Version == 0;
}

/// <summary>A pair as a snapshot showed it.</summary>
internal sealed record WatchedPair(string Key, string Value, long ModRevision);

/// <summary>A message of a watch; a closed set.</summary>
internal abstract record WatchMessage;

/// <summary>One revision's changes.</summary>
internal sealed record ChangeMessage(long Revision, IReadOnlyList<WatchedChange> Events) : WatchMessage;

/// <summary>Everything up to the revision was told.</summary>
internal sealed record BookmarkMessage(long Revision) : WatchMessage;

/// <summary>A part of the state at the revision.</summary>
internal sealed record SnapshotMessage(long Revision, IReadOnlyList<WatchedPair> Pairs, bool IsComplete) : WatchMessage;

/// <summary>The end and its reason. A refused opening counts as one too.</summary>
internal sealed record CancelMessage(string Code, long? CompactedRevision) : WatchMessage;

/// <summary>One stream of a watch.</summary>
/// <param name="Start">First revision that was asked for; 0 for "from now", or for a state first.</param>
/// <param name="Messages">What came, in order.</param>
/// <param name="CompactedAtOpen">The compacted revision, where it is known that it held before the stream was asked
/// for.</param>
internal sealed record WatchConnection(long Start, IReadOnlyList<WatchMessage> Messages, long CompactedAtOpen = 0);

/// <summary>What one client was told in all: streams, each of which went on where the last one ended.</summary>
/// <param name="EndRevision">The revision that it must have been told up to; 0 when nothing is known of that.</param>
internal sealed record WatchTrace(
    string Name, WatchScope Scope, bool WantsPrevious, IReadOnlyList<WatchConnection> Connections, long EndRevision = 0);

/// <summary>Which changes a watch is about: a key, a prefix, or [start, end).</summary>
internal sealed record WatchScope(
    string? Key = null, string? Prefix = null, string? Start = null, string? End = null, bool Puts = true, bool Deletes = true)
{
    public bool Matches(WatchedChange change) => HasKey(change.Key) && (change.IsDelete ? Deletes : Puts);

    public bool HasKey(string key) =>
        Key is not null ? key == Key
        : Prefix is not null ? key.StartsWith(Prefix, StringComparison.Ordinal)
        : string.CompareOrdinal(key, Start ?? "") >= 0 && (End is null || string.CompareOrdinal(key, End) < 0);
}

/// <summary>What really happened, in the order of the log.</summary>
/// <param name="Changes">All changes from the first revision on, those of one revision next to each other in the order
/// of their writes.</param>
/// <param name="LastRevision">The newest revision that was committed.</param>
/// <param name="CompactedRevision">The highest that was ever compacted.</param>
internal sealed record WatchHistory(IReadOnlyList<WatchedChange> Changes, long LastRevision, long CompactedRevision = 0);
