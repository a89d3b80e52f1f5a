using System.Buffers;
using System.IO.Pipelines;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using RaftKv.Doors.Grpc;
using RaftKv.Doors.Http;
using RaftKv.Doors.JsonGateway.Json;

namespace RaftKv.Doors.JsonGateway;

/// <summary>The JSON documents of a body, one after the other, as messages.</summary>
internal sealed class GatewaySource : IMessageSource<IMessage>
{
    private readonly PipeReader _body;
    private readonly MessageDescriptor _form;
    private readonly JsonDocumentEnd _end = new();
    private bool _hasRead;

    public GatewaySource(PipeReader body, MessageDescriptor form)
    {
        _body = body;
        _form = form;
    }

    /// <inheritdoc/>
    public async ValueTask<IMessage?> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadResult read = await _body.ReadBodyAsync(cancellationToken);
            ReadOnlySequence<byte> bytes = read.Buffer;
            long? length = _end.Find(bytes);
            if (length is null && !read.IsCompleted && !read.IsCanceled)
            {
                if (bytes.Length > GrpcLimits.MaxReceivedMessageBytes)
                {
                    throw GatewayStatus.RequestTooLarge();
                }

                _body.AdvanceTo(bytes.Start, bytes.End);
                continue;
            }

            byte[] document = bytes.Slice(0, length ?? bytes.Length).ToArray();
            _body.AdvanceTo(bytes.GetPosition(document.Length));
            _end.Reset();
            return document.AsSpan().IndexOfAnyExcept(" \t\r\n"u8) < 0 ? null : Parse(document);
        }
    }

    // As in etcd's gateway: a first document that is none fails the call, a later one ends the requests.
    private IMessage? Parse(byte[] document)
    {
        try
        {
            IMessage message = ProtoJsonReader.Read(_form, document);
            _hasRead = true;
            return message;
        }
        catch (GoJsonException) when (_hasRead)
        {
            return null;
        }
    }
}
