namespace RaftKv.Client;

/// <summary>What a txn did.</summary>
/// <param name="Succeeded">All conditions held, so the Then list ran; else the Else list.</param>
/// <param name="Revision">The store's revision after it.</param>
/// <param name="Responses">One for each operation of the list that ran, in order.</param>
public sealed record TxnResult(bool Succeeded, long Revision, IReadOnlyList<TxnOpResult> Responses, ResponseMetadata Metadata);

/// <summary>Result of one operation; a closed set.</summary>
public abstract record TxnOpResult
{
    private protected TxnOpResult()
    {
    }
}

/// <summary>A put happened.</summary>
/// <param name="ModRevision">Its revision: the txn's.</param>
public sealed record TxnPutResult(long ModRevision) : TxnOpResult;

/// <summary>A delete happened.</summary>
public sealed record TxnDeleteResult(long DeletedCount) : TxnOpResult;

/// <summary>An addition happened.</summary>
/// <param name="Value">The counter's new value.</param>
public sealed record TxnIncrementResult(long Value) : TxnOpResult;

/// <summary>A read's pairs; empty when the key is missing.</summary>
/// <param name="HasMore">The server's page limit cut the range; walk it with
/// <see cref="RaftKvClient.RangeAsync"/>.</param>
public sealed record TxnGetResult(IReadOnlyList<KeyValueEntry> Entries, bool HasMore) : TxnOpResult
{
    /// <summary>The first pair; null when there is none.</summary>
    public KeyValueEntry? Entry => Entries.Count > 0 ? Entries[0] : null;
}

/// <summary>A nested txn's result.</summary>
public sealed record TxnNestedResult(bool Succeeded, IReadOnlyList<TxnOpResult> Responses) : TxnOpResult;
