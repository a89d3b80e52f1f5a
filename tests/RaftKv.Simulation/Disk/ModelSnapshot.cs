using System.Buffers.Binary;
using RaftKv.Core.Replica;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Gates;
using RaftKv.Core.Store.Snapshot;

namespace RaftKv.Simulation.Disk;

/// <summary>A snapshot of the model disk: blocks with their lengths, then an FNV-1a sum of all before it.</summary>
internal sealed class ModelSnapshot(SnapshotInfo info, StoreView view)
{
    private const int BlockBytes = 4096;
    private byte[]? _bytes;

    public SnapshotInfo Info { get; } = info;

    public byte[] Bytes() => _bytes ??= Encode();

    /// <summary>The store in the bytes; null when they are not whole.</summary>
    public static MvccStore? TryDecode(byte[] bytes, GateTable? gates = null)
    {
        if (bytes.Length < 8 || BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(bytes.Length - 8)) != Sum(bytes.AsSpan(0, bytes.Length - 8)))
        {
            return null;
        }

        return StoreSnapshot.Decode(Blocks(bytes), gates);
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Blocks(byte[] bytes)
    {
        int at = 0;
        while (at < bytes.Length - 8)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at));
            yield return bytes.AsMemory(at + 4, length);
            at += 4 + length;
        }
    }

    private byte[] Encode()
    {
        var bytes = new List<byte>();
        Span<byte> number = stackalloc byte[8];
        foreach (ReadOnlyMemory<byte> block in StoreSnapshot.Encode(view, BlockBytes))
        {
            BinaryPrimitives.WriteInt32LittleEndian(number, block.Length);
            bytes.AddRange(number[..4]);
            bytes.AddRange(block.Span);
        }

        BinaryPrimitives.WriteUInt64LittleEndian(number, Sum(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(bytes)));
        bytes.AddRange(number);
        return bytes.ToArray();
    }

    private static ulong Sum(ReadOnlySpan<byte> bytes)
    {
        ulong sum = 0xCBF29CE484222325UL;
        foreach (byte b in bytes)
        {
            sum = (sum ^ b) * 0x100000001B3UL;
        }

        return sum;
    }
}
