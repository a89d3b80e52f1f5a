using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Google.Protobuf;
using RaftKv.Doors.Etcd.Kv;
using RaftKv.Doors.JsonGateway.Json;
using Proto = RaftKv.Protocol.Etcd;

namespace RaftKv.Tests.Etcd;

/// <summary>Large answers of transactions, deletions and the JSON gateway: the same bytes, at the reader's pace.</summary>
public sealed class LargeAnswerTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(2, 300_000)]
    [InlineData(3_000, 100)]
    public async Task A_transaction_that_is_streamed_is_what_the_message_is(int pairCount, int valueBytes)
    {
        Proto.TxnResponse answer = Txn(pairCount, valueBytes);
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 64 * 1024, resumeWriterThreshold: 32 * 1024));
        Task<byte[]> reading = ReadAllAsync(pipe.Reader);

        await TxnStream.WriteAsync(pipe.Writer, answer);
        await pipe.Writer.CompleteAsync();

        Assert.Equal(answer.ToByteArray(), await reading);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(2, 300_000)]
    [InlineData(3_000, 100)]
    public async Task Json_that_is_streamed_is_what_the_gateway_writes_in_one_go(int pairCount, int valueBytes)
    {
        Proto.TxnResponse answer = Txn(pairCount, valueBytes);
        var whole = new ArrayBufferWriter<byte>();
        ProtoJsonWriter.Write(whole, answer);
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 64 * 1024, resumeWriterThreshold: 32 * 1024));
        Task<byte[]> reading = ReadAllAsync(pipe.Reader);

        await ProtoJsonStream.WriteAsync(pipe.Writer, answer);
        await pipe.Writer.CompleteAsync();

        Assert.Equal(Encoding.UTF8.GetString(whole.WrittenSpan), Encoding.UTF8.GetString(await reading));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_reader_that_does_not_read_holds_the_writer_up_within_a_window(bool isJson)
    {
        Proto.TxnResponse answer = Txn(pairCount: 100, valueBytes: 100_000);
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 64 * 1024, resumeWriterThreshold: 32 * 1024));

        Task writing = (isJson ? ProtoJsonStream.WriteAsync(pipe.Writer, answer) : TxnStream.WriteAsync(pipe.Writer, answer)).AsTask();

        // The writer stops by itself: what it wrote before it first had to wait is all that there is.
        Task<ReadResult> reading = pipe.Reader.ReadAsync().AsTask();
        Assert.Same(reading, await Task.WhenAny(reading, writing));
        ReadResult first = await reading;
        Assert.False(writing.IsCompleted);
        Assert.InRange(first.Buffer.Length, 1, 400_000);
        pipe.Reader.AdvanceTo(first.Buffer.End);
        await pipe.Reader.CompleteAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => writing);
    }

    // A get, a deletion that tells what was there, and both once more in a transaction within.
    private static Proto.TxnResponse Txn(int pairCount, int valueBytes)
    {
        var header = new Proto.ResponseHeader { Revision = 7, ClusterId = 9 };
        var answer = new Proto.TxnResponse { Header = header, Succeeded = true };
        var range = new Proto.RangeResponse { Header = header, Count = pairCount, More = true };
        var delete = new Proto.DeleteRangeResponse { Header = header, Deleted = pairCount };
        for (int i = 0; i < pairCount; i++)
        {
            var pair = new Proto.KeyValue
            {
                Key = ByteString.CopyFromUtf8($"key {i}"),
                Value = ByteString.CopyFrom(new byte[valueBytes]),
                ModRevision = i + 2,
                Version = i,
            };
            range.Kvs.Add(pair);
            delete.PrevKvs.Add(pair);
        }

        answer.Responses.Add(new Proto.ResponseOp { ResponsePut = new Proto.PutResponse { Header = header } });
        answer.Responses.Add(new Proto.ResponseOp { ResponseRange = range });
        answer.Responses.Add(new Proto.ResponseOp { ResponseDeleteRange = delete });
        answer.Responses.Add(new Proto.ResponseOp { ResponseTxn = answer.Clone() });
        return answer;
    }

    private static async Task<byte[]> ReadAllAsync(PipeReader reader)
    {
        using var all = new MemoryStream();
        await reader.CopyToAsync(all);
        return all.ToArray();
    }
}
