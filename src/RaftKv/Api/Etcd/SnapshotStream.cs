using System.Security.Cryptography;
using Google.Protobuf;
using RaftKv.Api.Grpc;
using RaftKv.Core.Store;
using Pb = RaftKv.Protocol.Etcd;

namespace RaftKv.Api.Etcd;

/// <summary>
/// A snapshot as etcd streams it: the bytes of a file, filled up to whole blocks of 512, and the SHA-256 of all that.
/// etcdctl refuses a file of another shape.
/// </summary>
internal static class SnapshotStream
{
    private const int BlockBytes = 32 * 1024;
    private const int Alignment = 512;

    /// <summary>Sends the whole of a view.</summary>
    public static async Task SendAsync(StoreView view, IMessageSink<Pb.SnapshotResponse> answers, CancellationToken cancellationToken)
    {
        long length = 0;
        foreach (ReadOnlyMemory<byte> block in StoreSnapshot.Encode(view, BlockBytes))
        {
            length += block.Length;
        }

        int padding = (int)((Alignment - (length % Alignment)) % Alignment);
        long remaining = length + padding + SHA256.HashSizeInBytes;
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (ReadOnlyMemory<byte> block in StoreSnapshot.Encode(view, BlockBytes))
        {
            digest.AppendData(block.Span);
            remaining -= block.Length;
            await SendAsync(answers, block, remaining, cancellationToken);
        }

        byte[] end = new byte[padding + SHA256.HashSizeInBytes];
        digest.AppendData(end.AsSpan(0, padding));
        digest.GetHashAndReset(end.AsSpan(padding));
        await SendAsync(answers, end, remaining: 0, cancellationToken);
    }

    private static ValueTask SendAsync(
        IMessageSink<Pb.SnapshotResponse> answers, ReadOnlyMemory<byte> bytes, long remaining, CancellationToken cancellationToken) =>
        answers.WriteAsync(
            new Pb.SnapshotResponse { RemainingBytes = (ulong)remaining, Blob = ByteString.CopyFrom(bytes.Span) }, cancellationToken);
}
