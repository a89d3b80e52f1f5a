using System.IO.Pipelines;
using Google.Protobuf;
using RaftKv.Doors.Etcd.Kv;
using Proto = RaftKv.Protocol.Etcd;

namespace RaftKv.Tests.Etcd;

/// <summary>Large range answers: the same bytes, pair by pair, at the reader's pace.</summary>
public sealed class RangeStreamTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(3, 1_000_000)]
    [InlineData(5_000, 100)]
    public async Task What_is_streamed_is_what_the_message_is(int pairCount, int valueBytes)
    {
        Proto.RangeResponse answer = Answer(pairCount, valueBytes);
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 64 * 1024, resumeWriterThreshold: 32 * 1024));
        Task<byte[]> reading = ReadAllAsync(pipe.Reader);

        await RangeStream.WriteAsync(pipe.Writer, answer);
        await pipe.Writer.CompleteAsync();

        Assert.Equal(answer.ToByteArray(), await reading);
    }

    [Fact]
    public async Task A_reader_that_does_not_read_holds_the_writer_up_within_a_window()
    {
        Proto.RangeResponse answer = Answer(pairCount: 100, valueBytes: 100_000);
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 64 * 1024, resumeWriterThreshold: 32 * 1024));

        Task writing = RangeStream.WriteAsync(pipe.Writer, answer).AsTask();

        // The writer stops by itself: what it wrote before it first had to wait is all that there is.
        ReadResult first = await pipe.Reader.ReadAsync();
        Assert.False(writing.IsCompleted);
        Assert.InRange(first.Buffer.Length, 1, 400_000);
        pipe.Reader.AdvanceTo(first.Buffer.End);
        await pipe.Reader.CompleteAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => writing);
    }

    [Theory]
    [InlineData(1, 300_000)]
    [InlineData(4, 100_000)]
    public async Task Nothing_is_advanced_between_a_flush_and_the_next_request_for_memory(int pairCount, int valueBytes)
    {
        Proto.RangeResponse answer = Answer(pairCount, valueBytes);
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));

        await RangeStream.WriteAsync(new StrictWriter(pipe.Writer), answer);
        await pipe.Writer.CompleteAsync();

        Assert.Equal(answer.ToByteArray(), await ReadAllAsync(pipe.Reader));
    }

    private static Proto.RangeResponse Answer(int pairCount, int valueBytes)
    {
        var header = new Proto.ResponseHeader { Revision = 7, ClusterId = 9 };
        var answer = new Proto.RangeResponse { Header = header, Count = pairCount + 3, More = true };
        for (int i = 0; i < pairCount; i++)
        {
            answer.Kvs.Add(new Proto.KeyValue
            {
                Key = ByteString.CopyFromUtf8($"key {i}"),
                Value = ByteString.CopyFrom(new byte[valueBytes]),
                ModRevision = i + 2,
                CreateRevision = 2,
                Version = i,
            });
        }

        return answer;
    }

    private static async Task<byte[]> ReadAllAsync(PipeReader reader)
    {
        using var all = new MemoryStream();
        await reader.CopyToAsync(all);
        return all.ToArray();
    }

    /// <summary>As strict as Kestrel's: a flush that starts the answer takes back the memory that was lent.</summary>
    private sealed class StrictWriter(PipeWriter inner) : PipeWriter
    {
        private bool _isLent = true;

        public override void Advance(int bytes)
        {
            Assert.True(_isLent, "advanced without memory");
            inner.Advance(bytes);
        }

        public override Memory<byte> GetMemory(int sizeHint = 0)
        {
            _isLent = true;
            return inner.GetMemory(sizeHint);
        }

        public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
        {
            _isLent = false;
            return inner.FlushAsync(cancellationToken);
        }

        public override void CancelPendingFlush() => inner.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);
    }
}
