using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using RaftKv.Doors.Http;
using RaftKv.Service.Calls;

namespace RaftKv.Doors.Grpc;

/// <summary>Reads a message of the usual form; false for any other, whatever is the matter with it.</summary>
internal delegate bool DirectParser<TDirect>(ReadOnlySpan<byte> message, out TDirect request);

/// <summary>Runs a call and puts its answer, frame and message, into the body; gives one back that it can't put there.</summary>
internal delegate ValueTask<TAnswer?> DirectHandler<in TDirect, TAnswer>(RpcContext context, TDirect request, PipeWriter body)
    where TAnswer : class;

/// <summary>
/// A method with a short way for messages of the usual form, that makes no message objects. Everything else goes the way of
/// the method itself: messages that are large, in pieces, compressed or of another form, broken ones, and the door for JSON.
/// </summary>
internal sealed class DirectMethod<TDirect, TRequest, TAnswer> : UnaryMethod
    where TRequest : class, IMessage<TRequest>, new()
    where TAnswer : class, IMessage<TAnswer>, new()
{
    private readonly UnaryMethod<TRequest, TAnswer> _method;
    private readonly DirectParser<TDirect> _parse;
    private readonly DirectHandler<TDirect, TAnswer> _run;

    public DirectMethod(UnaryMethod<TRequest, TAnswer> method, DirectParser<TDirect> parse, DirectHandler<TDirect, TAnswer> run)
        : base(method.Service, method.Name, method.Request)
    {
        _method = method;
        _parse = parse;
        _run = run;
    }

    /// <inheritdoc/>
    public override MessageDescriptor Answer => _method.Answer;

    /// <inheritdoc/>
    public override ValueTask<IMessage> AnswerAsync(RpcContext context, IMessage request) => _method.AnswerAsync(context, request);

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(CallTaskBuilder))]
    public override async ValueTask RunAsync(HttpContext http, RpcContext context)
    {
        PipeReader body = http.Request.BodyReader;
        ReadResult read = await body.ReadBodyAsync();
        if (!TryTake(read.Buffer, context, out SequencePosition end, out TDirect request))
        {
            // Nothing of it is taken: the same bytes come again at once.
            body.AdvanceTo(read.Buffer.Start);
            await _method.RunAsync(http, context);
            return;
        }

        bool isLast = read.IsCompleted && read.Buffer.Slice(end).IsEmpty;
        body.AdvanceTo(end);
        if (!isLast)
        {
            await _method.ReadEndAsync(http, context);
        }

        if (await _run(context, request, http.Response.BodyWriter) is { } answer)
        {
            await _method.WriteAsync(http.Response.BodyWriter, answer, context.Metrics);
        }
    }

    private bool TryTake(in ReadOnlySequence<byte> bytes, RpcContext context, out SequencePosition end, out TDirect request)
    {
        end = default;
        request = default!;
        ReadOnlySpan<byte> first = bytes.FirstSpan;
        if (first.Length < GrpcFrame.PrefixBytes
            || first[0] != 0
            || !GrpcFrame.TryRead(bytes, out GrpcFrame frame)
            || frame.Length > (uint)(first.Length - GrpcFrame.PrefixBytes)
            || !_parse(first.Slice(GrpcFrame.PrefixBytes, (int)frame.Length), out request))
        {
            return false;
        }

        context.Metrics?.Received(frame.Length);
        end = bytes.GetPosition(GrpcFrame.PrefixBytes + frame.Length);
        return true;
    }
}
