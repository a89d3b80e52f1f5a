using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace RaftKv.Doors.Grpc;

/// <summary>A method with a stream of answers, and one or more requests, whichever their types are.</summary>
internal abstract class StreamMethod : RpcMethod
{
    private protected StreamMethod(string service, string name, MessageDescriptor request)
        : base(service, name, request)
    {
    }

    /// <inheritdoc/>
    public sealed override bool IsStream => true;

    /// <summary>Runs the method on messages that some door reads and writes.</summary>
    public abstract Task StreamAsync(RpcContext context, IMessageSource<IMessage> requests, IMessageSink<IMessage> answers);
}

/// <summary>A method with a stream of answers, and one or more requests.</summary>
internal sealed class StreamMethod<TRequest, TAnswer> : StreamMethod
    where TRequest : class, IMessage<TRequest>, new()
    where TAnswer : class, IMessage<TAnswer>, new()
{
    private static readonly MessageParser<TRequest> _parser = new(static () => new TRequest());

    private readonly StreamHandler<TRequest, TAnswer> _handler;

    public StreamMethod(string service, string name, StreamHandler<TRequest, TAnswer> handler, bool hasRequestStream = true)
        : base(service, name, new TRequest().Descriptor)
    {
        _handler = handler;
        HasRequestStream = hasRequestStream;
    }

    /// <inheritdoc/>
    public override bool HasRequestStream { get; }

    /// <inheritdoc/>
    public override MessageDescriptor Answer { get; } = new TAnswer().Descriptor;

    /// <inheritdoc/>
    public override ValueTask RunAsync(HttpContext http, RpcContext context) => new(_handler(
        context,
        new GrpcMessageReader<TRequest>(http.Request.BodyReader, _parser, context),
        new GrpcMessageWriter<TAnswer>(http.Response.BodyWriter, context.Metrics)));

    /// <inheritdoc/>
    public override Task StreamAsync(RpcContext context, IMessageSource<IMessage> requests, IMessageSink<IMessage> answers) =>
        _handler(context, new TypedSource(requests), answers);

    private sealed class TypedSource(IMessageSource<IMessage> inner) : IMessageSource<TRequest>
    {
        public async ValueTask<TRequest?> ReadAsync(CancellationToken cancellationToken) =>
            (TRequest?)await inner.ReadAsync(cancellationToken);
    }
}
