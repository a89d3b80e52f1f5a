using System.Buffers;
using System.Buffers.Binary;

namespace RaftKv.Doors.Grpc;

/// <summary>
/// The five bytes before each message: one that says whether it is compressed, four with its length, most significant
/// byte first.
/// </summary>
internal readonly record struct GrpcFrame(bool IsCompressed, uint Length)
{
    /// <summary>Length of the prefix.</summary>
    public const int PrefixBytes = 5;

    /// <summary>Reads a prefix; false while too few bytes are there.</summary>
    /// <exception cref="GrpcException">The first byte is neither 0 nor 1.</exception>
    public static bool TryRead(in ReadOnlySequence<byte> bytes, out GrpcFrame frame)
    {
        frame = default;
        if (bytes.Length < PrefixBytes)
        {
            return false;
        }

        Span<byte> prefix = stackalloc byte[PrefixBytes];
        bytes.Slice(0, PrefixBytes).CopyTo(prefix);
        if (prefix[0] > 1)
        {
            throw new GrpcException(GrpcCode.Internal, $"grpc: received unexpected payload format {prefix[0]}");
        }

        frame = new GrpcFrame(prefix[0] == 1, BinaryPrimitives.ReadUInt32BigEndian(prefix[1..]));
        return true;
    }

    /// <summary>Writes the prefix of a message that is not compressed.</summary>
    public static void Write(Span<byte> into, int length)
    {
        into[0] = 0;
        BinaryPrimitives.WriteUInt32BigEndian(into[1..], (uint)length);
    }
}
