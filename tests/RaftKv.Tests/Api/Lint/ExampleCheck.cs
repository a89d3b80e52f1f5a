using System.Text.Json;
using System.Text.Json.Nodes;

namespace RaftKv.Tests.Api.Lint;

/// <summary>
/// Whether a value is what a schema says: so much of JSON Schema as the API documents use. What is not described is allowed, as in
/// JSON Schema.
/// </summary>
/// <param name="find">The target of a reference.</param>
internal sealed class ExampleCheck(Func<string, JsonNode?> find)
{
    /// <summary>What differs, one sentence each.</summary>
    public IEnumerable<string> Problems(JsonNode? value, JsonNode schema, string where)
    {
        JsonNode described = schema["$ref"] is JsonValue reference ? find(reference.GetValue<string>())! : schema;
        if (described["oneOf"] is JsonArray choices)
        {
            int fitting = choices.Count(choice => !Problems(value, choice!, where).Any());
            if (fitting != 1)
            {
                yield return $"{where} fits {fitting} of {choices.Count} alternatives";
            }
        }

        if (!HasType(value, described))
        {
            yield return $"{where} is {Text(value)}, and its type {described["type"]?.ToJsonString()}";
            yield break;
        }

        if (described["enum"] is JsonArray words && !words.Any(word => JsonNode.DeepEquals(word, value)))
        {
            yield return $"{where} is {Text(value)}, which is none of {words.ToJsonString()}";
        }

        IEnumerable<string> inner = value switch
        {
            JsonObject one => Members(one, described, where),
            JsonArray many when described["items"] is { } item => many.SelectMany((child, i) => Problems(child, item, $"{where}[{i}]")),
            _ => [],
        };
        foreach (string problem in inner)
        {
            yield return problem;
        }
    }

    /// <summary>Whether it has the type, or one of the types, that a schema names; any when it names none.</summary>
    public static bool HasType(JsonNode? value, JsonNode schema) => schema["type"] switch
    {
        null => true,
        JsonArray types => types.Any(type => IsA(value, type!.GetValue<string>())),
        JsonNode type => IsA(value, type.GetValue<string>()),
    };

    private IEnumerable<string> Members(JsonObject value, JsonNode schema, string where)
    {
        foreach (JsonNode? name in schema["required"]?.AsArray() ?? [])
        {
            if (!value.ContainsKey(name!.GetValue<string>()))
            {
                yield return $"{where} lacks {name}";
            }
        }

        foreach ((string name, JsonNode? child) in value)
        {
            JsonNode? member = schema["properties"]?[name];
            if (member is null && schema["properties"] is not null)
            {
                yield return $"{where} has an undescribed {name}";
                continue;
            }

            IEnumerable<string> inner = (member ?? schema["additionalProperties"]) is JsonObject known
                ? Problems(child, known, $"{where}.{name}") : [];
            foreach (string problem in inner)
            {
                yield return problem;
            }
        }
    }

    private static bool IsA(JsonNode? value, string type) => type switch
    {
        "null" => value is null,
        "object" => value is JsonObject,
        "array" => value is JsonArray,
        "string" => value?.GetValueKind() == JsonValueKind.String,
        "boolean" => value?.GetValueKind() is JsonValueKind.True or JsonValueKind.False,
        "integer" => value?.GetValueKind() == JsonValueKind.Number && !value.ToJsonString().Contains('.', StringComparison.Ordinal),
        "number" => value?.GetValueKind() == JsonValueKind.Number,
        _ => false,
    };

    private static string Text(JsonNode? value) => value?.ToJsonString() ?? "null";
}
