using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace RaftKv.Deploy.Tests.Helm;

/// <summary>What stands in the braces: commands in a pipeline, each with words; the result of one is the last word of the next.</summary>
internal sealed partial class TemplateExpression
{
    private readonly List<List<object>> _commands;

    private TemplateExpression(List<List<object>> commands) => _commands = commands;

    public static TemplateExpression Parse(string code)
    {
        var words = new Queue<string>(Word().Matches(code).Select(static match => match.Value));
        TemplateExpression parsed = Parse(words);
        string read = string.Concat(Word().Matches(code).Select(static match => match.Value));
        bool isWhole = read == Blank().Replace(code, static match => match.Groups["text"].Value);
        return words.Count == 0 && isWhole ? parsed : throw new FormatException($"{{{{ {code} }}}} is not understood.");
    }

    public JsonNode? Evaluate(TemplateScope scope)
    {
        JsonNode? value = null;
        for (int i = 0; i < _commands.Count; i++)
        {
            List<object> words = _commands[i];
            if (words[0] is string name && Name().IsMatch(name))
            {
                List<JsonNode?> arguments = [.. words.Skip(1).Select(word => ValueOf(word, scope))];
                if (i > 0)
                {
                    arguments.Add(value);
                }

                value = scope.Functions.Call(name, arguments);
            }
            else if (words.Count == 1 && i == 0)
            {
                value = ValueOf(words[0], scope);
            }
            else
            {
                throw new FormatException($"{words[0]} is no function.");
            }
        }

        return value;
    }

    private static TemplateExpression Parse(Queue<string> words)
    {
        List<List<object>> commands = [[]];
        while (words.TryPeek(out string? word) && word != ")")
        {
            words.Dequeue();
            if (word == "|")
            {
                commands.Add([]);
            }
            else if (word == "(")
            {
                commands[^1].Add(Parse(words));
                if (!words.TryDequeue(out string? end) || end != ")")
                {
                    throw new FormatException("A parenthesis is not closed.");
                }
            }
            else
            {
                commands[^1].Add(word);
            }
        }

        return commands.TrueForAll(static one => one.Count > 0)
            ? new TemplateExpression(commands) : throw new FormatException("A command is empty.");
    }

    private static JsonNode? ValueOf(object word, TemplateScope scope)
    {
        if (word is TemplateExpression inner)
        {
            return inner.Evaluate(scope);
        }

        string text = (string)word;
        return text[0] switch
        {
            '"' => JsonValue.Create(text[1..^1]),
            '.' => Walk(scope.Dot, text[1..]),
            '$' => text.Split('.', 2) is [var name, var path]
                ? Walk(name == "$" ? scope.Root : scope.Variable(name[1..]), path)
                : text == "$" ? scope.Root : scope.Variable(text[1..]),
            _ when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) => JsonValue.Create(number),
            _ when text is "true" or "false" => JsonValue.Create(text == "true"),
            _ => throw new FormatException($"{text} is not understood."),
        };
    }

    // A member that is missing is nothing, as in Helm; a member of what has none is a mistake.
    private static JsonNode? Walk(JsonNode? from, string path)
    {
        foreach (string name in path.Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            from = from is JsonObject map
                ? map[name] : throw new FormatException($"There is no .{name} in {from?.ToJsonString() ?? "nothing"}.");
        }

        return from;
    }

    [GeneratedRegex("""
        "[^"]*"|[()|]|[$.\w]+
        """)]
    private static partial Regex Word();

    // White space, but not in quotes.
    [GeneratedRegex("""
        (?<text>"[^"]*")|\s+
        """)]
    private static partial Regex Blank();

    [GeneratedRegex(@"^[a-zA-Z]\w*$")]
    private static partial Regex Name();
}
