using System.IO.Pipelines;
using Google.Protobuf;

namespace RaftKv.Doors.Grpc;

/// <summary>Puts messages into an answer's body.</summary>
internal sealed class GrpcMessageWriter<T> : IMessageSink<T>, IFrameSink
    where T : class, IMessage<T>
{
    private readonly PipeWriter _body;
    private readonly GrpcMetrics? _metrics;

    public GrpcMessageWriter(PipeWriter body, GrpcMetrics? metrics)
    {
        _body = body;
        _metrics = metrics;
    }

    /// <inheritdoc/>
    public PipeWriter Body => _body;

    /// <inheritdoc/>
    public ValueTask WriteAsync(T message, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Put(_body, message, _metrics);
        return FlushAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask SendAsync(long bytes, CancellationToken cancellationToken)
    {
        _metrics?.Sent(bytes);
        return FlushAsync(cancellationToken);
    }

    /// <summary>Writes a message without sending it yet.</summary>
    public static void Put(PipeWriter body, T message, GrpcMetrics? metrics)
    {
        int length = message.CalculateSize();
        metrics?.Sent(length);
        Span<byte> whole = body.GetSpan(GrpcFrame.PrefixBytes + (length <= MaxInOnePiece ? length : 0));
        GrpcFrame.Write(whole, length);
        if (length <= MaxInOnePiece)
        {
            message.WriteTo(whole.Slice(GrpcFrame.PrefixBytes, length));
            body.Advance(GrpcFrame.PrefixBytes + length);
            return;
        }

        body.Advance(GrpcFrame.PrefixBytes);
        message.WriteTo(body);
    }

    /// <summary>Writes what comes before a message of so many bytes.</summary>
    public static void PutPrefix(PipeWriter body, int length, GrpcMetrics? metrics)
    {
        metrics?.Sent(length);
        GrpcFrame.Write(body.GetSpan(GrpcFrame.PrefixBytes), length);
        body.Advance(GrpcFrame.PrefixBytes);
    }

    private async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        FlushResult flushed = await _body.FlushAsync(cancellationToken);
        if (flushed.IsCompleted || flushed.IsCanceled)
        {
            throw new OperationCanceledException("The caller has gone away.");
        }
    }

    // Most answers fit one block of the server's memory pool, which spares the walk over segments.
    public const int MaxInOnePiece = 3_000;
}
