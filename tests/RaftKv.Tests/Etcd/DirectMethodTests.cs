using System.IO.Pipelines;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using RaftKv.Doors.Etcd.Kv;
using RaftKv.Doors.Grpc;
using Proto = RaftKv.Protocol.Etcd;

namespace RaftKv.Tests.Etcd;

/// <summary>Which calls go the short way, and that all others end as they do without one.</summary>
public sealed class DirectMethodTests
{
    private readonly List<string> _ways = [];

    [Fact]
    public async Task A_message_of_the_usual_form_goes_the_short_way()
    {
        await CallAsync(Frame(Put("k")));

        Assert.Equal(["short k"], _ways);
    }

    [Fact]
    public async Task A_message_ends_alike_wherever_its_bytes_are_cut()
    {
        byte[] frame = Frame(Put("k"));
        for (int cut = 0; cut <= frame.Length; cut++)
        {
            _ways.Clear();
            await CallAsync(frame[..cut], frame[cut..]);
            Assert.True(_ways is ["short k"] or ["long k"], $"cut at {cut}: {string.Join(", ", _ways)}");
        }
    }

    [Theory]
    [InlineData("0A00")]
    [InlineData("")]
    [InlineData("0A016B0A016B")]
    [InlineData("0A016B7A00")]
    [InlineData("0A016B18FFFFFFFFFFFFFFFFFF01")]
    public async Task Another_form_goes_the_long_way(string message)
    {
        await CallAsync(Frame(Convert.FromHexString(message)));

        Assert.StartsWith("long", Assert.Single(_ways), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0A", "error unmarshalling")]
    [InlineData("0AFFFFFFFF0F", "error unmarshalling")]
    public async Task A_broken_message_is_refused_as_ever(string message, string text) =>
        await AssertRefusedAsync(text, Frame(Convert.FromHexString(message)));

    [Fact]
    public async Task A_second_message_is_refused_as_ever()
    {
        byte[] frame = Frame(Put("k"));
        await AssertRefusedAsync("more than one message", frame, frame);
        await AssertRefusedAsync("more than one message", [.. frame, .. frame]);
        await AssertRefusedAsync("ended within a message", [.. frame, 0]);
        await AssertRefusedAsync("ended within a message", frame, [0]);
    }

    [Fact]
    public async Task No_message_and_a_cut_one_are_refused_as_ever()
    {
        await AssertRefusedAsync("has no message");
        await AssertRefusedAsync("ended within a message", Frame(Put("k"))[..^1]);
        await AssertRefusedAsync("compressed flag", [1, .. Frame(Put("k"))[1..]]);
        await AssertRefusedAsync("unexpected payload format", [2, .. Frame(Put("k"))[1..]]);
    }

    private static byte[] Put(string key) => new Proto.PutRequest { Key = ByteString.CopyFromUtf8(key) }.ToByteArray();

    private static byte[] Frame(byte[] message) => [0, 0, 0, 0, (byte)message.Length, .. message];

    private async Task AssertRefusedAsync(string text, params byte[][] pieces)
    {
        GrpcException refusal = await Assert.ThrowsAsync<GrpcException>(() => CallAsync(pieces));
        Assert.Contains(text, refusal.Detail, StringComparison.Ordinal);
        Assert.Empty(_ways);
    }

    private async Task CallAsync(params byte[][] pieces)
    {
        var pipe = new Pipe();
        var http = new DefaultHttpContext();
        http.Features.Set<IRequestBodyPipeFeature>(new Body(pipe.Reader));
        var method = new DirectMethod<DirectPut, Proto.PutRequest, Proto.PutResponse>(
            new UnaryMethod<Proto.PutRequest, Proto.PutResponse>("s", "Put", (_, request) =>
            {
                _ways.Add($"long {request.Key.ToStringUtf8()}");
                return ValueTask.FromResult(new Proto.PutResponse());
            }),
            static (ReadOnlySpan<byte> message, out DirectPut put) => DirectPut.TryParse(message, headroomBytes: 3, out put),
            (_, put, _) =>
            {
                _ways.Add($"short {System.Text.Encoding.UTF8.GetString(put.Op.Key.Span)}");
                return ValueTask.FromResult<Proto.PutResponse?>(null);
            });
        Task call = method.RunAsync(http, new RpcContext(http, TimeProvider.System, asked: null)).AsTask();
        foreach (byte[] piece in pieces)
        {
            await pipe.Writer.WriteAsync(piece);
        }

        await pipe.Writer.CompleteAsync();
        await call;
    }

    private sealed class Body(PipeReader reader) : IRequestBodyPipeFeature
    {
        public PipeReader Reader => reader;
    }
}
