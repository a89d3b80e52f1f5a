namespace RaftKv.Core.Store;

/// <summary>The whole replicated state of a view as a sequence of byte blocks, and back. Files, checksums and names are not its business.</summary>
public static class StoreSnapshot
{
    /// <summary>Encodes lazily, in blocks of about <paramref name="blockBytes"/>; a block's bytes are valid until the next one is asked for.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> Encode(StoreView view, int blockBytes) => throw new NotImplementedException();

    /// <summary>Rebuilds a store, published, with the same view and the same state hash. Throws <see cref="FormatException"/> on bad bytes.</summary>
    public static MvccStore Decode(IEnumerable<ReadOnlyMemory<byte>> blocks) => throw new NotImplementedException();
}
