namespace RaftKv.Client;

/// <summary>The store's order of keys: by their bytes.</summary>
public sealed class RaftKvKeyOrder : IComparer<RaftKvKey>
{
    private RaftKvKeyOrder()
    {
    }

    /// <summary>The one there is.</summary>
    public static RaftKvKeyOrder Instance { get; } = new();

    /// <inheritdoc/>
    public int Compare(RaftKvKey x, RaftKvKey y) => x.Bytes.Span.SequenceCompareTo(y.Bytes.Span);
}
