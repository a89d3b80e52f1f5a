using System.Buffers;
using System.Buffers.Binary;
using RaftKv.Core.Store.Gates;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Core.Store.Snapshot;

/// <summary>
/// The whole replicated state of a view as a sequence of byte blocks, and back. Files, checksums and names are not its
/// business.
/// The layout is drawn in docs/snapshot-format.md.
/// </summary>
public static class StoreSnapshot
{
    // "RaftKvS" and the version of the layout.
    internal const ulong Magic = 0x03_53_76_4B_74_66_61_52;

    /// <summary>Bytes before the first key.</summary>
    internal const int HeaderBytes = 11 * sizeof(ulong);

    /// <summary>Bytes of a version on top of its value.</summary>
    internal const int VersionHeaderBytes = (4 * sizeof(long)) + (2 * sizeof(int)) + sizeof(byte);

    /// <summary>
    /// Encodes lazily, in blocks of about <paramref name="blockBytes"/>; a block's bytes are valid until the next one
    /// is asked for.
    /// </summary>
    /// <remarks>
    /// Reads only the view, so it may run on any thread while the store goes on. A block is larger than asked by at
    /// most one version.
    /// The same view gives the same bytes, on every node.
    /// </remarks>
    public static IEnumerable<ReadOnlyMemory<byte>> Encode(StoreView view, int blockBytes)
    {
        ArgumentNullException.ThrowIfNull(view);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(blockBytes);
        return EncodeBlocks(view, blockBytes);
    }

    /// <summary>
    /// Rebuilds a store, published, with the same view and the same state hash. Throws <see cref="FormatException"/> on
    /// bad bytes.
    /// </summary>
    /// <remarks>
    /// Blocks may be cut anywhere, not only where <see cref="Encode"/> cut them; nothing of them is kept. The state
    /// hash is computed anew from every version and must equal the one that was written.
    /// </remarks>
    /// <param name="gates">What the build knows; null for this one.</param>
    /// <exception cref="UnsupportedVersionException">The snapshot is of a cluster version that this build does not
    /// support.</exception>
    public static MvccStore Decode(IEnumerable<ReadOnlyMemory<byte>> blocks, GateTable? gates = null)
    {
        ArgumentNullException.ThrowIfNull(blocks);
        using StoreSnapshotReader reader = new(blocks, gates ?? GateTable.ThisBuild);
        return reader.ReadStore();
    }

    private static IEnumerable<ReadOnlyMemory<byte>> EncodeBlocks(StoreView view, int blockBytes)
    {
        ArrayBufferWriter<byte> block = new(blockBytes + HeaderBytes);
        WriteHeader(block, view);
        long keyCount = 0;
        KeyTreeCursor cursor = new(view.Root);
        for (bool isInside = cursor.MoveToAtOrAfter(default); isInside; isInside = cursor.MoveNext())
        {
            object slot = cursor.Slot;
            int versionCount = KeyVersions.CountOf(slot);
            WriteKey(block, KeyVersions.NewestOf(slot).KeySpan, versionCount);
            for (int i = 0; i < versionCount; i++)
            {
                WriteVersion(block, KeyVersions.ItemOf(slot, i));
                if (block.WrittenCount >= blockBytes)
                {
                    yield return block.WrittenMemory;
                    block.ResetWrittenCount();
                }
            }

            keyCount++;
        }

        WriteEnd(block, keyCount);
        KeyTreeCursor records = new(view.Records.Root);
        for (bool isInside = records.MoveToAtOrAfter(default); isInside; isInside = records.MoveNext())
        {
            WriteRecord(block, (KeyValue)records.Slot);
            if (block.WrittenCount >= blockBytes)
            {
                yield return block.WrittenMemory;
                block.ResetWrittenCount();
            }
        }

        WriteEnd(block, view.Records.Root.LiveCount);
        yield return block.WrittenMemory;
    }

