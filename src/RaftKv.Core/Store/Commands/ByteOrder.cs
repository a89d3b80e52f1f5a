namespace RaftKv.Core.Store.Commands;

/// <summary>Keys compare byte by byte, unsigned; a prefix comes before what it begins.</summary>
internal sealed class ByteOrder : IComparer<ReadOnlyMemory<byte>>
{
    public static ByteOrder Instance { get; } = new();

    public int Compare(ReadOnlyMemory<byte> x, ReadOnlyMemory<byte> y) => x.Span.SequenceCompareTo(y.Span);
}
