using System.Collections;
using System.IO.Pipelines;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace RaftKv.Doors.JsonGateway.Json;

/// <summary>
/// Writes a large message as <see cref="ProtoJsonWriter"/> does, the same bytes, but item by item and at the pace of the
/// connection: of the JSON only a window is in memory. One flow only.
/// </summary>
internal sealed class ProtoJsonStream
{
    /// <summary>Below it a message is written in one go; few are larger.</summary>
    public const int LargeBytes = 64 * 1024;

    private const int WindowBytes = 64 * 1024;

    private readonly PipeWriter _body;
    private readonly Utf8JsonWriter _json;
    private long _passedBytes;

    private ProtoJsonStream(PipeWriter body, Utf8JsonWriter json)
    {
        _body = body;
        _json = json;
    }

    /// <summary>Writes the message; what is left is flushed with the end of the body.</summary>
    /// <exception cref="OperationCanceledException">The caller has gone away.</exception>
    public static async ValueTask WriteAsync(PipeWriter body, IMessage message)
    {
        using Utf8JsonWriter json = ProtoJsonWriter.Open(body);
        await new ProtoJsonStream(body, json).WriteMessageAsync(message);
    }

    private async ValueTask WriteMessageAsync(IMessage message)
    {
        _json.WriteStartObject();
        foreach (FieldDescriptor field in message.Descriptor.Fields.InDeclarationOrder())
        {
            if (field.FieldType != FieldType.Message)
            {
                ProtoJsonWriter.WriteField(_json, field, message);
            }
            else if (field.IsRepeated)
            {
                await WriteListAsync(field, (IList)field.Accessor.GetValue(message));
            }
            else if (field.Accessor.GetValue(message) is IMessage single)
            {
                _json.WritePropertyName(field.Name);
                await WriteItemAsync(single);
            }
        }

        _json.WriteEndObject();
    }

    private async ValueTask WriteListAsync(FieldDescriptor field, IList list)
    {
        if (list.Count == 0)
        {
            return;
        }

        _json.WriteStartArray(field.Name);
        foreach (object? item in list)
        {
            await WriteItemAsync((IMessage)item!);
        }

        _json.WriteEndArray();
    }

    private async ValueTask WriteItemAsync(IMessage item)
    {
        if (item.CalculateSize() > LargeBytes)
        {
            await WriteMessageAsync(item);
        }
        else
        {
            ProtoJsonWriter.WriteMessage(_json, item);
        }

        if (_json.BytesCommitted + _json.BytesPending - _passedBytes < WindowBytes)
        {
            return;
        }

        _json.Flush();
        _passedBytes = _json.BytesCommitted;
        FlushResult flushed = await _body.FlushAsync();
        if (flushed.IsCompleted || flushed.IsCanceled)
        {
            throw new OperationCanceledException("The caller has gone away.");
        }
    }
}