    private static void WriteHeader(ArrayBufferWriter<byte> block, StoreView view)
    {
        Span<byte> header = block.GetSpan(HeaderBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(header, Magic);
        BinaryPrimitives.WriteInt64LittleEndian(header[8..], view.ClusterVersion.Value);
        BinaryPrimitives.WriteInt64LittleEndian(header[16..], view.AppliedIndex.Value);
        BinaryPrimitives.WriteInt64LittleEndian(header[24..], view.Revision.Value);
        BinaryPrimitives.WriteInt64LittleEndian(header[32..], view.Compaction.CompactedRevision.Value);
        BinaryPrimitives.WriteInt64LittleEndian(header[40..], view.Compaction.CursorRevision.Value);
        BinaryPrimitives.WriteInt32LittleEndian(header[48..], view.Compaction.CursorSub);
        BinaryPrimitives.WriteInt32LittleEndian(header[52..], view.Compaction.IsPending ? 1 : 0);
        BinaryPrimitives.WriteInt64LittleEndian(header[56..], view.VersionCount);
        BinaryPrimitives.WriteInt64LittleEndian(header[64..], view.DataBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(header[72..], view.StateHash);
        BinaryPrimitives.WriteInt64LittleEndian(header[80..], view.Records.Root.LiveCount);
        block.Advance(HeaderBytes);
    }

    private static void WriteKey(ArrayBufferWriter<byte> block, ReadOnlySpan<byte> key, int versionCount)
    {
        int length = sizeof(ushort) + key.Length + sizeof(int);
        Span<byte> target = block.GetSpan(length);
        BinaryPrimitives.WriteUInt16LittleEndian(target, (ushort)key.Length);
        key.CopyTo(target[sizeof(ushort)..]);
        BinaryPrimitives.WriteInt32LittleEndian(target[(sizeof(ushort) + key.Length)..], versionCount);
        block.Advance(length);
    }

    private static void WriteVersion(ArrayBufferWriter<byte> block, KeyValue version)
    {
        ReadOnlySpan<byte> value = version.ValueSpan;
        Span<byte> target = block.GetSpan(VersionHeaderBytes + value.Length);
        BinaryPrimitives.WriteInt64LittleEndian(target, version.CreateRevision.Value);
        BinaryPrimitives.WriteInt64LittleEndian(target[8..], version.ModRevision.Value);
        BinaryPrimitives.WriteInt64LittleEndian(target[16..], version.Version);
        BinaryPrimitives.WriteInt64LittleEndian(target[24..], version.Lease.Value);
        BinaryPrimitives.WriteInt32LittleEndian(target[32..], version.Sub);
        BinaryPrimitives.WriteInt32LittleEndian(target[36..], value.Length);
        target[40] = (byte)version.DeleteReason;
        value.CopyTo(target[VersionHeaderBytes..]);
        block.Advance(VersionHeaderBytes + value.Length);
    }

    private static void WriteRecord(ArrayBufferWriter<byte> block, KeyValue record)
    {
        ReadOnlySpan<byte> key = record.KeySpan;
        ReadOnlySpan<byte> value = record.ValueSpan;
        int length = sizeof(ushort) + key.Length + sizeof(int) + value.Length;
        Span<byte> target = block.GetSpan(length);
        BinaryPrimitives.WriteUInt16LittleEndian(target, (ushort)key.Length);
        key.CopyTo(target[sizeof(ushort)..]);
        target = target[(sizeof(ushort) + key.Length)..];
        BinaryPrimitives.WriteInt32LittleEndian(target, value.Length);
        value.CopyTo(target[sizeof(int)..]);
        block.Advance(length);
    }

    private static void WriteEnd(ArrayBufferWriter<byte> block, long keyCount)
    {
        Span<byte> target = block.GetSpan(sizeof(ushort) + sizeof(long));
        BinaryPrimitives.WriteUInt16LittleEndian(target, 0);
        BinaryPrimitives.WriteInt64LittleEndian(target[sizeof(ushort)..], keyCount);
        block.Advance(sizeof(ushort) + sizeof(long));
    }
}
