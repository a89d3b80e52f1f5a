namespace RaftKv.Core;

/// <summary>
/// Names one log entry for ever: two entries with one id are the same entry (Raft 5.3, log matching).
/// </summary>
public readonly record struct EntryId(Term Term, LogIndex Index)
{
    /// <summary>The place before the first entry.</summary>
    public static EntryId Zero => default;

    /// <summary>
    /// Raft 5.4.1: is a log that ends here at least as up to date as one that ends at <paramref name="other"/>?
    /// </summary>
    public bool IsAtLeastAsUpToDateAs(EntryId other) =>
        Term > other.Term || (Term == other.Term && Index >= other.Index);

    /// <summary>term/index.</summary>
    public override string ToString() => $"{Term}/{Index}";
}
