namespace RaftKv.Client;

/// <summary>Answer of <see cref="RaftKvClient.TryGetAsync"/>.</summary>
/// <param name="Entry">The pair; null when the key is missing.</param>
public sealed record GetResult(KeyValueEntry? Entry, ResponseMetadata Metadata)
{
    /// <summary>True when the key exists.</summary>
    public bool Found => Entry is not null;
}

/// <summary>A value as stored, without its other facts.</summary>
/// <param name="Bytes">The value.</param>
/// <param name="ModRevision">Revision of its last write.</param>
public sealed record RawValue(ReadOnlyMemory<byte> Bytes, long ModRevision, ResponseMetadata Metadata);

/// <summary>A key as written.</summary>
/// <param name="IsCreated">The key did not exist before.</param>
public sealed record PutResult(long CreateRevision, long ModRevision, long Version, bool IsCreated, ResponseMetadata Metadata);

/// <summary>How many keys went.</summary>
public sealed record DeleteResult(long DeletedCount, ResponseMetadata Metadata);

/// <summary>Whether a compare-and-set happened.</summary>
/// <param name="Succeeded">False: the precondition did not hold and nothing changed.</param>
/// <param name="ModRevision">The key's new revision when it succeeded, else 0.</param>
/// <param name="CurrentRevision">When it failed, the key's revision as the server told it: 0 when missing; null when it
/// did not tell.</param>
public sealed record CompareAndSetResult(bool Succeeded, long ModRevision, long? CurrentRevision, ResponseMetadata Metadata);

/// <summary>A counter after its addition.</summary>
/// <param name="Value">The new value.</param>
/// <param name="Revision">Revision of the addition.</param>
public sealed record IncrementResult(long Value, long Revision, ResponseMetadata Metadata);

/// <summary>How many keys a range holds.</summary>
public sealed record CountResult(long Count, ResponseMetadata Metadata)
{
    /// <summary>
    /// Bytes that they take now, all kept versions with their overhead, as quotas count; null when the count is of an older
    /// revision, or from a server that does not tell.
    /// </summary>
    public long? Bytes { get; init; }
}

/// <summary>A key's versions since the last compaction, newest first; deletions are among them.</summary>
/// <param name="HasMore">There are further ones, beyond the limit.</param>
public sealed record HistoryResult(IReadOnlyList<KeyValueEntry> Versions, bool HasMore, ResponseMetadata Metadata);

/// <summary>What an update loop wrote.</summary>
/// <param name="Value">The value that stands now.</param>
/// <param name="ModRevision">Its revision.</param>
/// <param name="Attempts">How many rounds it took; 1 when nobody interfered.</param>
public sealed record UpdateResult<T>(T Value, long ModRevision, int Attempts, ResponseMetadata Metadata);

/// <summary>Answer to a compaction.</summary>
/// <param name="Revision">Reads below this revision fail from now on.</param>
public sealed record CompactResult(long Revision, ResponseMetadata Metadata);

/// <summary>
/// A write that was taken but not yet committed; ask <see cref="RaftKvClient.GetOperationAsync"/> what became of it.
/// </summary>
public sealed record AcceptedOperation(string Id, ResponseMetadata Metadata);
