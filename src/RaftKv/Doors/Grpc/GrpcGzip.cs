using System.Buffers;
using System.IO.Compression;

namespace RaftKv.Doors.Grpc;

/// <summary>Messages that come compressed. Answers go out as they are: every client takes that.</summary>
internal static class GrpcGzip
{
    /// <summary>The name in grpc-encoding.</summary>
    public const string Name = "gzip";

    private const int BlockBytes = 16 * 1024;

    /// <summary>The message in a compressed one; never more than <see cref="GrpcLimits.MaxReceivedMessageBytes"/>.</summary>
    /// <exception cref="GrpcException">It is none, or it is larger.</exception>
    public static ReadOnlySequence<byte> Inflate(in ReadOnlySequence<byte> compressed)
    {
        using var gzip = new GZipStream(new MemoryStream(compressed.ToArray(), writable: false), CompressionMode.Decompress);
        var message = new ArrayBufferWriter<byte>(BlockBytes);
        try
        {
            while (gzip.Read(message.GetSpan(BlockBytes)) is > 0 and int read)
            {
                message.Advance(read);
                if (message.WrittenCount > GrpcLimits.MaxReceivedMessageBytes)
                {
                    throw new GrpcException(
                        GrpcCode.ResourceExhausted,
                        $"grpc: received message after decompression larger than max ({GrpcLimits.MaxReceivedMessageBytes})");
                }
            }
        }
        catch (InvalidDataException)
        {
            throw new GrpcException(GrpcCode.Internal, "grpc: failed to decompress the received message: it is no gzip");
        }

        return new ReadOnlySequence<byte>(message.WrittenMemory);
    }
}
