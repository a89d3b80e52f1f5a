using System.ComponentModel;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using RaftKv.Contract;
using RaftKv.Contract.Bodies;

namespace RaftKv.Doors.OpenApi.Model;

/// <summary>
/// The shapes of bodies, as JSON Schema, read from the contract's records: their types, what they say of themselves,
/// and which members may be absent.
/// </summary>
internal static class ApiSchemas
{
    private const string Type = "type";

    private static readonly NullabilityInfoContext _nullability = new();

    /// <summary>All component schemas by name.</summary>
    public static IReadOnlyDictionary<string, JsonObject> All { get; } = Build();

    /// <summary>The schema of a record, with references to those that have a name of their own.</summary>
    public static JsonObject Of(Type record)
    {
        var properties = new JsonObject();
        var required = new JsonArray();
        foreach (PropertyInfo property in record.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            string name = JsonNamingPolicy.CamelCase.ConvertName(property.Name);
            bool canBeNull = _nullability.Create(property).ReadState == NullabilityState.Nullable;
            bool isAlwaysWritten = property.GetCustomAttribute<JsonIgnoreAttribute>() is { Condition: JsonIgnoreCondition.Never };
            properties[name] = Member(property, isAlwaysWritten || property.IsDefined(typeof(MayBeNullAttribute)));
            if (!canBeNull || isAlwaysWritten || property.IsDefined(typeof(PresentAttribute)))
            {
                required.Add(name);
            }
        }

        var schema = new JsonObject { [Type] = "object", ["description"] = SchemaOf(record).Description };
        if (required.Count > 0)
        {
            schema["required"] = required;
        }

        schema["properties"] = properties;
        return schema;
    }

    private static Dictionary<string, JsonObject> Build() => typeof(SchemaAttribute).Assembly.GetExportedTypes()
        .Select(static type => (Type: type, type.GetCustomAttribute<SchemaAttribute>()?.Name))
        .Where(static type => !string.IsNullOrEmpty(type.Name))
        .OrderBy(static type => type.Name, StringComparer.Ordinal)
        .ToDictionary(static type => type.Name!, static type => Of(type.Type));

    private static SchemaAttribute SchemaOf(Type record) =>
        record.GetCustomAttribute<SchemaAttribute>() ?? throw new InvalidOperationException($"{record} says no schema of itself.");

    private static JsonObject Member(PropertyInfo property, bool mayBeNull)
    {
        JsonObject schema = OfType(property.PropertyType, property);
        if (property.GetCustomAttribute<DescriptionAttribute>() is { } said)
        {
            schema["description"] = said.Description;
        }

        return mayBeNull ? Nullable(schema) : schema;
    }

    private static JsonObject OfType(Type type, PropertyInfo property)
    {
        type = System.Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string))
        {
            return Text(property);
        }

        if (type == typeof(JsonElement))
        {
            return property.GetCustomAttribute<JsonTypesAttribute>()?.Types switch
            {
                null => [],
                ["integer"] => Number(),
                var types => new JsonObject { [Type] = Array(types) },
            };
        }

        return type == typeof(bool) ? new JsonObject { [Type] = "boolean" }
            : type == typeof(double) ? new JsonObject { [Type] = "number" }
            : IsWhole(type) ? Number()
            : type.IsGenericType ? OfMany(type, property)
            : SchemaOf(type) is { Name.Length: > 0 } named ? new JsonObject { ["$ref"] = "#/components/schemas/" + named.Name }
            : Of(type);
    }

    private static JsonObject Text(PropertyInfo property)
    {
        IReadOnlyList<string>? words = property.GetCustomAttribute<WordsAttribute>()?.Words
            ?? (property.IsDefined(typeof(LevelNameAttribute)) ? ReadLevelNames.Every : null);
        var schema = new JsonObject { [Type] = "string" };
        if (words is not null)
        {
            schema["enum"] = Array(words);
        }

        return schema;
    }

    private static JsonObject OfMany(Type type, PropertyInfo property)
    {
        Type item = type.GetGenericArguments()[^1];
        string? description = property.GetCustomAttribute<ItemAttribute>()?.Description;
        JsonObject one = item == typeof(string) ? new JsonObject { [Type] = "string" } : IsWhole(item) ? Number() : OfType(item, property);
        if (description is not null)
        {
            one["description"] = description;
        }

        if (type.GetGenericTypeDefinition() != typeof(IReadOnlyDictionary<,>))
        {
            return new JsonObject { [Type] = "array", ["items"] = one };
        }

        return description is null
            ? new JsonObject { [Type] = "object" }
            : new JsonObject { [Type] = "object", ["additionalProperties"] = one };
    }

    private static JsonObject Nullable(JsonObject schema)
    {
        if (schema.ContainsKey("$ref"))
        {
            return new JsonObject { ["oneOf"] = new JsonArray(schema, new JsonObject { [Type] = "null" }) };
        }

        schema[Type] = new JsonArray(schema[Type]!.DeepClone(), "null");
        return schema;
    }

    private static bool IsWhole(Type type) => type == typeof(long) || type == typeof(int);

    private static JsonObject Number() => new() { [Type] = "integer", ["format"] = "int64" };

    private static JsonArray Array(IReadOnlyList<string> words) => new([.. words.Select(static word => (JsonNode)word)]);
}
