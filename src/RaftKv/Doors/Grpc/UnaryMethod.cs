using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using RaftKv.Service.Calls;

namespace RaftKv.Doors.Grpc;

/// <summary>A method with one request and one answer, whichever their types are.</summary>
internal abstract class UnaryMethod : RpcMethod
{
    private protected UnaryMethod(string service, string name, MessageDescriptor request)
        : base(service, name, request)
    {
    }

    /// <inheritdoc/>
    public sealed override bool IsStream => false;

    /// <summary>Runs the method on a message that some door has made.</summary>
    public abstract ValueTask<IMessage> AnswerAsync(RpcContext context, IMessage request);
}

/// <summary>A method with one request and one answer.</summary>
internal sealed class UnaryMethod<TRequest, TAnswer> : UnaryMethod
    where TRequest : class, IMessage<TRequest>, new()
    where TAnswer : class, IMessage<TAnswer>, new()
{
    private static readonly MessageParser<TRequest> _parser = new(static () => new TRequest());

    private readonly UnaryHandler<TRequest, TAnswer> _handler;
    private readonly Func<PipeWriter, TAnswer, ValueTask>? _writeLarge;

    /// <param name="writeLarge">Writes a large answer piece by piece, and waits for the connection; null to write it
    /// whole.</param>
    public UnaryMethod(
        string service, string name, UnaryHandler<TRequest, TAnswer> handler, Func<PipeWriter, TAnswer, ValueTask>? writeLarge = null)
        : base(service, name, new TRequest().Descriptor)
    {
        _handler = handler;
        _writeLarge = writeLarge;
    }

    /// <inheritdoc/>
    public override MessageDescriptor Answer { get; } = new TAnswer().Descriptor;

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(CallTaskBuilder))]
    public override async ValueTask RunAsync(HttpContext http, RpcContext context)
    {
        var reader = new GrpcMessageReader<TRequest>(http.Request.BodyReader, _parser, context);
        TRequest request = await reader.ReadOnlyMessageAsync();
        context.Request = request;
        TAnswer answer = await _handler(context, request);

        await WriteAsync(http.Response.BodyWriter, answer, context.Metrics);
    }

    /// <summary>Writes an answer. Not flushed: head, message and trailers leave together when the call ends.</summary>
    public ValueTask WriteAsync(PipeWriter body, TAnswer answer, GrpcMetrics? metrics)
    {
        if (_writeLarge is { } write && answer.CalculateSize() is int length and > PiecewiseWriter.LargeBytes)
        {
            GrpcMessageWriter<TAnswer>.PutPrefix(body, length, metrics);
            return write(body, answer);
        }

        GrpcMessageWriter<TAnswer>.Put(body, answer, metrics);
        return ValueTask.CompletedTask;
    }

    /// <summary>Reads the end of a call whose one message was read.</summary>
    public ValueTask ReadEndAsync(HttpContext http, RpcContext context) =>
        new GrpcMessageReader<TRequest>(http.Request.BodyReader, _parser, context).ReadEndAsync();

    /// <inheritdoc/>
    public override async ValueTask<IMessage> AnswerAsync(RpcContext context, IMessage request)
    {
        context.Request = request;
        return await _handler(context, (TRequest)request);
    }
}
