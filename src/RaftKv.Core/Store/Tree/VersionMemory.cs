using System.Buffers;
using System.Runtime.InteropServices;

namespace RaftKv.Core.Store.Tree;

/// <summary>Key and value of a version that holds them in itself, as memory that may be kept. Nobody writes to it.</summary>
internal sealed class VersionMemory(KeyValue version) : MemoryManager<byte>
{
    /// <inheritdoc/>
    public override Memory<byte> Memory => CreateMemory(version.DataBytes);

    /// <inheritdoc/>
    public override Span<byte> GetSpan() => MemoryMarshal.CreateSpan(ref MemoryMarshal.GetReference(version.KeySpan), version.DataBytes);

    /// <summary>The object of the version cannot be pinned; what is read through a pointer is a copy.</summary>
    public override MemoryHandle Pin(int elementIndex = 0) => GetSpan().ToArray().AsMemory(elementIndex).Pin();

    /// <inheritdoc/>
    public override void Unpin()
    {
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
    }
}
