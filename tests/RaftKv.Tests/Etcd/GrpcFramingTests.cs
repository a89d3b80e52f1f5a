using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using RaftKv.Doors.Grpc;
using RaftKv.Protocol.Etcd;

namespace RaftKv.Tests.Etcd;

/// <summary>gRPC's framing, time-outs and texts, as its protocol description has them.</summary>
public sealed class GrpcFramingTests
{
    private static readonly RpcContext _plainCall = new(new DefaultHttpContext(), TimeProvider.System, asked: null);

    [Theory]
    [InlineData("1H", 3_600_000)]
    [InlineData("2M", 120_000)]
    [InlineData("99999999S", 99_999_999_000)]
    [InlineData("150m", 150)]
    [InlineData("2000u", 2)]
    [InlineData("3000000n", 3)]
    [InlineData("0S", 0)]
    public void A_timeout_is_digits_and_a_unit(string text, long milliseconds)
    {
        Assert.True(GrpcTimeout.TryParse(text, out TimeSpan timeout));
        Assert.Equal(milliseconds, (long)timeout.TotalMilliseconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("S")]
    [InlineData("5")]
    [InlineData("5s")]
    [InlineData("-5S")]
    [InlineData("1.5S")]
    [InlineData("123456789S")]
    [InlineData(" 5S")]
    [InlineData("5 S")]
    [InlineData("٣S")]
    public void A_timeout_of_any_other_form_is_refused(string text) => Assert.False(GrpcTimeout.TryParse(text, out _));

    [Fact]
    public void The_longest_timeout_fits() =>
        Assert.True(GrpcTimeout.TryParse("99999999H", out TimeSpan timeout) && timeout > TimeSpan.FromDays(1_000_000));

    [Theory]
    [InlineData("etcdserver: key is not provided", "etcdserver: key is not provided")]
    [InlineData("100%", "100%25")]
    [InlineData("a\nb", "a%0Ab")]
    [InlineData("é", "%C3%A9")]
    [InlineData("~ ", "~ ")]
    public void A_message_is_percent_encoded_where_a_header_needs_it(string text, string encoded) =>
        Assert.Equal(encoded, GrpcMessageText.Encode(text));

    [Fact]
    public async Task Messages_come_out_whole_however_the_bytes_are_cut()
    {
        byte[] frame = Frame(new PutRequest { Lease = 7, PrevKv = true });
        for (int cut = 0; cut <= frame.Length; cut++)
        {
            var pipe = new Pipe();
            var reader = new GrpcMessageReader<PutRequest>(pipe.Reader, PutRequest.Parser, _plainCall);
            await pipe.Writer.WriteAsync(frame.AsMemory(0, cut));
            Task<PutRequest?> reading = reader.ReadAsync(CancellationToken.None).AsTask();
            await pipe.Writer.WriteAsync(frame.AsMemory(cut));
            Assert.Equal(7, (await reading)!.Lease);
            await pipe.Writer.CompleteAsync();
            Assert.Null(await reader.ReadAsync(CancellationToken.None));
        }
    }

    [Theory]
    [InlineData(new byte[] { 1, 0, 0, 0, 0 }, GrpcCode.Internal)]
    [InlineData(new byte[] { 2, 0, 0, 0, 0 }, GrpcCode.Internal)]
    [InlineData(new byte[] { 0, 0, 0x20, 0, 1 }, GrpcCode.ResourceExhausted)]
    [InlineData(new byte[] { 0, 0xFF, 0xFF, 0xFF, 0xFF }, GrpcCode.ResourceExhausted)]
    [InlineData(new byte[] { 0, 0, 0, 0, 5, 1, 2 }, GrpcCode.Internal)]
    [InlineData(new byte[] { 0, 0, 0 }, GrpcCode.Internal)]
    [InlineData(new byte[] { 0, 0, 0, 0, 2, 0xFF, 0xFF }, GrpcCode.Internal)]
    public async Task A_bad_frame_ends_the_call_with_a_status(byte[] bytes, GrpcCode code)
    {
        PipeReader body = PipeReader.Create(new ReadOnlySequence<byte>(bytes));
        var reader = new GrpcMessageReader<PutRequest>(body, PutRequest.Parser, _plainCall);

        GrpcException refusal = await Assert.ThrowsAsync<GrpcException>(async () => await reader.ReadAsync(CancellationToken.None));

        Assert.Equal(code, refusal.Code);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task A_call_of_one_message_takes_no_other_number(int count)
    {
        byte[] frame = Frame(new PutRequest { Lease = 7 });
        PipeReader body = PipeReader.Create(new ReadOnlySequence<byte>([.. Enumerable.Repeat(frame, count).SelectMany(bytes => bytes)]));
        var reader = new GrpcMessageReader<PutRequest>(body, PutRequest.Parser, _plainCall);

        await Assert.ThrowsAsync<GrpcException>(async () => await reader.ReadOnlyMessageAsync());
    }

    private static byte[] Frame(PutRequest message)
    {
        var pipe = new Pipe();
        GrpcMessageWriter<PutRequest>.Put(pipe.Writer, message, metrics: null);
        pipe.Writer.FlushAsync().AsTask().GetAwaiter().GetResult();
        Assert.True(pipe.Reader.TryRead(out ReadResult read));
        return read.Buffer.ToArray();
    }
}
