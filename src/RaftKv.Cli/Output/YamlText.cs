using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace RaftKv.Cli.Output;

/// <summary>JSON as YAML 1.2, in blocks. What is not plainly a word is quoted as JSON quotes it, which YAML reads alike.</summary>
internal static partial class YamlText
{
    /// <summary>A document, with a line's end.</summary>
    public static string Of(JsonNode? node)
    {
        var text = new StringBuilder();
        if (node is JsonObject { Count: > 0 } or JsonArray { Count: > 0 })
        {
            Block(text, node, indent: 0);
        }
        else
        {
            text.Append(Scalar(node)).Append('\n');
        }

        return text.ToString();
    }

    private static void Block(StringBuilder text, JsonNode node, int indent)
    {
        if (node is JsonObject map)
        {
            foreach ((string name, JsonNode? value) in map)
            {
                text.Append(' ', indent).Append(Text(name)).Append(':');
                Nested(text, value, indent + (value is JsonArray ? 0 : 2));
            }

            return;
        }

        foreach (JsonNode? item in node.AsArray())
        {
            text.Append(' ', indent).Append('-');
            if (item is JsonObject { Count: > 0 })
            {
                // The first name stands beside the dash.
                var inner = new StringBuilder();
                Block(inner, item, indent + 2);
                text.Append(' ').Append(inner.ToString().TrimStart(' '));
            }
            else
            {
                Nested(text, item, indent + 2);
            }
        }
    }

    private static void Nested(StringBuilder text, JsonNode? value, int indent)
    {
        if (value is JsonObject { Count: > 0 } or JsonArray { Count: > 0 })
        {
            text.Append('\n');
            Block(text, value, indent);
        }
        else
        {
            text.Append(' ').Append(Scalar(value)).Append('\n');
        }
    }

    private static string Scalar(JsonNode? value) => value switch
    {
        null => "null",
        JsonObject => "{}",
        JsonArray => "[]",
        _ when value.GetValueKind() == JsonValueKind.String => Text(value.GetValue<string>()),
        _ => value.ToJsonString(),
    };

    private static string Text(string text) =>
        Word().IsMatch(text) && !Special().IsMatch(text) ? text : JsonSerializer.Serialize(text);

    [GeneratedRegex(@"^[A-Za-z_/][\w./-]*( [\w./-]+)*$")]
    private static partial Regex Word();

    // What a reader would take for another type.
    [GeneratedRegex(@"^(true|false|null|yes|no|on|off|y|n)$", RegexOptions.IgnoreCase)]
    private static partial Regex Special();
}
