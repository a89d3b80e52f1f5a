using System.Buffers;
using System.Collections;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using RaftKv.Core;

namespace RaftKv.Doors.JsonGateway.Json;

/// <summary>
/// Writes a message as etcd's gateway does: names as in the .proto file, in the order of the declaration, 64-bit
/// numbers in strings, enumerations by name, bytes in base64; what has its default is left out.
/// </summary>
internal static class ProtoJsonWriter
{
    private static readonly JsonWriterOptions _options = new()
    {
        SkipValidation = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Writes a message.</summary>
    public static void Write(IBufferWriter<byte> into, IMessage message)
    {
        using Utf8JsonWriter json = Open(into);
        WriteMessage(json, message);
    }

    /// <summary>A writer that writes as etcd's gateway does.</summary>
    public static Utf8JsonWriter Open(IBufferWriter<byte> into) => new(into, _options);

    /// <summary>Writes a message as the value of what the writer stands at.</summary>
    public static void WriteMessage(Utf8JsonWriter json, IMessage message)
    {
        json.WriteStartObject();
        foreach (FieldDescriptor field in message.Descriptor.Fields.InDeclarationOrder())
        {
            WriteField(json, field, message);
        }

        json.WriteEndObject();
    }

    /// <summary>Writes a field of a message, unless it is left out.</summary>
    public static void WriteField(Utf8JsonWriter json, FieldDescriptor field, IMessage message)
    {
        if (field.IsRepeated)
        {
            WriteList(json, field, (IList)field.Accessor.GetValue(message));
        }
        else if (field.ContainingOneof is { } choice)
        {
            if (choice.Accessor.GetCaseFieldDescriptor(message) == field)
            {
                json.WritePropertyName(field.Name);
                WriteValue(json, field, field.Accessor.GetValue(message));
            }
        }
        else
        {
            WriteUnlessDefault(json, field, field.Accessor.GetValue(message));
        }
    }

    private static void WriteList(Utf8JsonWriter json, FieldDescriptor field, IList list)
    {
        if (list.Count == 0)
        {
            return;
        }

        json.WriteStartArray(field.Name);
        foreach (object? item in list)
        {
            WriteValue(json, field, item!);
        }

        json.WriteEndArray();
    }

    private static void WriteUnlessDefault(Utf8JsonWriter json, FieldDescriptor field, object? value)
    {
        bool isDefault = value switch
        {
            null => true,
            bool flag => !flag,
            long number => number == 0,
            ulong number => number == 0,
            uint number => number == 0,
            string text => text.Length == 0,
            ByteString bytes => bytes.IsEmpty,
            Enum member => Convert.ToInt32(member, CultureInfo.InvariantCulture) == 0,
            _ => false,
        };
        if (!isDefault)
        {
            json.WritePropertyName(field.Name);
            WriteValue(json, field, value!);
        }
    }

    private static void WriteValue(Utf8JsonWriter json, FieldDescriptor field, object value)
    {
        switch (value)
        {
            case IMessage message:
                WriteMessage(json, message);
                break;
            case ByteString bytes:
                json.WriteBase64StringValue(bytes.Span);
                break;
            case string text:
                json.WriteStringValue(text);
                break;
            case bool flag:
                json.WriteBooleanValue(flag);
                break;
            case long number:
                json.WriteStringValue(number.ToString(CultureInfo.InvariantCulture));
                break;
            case ulong number:
                json.WriteStringValue(number.ToString(CultureInfo.InvariantCulture));
                break;
            case uint number:
                json.WriteNumberValue(number);
                break;
            case Enum member:
                WriteEnum(json, field.EnumType, Convert.ToInt32(member, CultureInfo.InvariantCulture));
                break;
            default:
                Check.Unreachable<int>(value);
                break;
        }
    }

    private static void WriteEnum(Utf8JsonWriter json, EnumDescriptor form, int number)
    {
        if (form.FindValueByNumber(number) is { } known)
        {
            json.WriteStringValue(known.Name);
        }
        else
        {
            json.WriteNumberValue(number);
        }
    }
}
