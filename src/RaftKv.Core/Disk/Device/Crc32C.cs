using System.Buffers.Binary;
using System.Numerics;

namespace RaftKv.Core.Disk.Device;

/// <summary>
/// CRC-32C (Castagnoli), the checksum of every frame on disk. <see cref="BitOperations"/> compiles to the processor's
/// own instruction (SSE 4.2, Arm CRC32) and brings the table for machines without one. The check value of "123456789"
/// is 0xE3069283.
/// </summary>
public static class Crc32C
{
    /// <summary>
    /// Continues a CRC over more bytes; start with 0. Append(Append(0, a), b) is the CRC of a followed by b.
    /// </summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        uint state = ~crc;
        while (bytes.Length >= sizeof(ulong))
        {
            state = BitOperations.Crc32C(state, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (byte value in bytes)
        {
            state = BitOperations.Crc32C(state, value);
        }

        return ~state;
    }
}
