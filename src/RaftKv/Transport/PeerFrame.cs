using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace RaftKv.Transport;

/// <summary>What a look at the received bytes found.</summary>
internal enum FrameStatus
{
    /// <summary>A whole frame with the right checksum.</summary>
    Complete,

    /// <summary>More bytes are needed.</summary>
    Incomplete,

    /// <summary>The length is out of range, or the checksum is wrong: the stream can't be trusted any more.</summary>
    Bad,
}

/// <summary>
/// Frames on a peer connection, little-endian:
/// <code>
/// offset 0  u32  length of the payload, 1 to the limit
///        4  u32  CRC32C of the payload
///        8  …    payload
/// </code>
/// TCP's own checksum lets one damaged segment in some millions pass; a damaged entry would become durable on a
/// follower.
/// </summary>
internal static class PeerFrame
{
    /// <summary>Bytes before the payload.</summary>
    public const int HeaderBytes = 8;

    /// <summary>
    /// Longest payload: far above one append (512 KiB, or one entry of at most some MiB) and one piece of a snapshot (1
    /// MiB).
    /// </summary>
    public const int MaxPayloadBytes = 32 * 1024 * 1024;

    /// <summary>Longest payload of a handshake.</summary>
    public const int MaxHandshakeBytes = 32 * 1024;

    /// <summary>Fills in the header of a frame whose payload stands behind it.</summary>
    public static void Seal(Span<byte> frame)
    {
        ReadOnlySpan<byte> payload = frame[HeaderBytes..];
        BinaryPrimitives.WriteUInt32LittleEndian(frame, (uint)payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[4..], Crc32C(payload));
    }

    /// <summary>Looks for a frame at the start of the buffer; the payload is a part of it.</summary>
    public static FrameStatus TryRead(in ReadOnlySequence<byte> buffer, int maxPayloadBytes, out ReadOnlySequence<byte> payload)
    {
        payload = default;
        if (buffer.Length < HeaderBytes)
        {
            return FrameStatus.Incomplete;
        }

        Span<byte> header = stackalloc byte[HeaderBytes];
        buffer.Slice(0, HeaderBytes).CopyTo(header);
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(header);
        if (length == 0 || length > (uint)maxPayloadBytes)
        {
            return FrameStatus.Bad;
        }

        if (buffer.Length < HeaderBytes + length)
        {
            return FrameStatus.Incomplete;
        }

        payload = buffer.Slice(HeaderBytes, length);
        uint expected = BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);
        return Crc32C(payload) == expected ? FrameStatus.Complete : FrameStatus.Bad;
    }

    private static uint Crc32C(in ReadOnlySequence<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (ReadOnlyMemory<byte> segment in bytes)
        {
            crc = Continue(crc, segment.Span);
        }

        return ~crc;
    }

    private static uint Crc32C(ReadOnlySpan<byte> bytes) => ~Continue(uint.MaxValue, bytes);

    private static uint Continue(uint crc, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, MemoryMarshal.Read<ulong>(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (byte value in bytes)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return crc;
    }
}
