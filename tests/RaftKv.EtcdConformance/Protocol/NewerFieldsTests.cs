using System.Buffers.Binary;
using System.Security.Cryptography;
using Google.Protobuf;
using RaftKv.EtcdConformance.Clients;
using RaftKv.Protocol.Etcd;
using DowngradeAction = RaftKv.Protocol.Etcd.DowngradeRequest.Types.DowngradeAction;

namespace RaftKv.EtcdConformance.Protocol;

/// <summary>What etcd 3.6 and 3.7 have that 3.4 has not, which no comparison with Debian's etcd can see.</summary>
public sealed class NewerFieldsTests(RaftKvServer server) : IClassFixture<RaftKvServer>
{
    [Fact]
    public async Task Status_tells_storage_version_quota_and_that_no_downgrade_is_under_way()
    {
        var status = (StatusResponse)(await server.Grpc.CallAsync<StatusResponse>(
            "/etcdserverpb.Maintenance/Status", new StatusRequest())).Message!;

        Assert.Matches(@"^3\.7\.\d+$", status.Version);
        Assert.Equal(("3.7.0", false, ""), (status.StorageVersion, status.DowngradeInfo.Enabled, status.DowngradeInfo.TargetVersion));
        Assert.True(status.DbSizeQuota > 0 && status.DbSize <= status.DbSizeQuota);
        Assert.False(status.IsLearner);
    }

    [Fact]
    public async Task HashKV_tells_up_to_which_revision_it_is()
    {
        await server.Grpc.CallAsync<PutResponse>("/etcdserverpb.KV/Put", new PutRequest { Key = ByteString.CopyFromUtf8("hash") });

        var newest = (HashKVResponse)(await server.Grpc.CallAsync<HashKVResponse>(
            "/etcdserverpb.Maintenance/HashKV", new HashKVRequest())).Message!;
        var named = (HashKVResponse)(await server.Grpc.CallAsync<HashKVResponse>(
            "/etcdserverpb.Maintenance/HashKV", new HashKVRequest { Revision = newest.HashRevision })).Message!;

        Assert.Equal(newest.Header.Revision, newest.HashRevision);
        Assert.Equal((newest.Hash, newest.HashRevision), (named.Hash, named.HashRevision));
    }

    [Fact]
    public async Task Each_piece_of_a_snapshot_names_its_state_and_the_version_that_takes_it()
    {
        using HttpResponseMessage answer = await server.Grpc.SendRawAsync(
            "/etcdserverpb.Maintenance/Snapshot", GrpcClient.Frame(new SnapshotRequest()));
        byte[] body = await answer.Content.ReadAsByteArrayAsync();
        var pieces = new List<SnapshotResponse>();
        for (int at = 0; at < body.Length;)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(body.AsSpan(at + 1));
            pieces.Add(SnapshotResponse.Parser.ParseFrom(body, at + 5, length));
            at += 5 + length;
        }

        Assert.NotEmpty(pieces);
        Assert.All(pieces, piece => Assert.Equal(("3.7.0", pieces[0].Header), (piece.Version, piece.Header)));
        Assert.Equal((true, 0UL), (pieces[0].Header.Revision > 0, pieces[^1].RemainingBytes));

        // What etcdutl looks at before it restores: whole sectors, and their SHA-256 behind them.
        byte[] file = [.. pieces.SelectMany(static piece => piece.Blob)];
        Assert.Equal(SHA256.HashSizeInBytes, file.Length % 512);
        Assert.Equal(SHA256.HashData(file.AsSpan(..^SHA256.HashSizeInBytes)), file[^SHA256.HashSizeInBytes..]);
    }

    [Theory]
    [InlineData(DowngradeAction.Validate, "seven", 3, "etcdserver: wrong downgrade target version format")]
    [InlineData(DowngradeAction.Enable, "3", 3, "etcdserver: wrong downgrade target version format")]
    [InlineData(DowngradeAction.Validate, "3.5", 3, "etcdserver: invalid downgrade target version")]
    [InlineData(DowngradeAction.Enable, "3.7.0", 3, "etcdserver: invalid downgrade target version")]
    [InlineData(DowngradeAction.Cancel, "", 9, "etcdserver: no inflight downgrade job")]
    [InlineData(DowngradeAction.Enable, "3.6.0", 9, "raftkv: there is no older version of the store to downgrade to; nothing was changed")]
    public async Task A_downgrade_is_refused_as_etcd_refuses_it(DowngradeAction action, string version, int code, string detail)
    {
        GrpcAnswer answer = await server.Grpc.CallAsync<DowngradeResponse>(
            "/etcdserverpb.Maintenance/Downgrade", new DowngradeRequest { Action = action, Version = version });

        Assert.Equal((code, detail), (answer.Code, answer.Detail));
    }

    [Fact]
    public async Task Defragment_says_that_there_is_nothing_to_do()
    {
        using HttpResponseMessage answer = await server.Grpc.SendRawAsync(
            "/etcdserverpb.Maintenance/Defragment", GrpcClient.Frame(new DefragmentRequest()));
        await answer.Content.ReadAsByteArrayAsync();

        Assert.Equal((0, ""), GrpcClient.StatusOf(answer));
        Assert.Contains("nothing to defragment", answer.Headers.GetValues("raftkv-note").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fields_that_are_not_known_yet_are_ignored()
    {
        // Field 99 of a Range, as a client of a later version may send it.
        byte[] message = [.. new RangeRequest { Key = ByteString.CopyFromUtf8("a") }.ToByteArray(), 0x98, 0x06, 0x01];
        byte[] frame = new byte[5 + message.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.Length);
        message.CopyTo(frame, 5);

        using HttpResponseMessage answer = await server.Grpc.SendRawAsync("/etcdserverpb.KV/Range", frame);
        await answer.Content.ReadAsByteArrayAsync();

        Assert.Equal((0, ""), GrpcClient.StatusOf(answer));
    }
}
