using System.Security.Cryptography;
using Google.Protobuf;
using RaftKv.Bolt;
using RaftKv.Core;
using RaftKv.Core.Store;
using RaftKv.Doors.Etcd.Maintenance.Bolt;
using RaftKv.Doors.Grpc;
using RaftKv.Service.Vocabulary;
using Proto = RaftKv.Protocol.Etcd;

namespace RaftKv.Doors.Etcd.Maintenance;

/// <summary>
/// A snapshot as etcd streams it: the bytes of its database file, and their SHA-256. <c>etcdctl snapshot restore</c>
/// makes an etcd of it.
/// </summary>
internal static class SnapshotStream
{
    private const int BlockBytes = 32 * 1024;

    /// <summary>Sends the whole of a view; every piece says which state it is of, and which etcd takes it.</summary>
    public static async Task SendAsync(
        StoreView view, Proto.ResponseHeader header, IMessageSink<Proto.SnapshotResponse> answers, CancellationToken cancellationToken)
    {
        var database = new EtcdDatabase(view);
        long remaining = (database.PageCount * BoltFormat.PageBytes) + SHA256.HashSizeInBytes;
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var block = new MemoryStream(2 * BlockBytes);
        foreach (byte[] page in database.Pages())
        {
            digest.AppendData(page);
            block.Write(page);
            if (block.Length >= BlockBytes)
            {
                remaining -= block.Length;
                await SendAsync(answers, header, block, remaining, cancellationToken);
            }
        }

        block.Write(digest.GetHashAndReset());
        remaining -= block.Length;
        Check.That(remaining == 0, "a snapshot has the length that was announced", remaining, block.Length);
        await SendAsync(answers, header, block, remaining, cancellationToken);
    }

    private static async ValueTask SendAsync(
        IMessageSink<Proto.SnapshotResponse> answers,
        Proto.ResponseHeader header,
        MemoryStream block,
        long remaining,
        CancellationToken cancellationToken)
    {
        var piece = new Proto.SnapshotResponse
        {
            Header = header,
            RemainingBytes = (ulong)remaining,
            Blob = ByteString.CopyFrom(block.GetBuffer(), 0, (int)block.Length),
            Version = EtcdVersion.Storage,
        };
        block.SetLength(0);
        await answers.WriteAsync(piece, cancellationToken);
    }
}
