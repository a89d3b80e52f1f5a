using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace RaftKv.Deploy.Tests.Helm;

/// <summary>Helm's functions that the chart calls.</summary>
internal sealed class TemplateFunctions(Func<string, JsonNode?, string> include)
{
    /// <summary>Calls one.</summary>
    /// <exception cref="ChartRefusedException">The chart itself says no.</exception>
    public JsonNode? Call(string name, List<JsonNode?> words) => name switch
    {
        "include" => include(Text(words[0]), words[1]),
        "quote" => JsonSerializer.Serialize(GoTemplate.Show(words[0])),
        "printf" => Printf(Text(words[0]), words[1..]),
        "trunc" => Text(words[1]) is var text && text.Length > Number(words[0]) ? text[..Number(words[0])] : text,
        "trimSuffix" => Text(words[1]) is var text && text.EndsWith(Text(words[0]), StringComparison.Ordinal)
            ? text[..^Text(words[0]).Length] : text,
        "default" => TemplateScope.IsTrue(words[1]) ? words[1] : words[0],
        // JSON is YAML.
        "toYaml" => words[0]?.ToJsonString() ?? "null",
        "nindent" => "\n" + Indent(Number(words[0]), Text(words[1])),
        "int" => Number(words[0]),
        "until" => new JsonArray([.. Enumerable.Range(0, Number(words[0])).Select(static i => (JsonNode)i)]),
        "eq" => JsonNode.DeepEquals(words[0], words[1]),
        "not" => !TemplateScope.IsTrue(words[0]),
        "and" => words.TrueForAll(TemplateScope.IsTrue),
        "fail" => throw new ChartRefusedException(Text(words[0])),
        _ => throw new FormatException($"The function {name} is not known."),
    };

    private static string Text(JsonNode? value) =>
        value is JsonValue one && one.TryGetValue(out string? text)
            ? text : throw new FormatException($"{value?.ToJsonString() ?? "nothing"} is no text.");

    private static int Number(JsonNode? value) => int.Parse(GoTemplate.Show(value), NumberStyles.None, CultureInfo.InvariantCulture);

    private static string Printf(string format, List<JsonNode?> values)
    {
        int at = 0;
        return Regex.Replace(format, "%s", _ => Text(values[at++]));
    }

    private static string Indent(int width, string text) =>
        string.Join('\n', text.Split('\n').Select(line => new string(' ', width) + line));
}

/// <summary>The chart's own refusal of its values.</summary>
internal sealed class ChartRefusedException(string message) : Exception(message);
