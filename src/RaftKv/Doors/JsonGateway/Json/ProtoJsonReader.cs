using System.Collections;
using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using RaftKv.Core;

namespace RaftKv.Doors.JsonGateway.Json;

/// <summary>
/// Makes a message of JSON as etcd's gateway does: names as in the .proto file or in camel case, numbers as numbers or
/// in strings, enumerations by name or number, bytes in base64, unknown members ignored.
/// </summary>
internal static class ProtoJsonReader
{
    /// <summary>Reads one message from a body; an empty body is an empty message.</summary>
    /// <exception cref="GoJsonException">The body is no such message.</exception>
    public static IMessage Read(MessageDescriptor form, ReadOnlySpan<byte> json)
    {
        IMessage message = form.Parser.ParseFrom(ByteString.Empty);
        if (new GoJsonParser(json).ParseFirst() is { } value)
        {
            Fill(message, value);
        }

        return message;
    }

    private static void Fill(IMessage message, GoJsonValue value)
    {
        if (value.Kind == GoJsonKind.Null)
        {
            return;
        }

        if (value.Kind != GoJsonKind.Object)
        {
            throw Mismatch(value, "map[string]json.RawMessage");
        }

        foreach (FieldDescriptor field in message.Descriptor.Fields.InDeclarationOrder())
        {
            bool isGiven = value.Members.TryGetValue(field.Name, out GoJsonValue? member)
                || value.Members.TryGetValue(field.JsonName, out member);
            if (isGiven && member!.Kind != GoJsonKind.Null)
            {
                Set(message, field, member);
            }
        }
    }

    private static void Set(IMessage message, FieldDescriptor field, GoJsonValue value)
    {
        if (!field.IsRepeated)
        {
            field.Accessor.SetValue(message, ReadOne(field, value));
            return;
        }

        if (value.Kind != GoJsonKind.Array)
        {
            throw Mismatch(value, "[]json.RawMessage");
        }

        var list = (IList)field.Accessor.GetValue(message);
        foreach (GoJsonValue item in value.Items)
        {
            list.Add(ReadOne(field, item));
        }
    }

    private static object ReadOne(FieldDescriptor field, GoJsonValue value)
    {
        switch (field.FieldType)
        {
            case FieldType.Message:
                IMessage nested = field.MessageType.Parser.ParseFrom(ByteString.Empty);
                Fill(nested, value);
                return nested;
            case FieldType.Bytes:
                return value.Kind == GoJsonKind.String
                    ? UnsafeByteOperations.UnsafeWrap(GoBase64.Decode(value.Text))
                    : throw Mismatch(value, "[]uint8");
            case FieldType.String:
                return value.Kind == GoJsonKind.String ? value.Text : throw Mismatch(value, "string");
            case FieldType.Bool:
                return value.Kind switch
                {
                    GoJsonKind.True => true,
                    GoJsonKind.False => false,
                    _ => throw Mismatch(value, "bool"),
                };
            case FieldType.Int64:
                return long.TryParse(NumberText(value, "int64"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture,
                    out long signed)
                    ? signed
                    : throw BadNumber(value, "int64");
            case FieldType.UInt64:
                return ulong.TryParse(NumberText(value, "uint64"), NumberStyles.None, CultureInfo.InvariantCulture, out ulong unsigned)
                    ? unsigned
                    : throw BadNumber(value, "uint64");
            case FieldType.UInt32:
                return uint.TryParse(NumberText(value, "uint32"), NumberStyles.None, CultureInfo.InvariantCulture, out uint small)
                    ? small
                    : throw BadNumber(value, "uint32");
            case FieldType.Enum:
                return ReadEnum(field.EnumType, value);
            default:
                return Check.Unreachable<object>(field.FieldType);
        }
    }

    private static object ReadEnum(EnumDescriptor form, GoJsonValue value)
    {
        if (value.Kind == GoJsonKind.String)
        {
            return form.FindValueByName(value.Text)?.Number
                ?? throw new GoJsonException($"unknown value \"{value.Text}\" for enum {GoTypeName(form)}");
        }

        return int.TryParse(NumberText(value, "int32"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw BadNumber(value, "int32");
    }

    // Go takes the quotes off a string where a number belongs, and parses what is left.
    private static string NumberText(GoJsonValue value, string goType)
    {
        if (value.Kind == GoJsonKind.Number)
        {
            return value.Text;
        }

        if (value.Kind != GoJsonKind.String)
        {
            throw Mismatch(value, goType);
        }

        if (value.Text.Length == 0)
        {
            throw new GoJsonException("unexpected end of JSON input");
        }

        byte[] text = System.Text.Encoding.UTF8.GetBytes(value.Text);
        GoJsonValue inner = new GoJsonParser(text).ParseOnly() ?? throw new GoJsonException("unexpected end of JSON input");
        return inner.Kind == GoJsonKind.Number ? inner.Text : throw Mismatch(inner, goType);
    }

    private static GoJsonException BadNumber(GoJsonValue value, string goType) =>
        new($"json: cannot unmarshal number {value.Text} into Go value of type {goType}");

    private static GoJsonException Mismatch(GoJsonValue value, string goType) =>
        new($"json: cannot unmarshal {value.GoName} into Go value of type {goType}");

    private static string GoTypeName(EnumDescriptor form)
    {
        string name = form.Name;
        for (MessageDescriptor? outer = form.ContainingType; outer is not null; outer = outer.ContainingType)
        {
            name = outer.Name + "_" + name;
        }

        return form.File.Package + "." + name;
    }
}
