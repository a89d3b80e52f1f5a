using System.Buffers;
using System.IO.Pipelines;
using Google.Protobuf;
using RaftKv.Doors.Http;

namespace RaftKv.Doors.Grpc;

/// <summary>Takes messages out of a request's body.</summary>
internal sealed class GrpcMessageReader<T> : IMessageSource<T>
    where T : class, IMessage<T>
{
    private readonly PipeReader _body;
    private readonly MessageParser<T> _parser;
    private readonly GrpcMetrics? _metrics;
    private readonly bool _isGzip;

    public GrpcMessageReader(PipeReader body, MessageParser<T> parser, RpcContext context)
    {
        _metrics = context.Metrics;
        _isGzip = context.IsGzip;
        _body = body;
        _parser = parser;
    }

    /// <inheritdoc/>
    public async ValueTask<T?> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadResult read = await _body.ReadBodyAsync(cancellationToken);
            ReadOnlySequence<byte> bytes = read.Buffer;
            if (TryTake(ref bytes, out T? message))
            {
                _body.AdvanceTo(bytes.Start);
                return message;
            }

            if (read.IsCompleted || read.IsCanceled)
            {
                bool isWhole = bytes.IsEmpty;
                _body.AdvanceTo(bytes.End);
                return isWhole ? null : throw new GrpcException(GrpcCode.Internal, "grpc: the stream ended within a message");
            }

            _body.AdvanceTo(bytes.Start, bytes.End);
        }
    }

    /// <summary>The one message of a call that has one, and then the end.</summary>
    public async ValueTask<T> ReadOnlyMessageAsync()
    {
        T message = await ReadAsync(CancellationToken.None)
            ?? throw new GrpcException(GrpcCode.Internal, "grpc: the call has no message");
        await ReadEndAsync();
        return message;
    }

    /// <summary>The end of a call whose one message was read.</summary>
    public async ValueTask ReadEndAsync()
    {
        if (await ReadAsync(CancellationToken.None) is not null)
        {
            throw new GrpcException(GrpcCode.Internal, "grpc: the call has more than one message");
        }
    }

    private bool TryTake(ref ReadOnlySequence<byte> bytes, out T? message)
    {
        message = null;
        if (!GrpcFrame.TryRead(bytes, out GrpcFrame frame))
        {
            return false;
        }

        if (frame.IsCompressed && !_isGzip)
        {
            throw new GrpcException(GrpcCode.Internal, "grpc: compressed flag set with identity or empty encoding");
        }

        if (frame.Length > GrpcLimits.MaxReceivedMessageBytes)
        {
            throw new GrpcException(
                GrpcCode.ResourceExhausted,
                $"grpc: received message larger than max ({frame.Length} vs. {GrpcLimits.MaxReceivedMessageBytes})");
        }

        if (bytes.Length < GrpcFrame.PrefixBytes + frame.Length)
        {
            return false;
        }

        ReadOnlySequence<byte> content = bytes.Slice(GrpcFrame.PrefixBytes, frame.Length);
        message = Parse(frame.IsCompressed ? GrpcGzip.Inflate(content) : content);
        _metrics?.Received(frame.Length);
        bytes = bytes.Slice(GrpcFrame.PrefixBytes + frame.Length);
        return true;
    }

    private T Parse(in ReadOnlySequence<byte> content)
    {
        try
        {
            return _parser.ParseFrom(content);
        }
        catch (Exception e) when (
            e is InvalidProtocolBufferException or ArgumentException or InvalidOperationException or OverflowException)
        {
            // The parser has its own exception for what is no message, and lets others of its readers through.
            throw new GrpcException(GrpcCode.Internal, "grpc: error unmarshalling request: the bytes are no such message");
        }
    }
}
