using System.Buffers.Binary;
using System.IO.Compression;
using Google.Protobuf;
using RaftKv.EtcdConformance.Clients;
using RaftKv.Protocol.Etcd;

namespace RaftKv.EtcdConformance.Protocol;

/// <summary>Requests that come compressed, as clients of etcd may send them.</summary>
public sealed class GrpcCompressionTests(RaftKvServer server) : IClassFixture<RaftKvServer>
{
    private const string Put = "/etcdserverpb.KV/Put";

    [Fact]
    public async Task A_gzip_message_is_taken_and_so_is_a_plain_one_beside_it()
    {
        var put = new PutRequest { Key = ByteString.CopyFromUtf8("zip"), Value = ByteString.CopyFromUtf8(new string('v', 100_000)) };
        Assert.Equal((0, ""), await CodeOfAsync(Gzip(put.ToByteArray())));
        Assert.Equal((0, ""), await CodeOfAsync(GrpcClient.Frame(put)));

        GrpcAnswer read = await server.Grpc.CallAsync<RangeResponse>("/etcdserverpb.KV/Range", new RangeRequest { Key = put.Key });
        Assert.Equal(put.Value, ((RangeResponse)read.Message!).Kvs.Single().Value);
        Assert.Equal(2, ((RangeResponse)read.Message!).Kvs.Single().Version);
    }

    [Fact]
    public async Task What_grows_beyond_the_limit_or_is_no_gzip_is_refused()
    {
        (int code, string detail) = await CodeOfAsync(Gzip(new byte[8_000_000]));
        Assert.Equal((8, "grpc: received message after decompression larger than max (2097152)"), (code, detail));
        byte[] noGzip = [1, 0, 0, 0, 4, .. "abcd"u8];
        Assert.Equal(13, (await CodeOfAsync(noGzip)).Code);
    }

    [Fact]
    public async Task A_compressed_message_in_a_call_that_names_no_encoding_is_refused()
    {
        using HttpResponseMessage answer = await server.Grpc.SendRawAsync(Put, Gzip(new PutRequest().ToByteArray()));

        Assert.Equal(13, GrpcClient.StatusOf(answer).Code);
    }

    private async Task<(int Code, string Detail)> CodeOfAsync(byte[] frame)
    {
        using HttpResponseMessage answer = await server.Grpc.SendRawAsync(Put, frame, ("grpc-encoding", "gzip"));
        await answer.Content.ReadAsByteArrayAsync();
        return GrpcClient.StatusOf(answer);
    }

    private static byte[] Gzip(byte[] message)
    {
        using var compressed = new MemoryStream();
        compressed.Write([1, 0, 0, 0, 0]);
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(message);
        }

        byte[] frame = compressed.ToArray();
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), frame.Length - 5);
        return frame;
    }
}
