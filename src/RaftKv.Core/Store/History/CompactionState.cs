namespace RaftKv.Core.Store.History;

/// <summary>
/// How far KV compaction has come. Replicated: the same on every node at an equal applied index, and in snapshots.
/// </summary>
/// <param name="CompactedRevision">Reads below are refused, from the moment of the command on; zero when never
/// compacted.</param>
/// <param name="IsPending">True while obsolete versions wait for their physical removal.</param>
/// <param name="CursorRevision">With <paramref name="CursorSub"/> the next change to visit. When not pending it is the
/// compacted revision.</param>
/// <param name="CursorSub">Place within <paramref name="CursorRevision"/>.</param>
internal readonly record struct CompactionState(Revision CompactedRevision, bool IsPending, Revision CursorRevision, int CursorSub)
{
    /// <summary>
    /// The state after the command to compact up to <paramref name="revision"/>. When the former work stood in the
    /// middle of its last revision, that revision is visited again: a tombstone there was kept, because reads at it
    /// were allowed, and no longer is.
    /// </summary>
    public CompactionState StartedAt(Revision revision) =>
        new(revision, IsPending: true, CursorRevision, CursorRevision == CompactedRevision ? 0 : CursorSub);

    /// <summary>The state after the last visit.</summary>
    public CompactionState Finished() => new(CompactedRevision, IsPending: false, CompactedRevision, CursorSub: 0);

    /// <summary>The state in the middle of the work.</summary>
    public CompactionState MovedTo(Revision revision, int sub) => new(CompactedRevision, IsPending: true, revision, sub);
}
