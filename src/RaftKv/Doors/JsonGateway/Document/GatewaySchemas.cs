using System.Text.Json.Nodes;
using Google.Protobuf.Reflection;

namespace RaftKv.Doors.JsonGateway.Document;

/// <summary>JSON Schemas of protobuf messages in proto3's JSON form, gathered as they are referred to.</summary>
internal sealed class GatewaySchemas
{
    private readonly SortedDictionary<string, JsonNode?> _schemas = new(StringComparer.Ordinal);

    /// <summary>All that were referred to, by name.</summary>
    public JsonObject ToJson() => new(_schemas);

    /// <summary>A reference to a message; the message and all it has become part of the document.</summary>
    public JsonObject Refer(MessageDescriptor message)
    {
        // Noted before its fields are looked at: a txn holds txns.
        if (_schemas.TryAdd(message.FullName, null))
        {
            _schemas[message.FullName] = Describe(message);
        }

        return Reference(message.FullName);
    }

    /// <summary>Adds a schema that is no message.</summary>
    public JsonObject Add(string name, JsonObject schema)
    {
        _schemas[name] = schema;
        return Reference(name);
    }

    private static JsonObject Reference(string name) => new() { ["$ref"] = "#/components/schemas/" + name };

    private JsonObject Describe(MessageDescriptor message)
    {
        var properties = new JsonObject();
        foreach (FieldDescriptor field in message.Fields.InDeclarationOrder())
        {
            JsonObject schema = DescribeValue(field);
            properties[field.Name] = field.IsRepeated ? new JsonObject { ["type"] = "array", ["items"] = schema } : schema;
        }

        var described = new JsonObject { ["type"] = "object", ["properties"] = properties };
        IEnumerable<string> choices = message.Oneofs.Select(static choice => string.Join(", ", choice.Fields.Select(static f => f.Name)));
        if (message.Oneofs.Count > 0)
        {
            described["description"] = $"At most one of: {string.Join("; one of: ", choices)}.";
        }

        return described;
    }

    private JsonObject DescribeValue(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.Message => Refer(field.MessageType),
        FieldType.Enum => new JsonObject
        {
            ["type"] = "string",
            ["enum"] = new JsonArray([.. field.EnumType.Values.Select(static value => (JsonNode)value.Name)]),
        },
        FieldType.Bool => new JsonObject { ["type"] = "boolean" },
        FieldType.Bytes => new JsonObject { ["type"] = "string", ["contentEncoding"] = "base64" },
        FieldType.String => new JsonObject { ["type"] = "string" },
        FieldType.Int64 => new JsonObject { ["type"] = "string", ["format"] = "int64" },
        FieldType.UInt64 => new JsonObject { ["type"] = "string", ["format"] = "uint64" },
        FieldType.UInt32 => new JsonObject { ["type"] = "integer", ["format"] = "uint32" },
        _ => Core.Check.Unreachable<JsonObject>(field.FieldType),
    };
}
